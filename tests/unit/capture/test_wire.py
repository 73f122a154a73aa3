"""Bytes from an X server are cut into packets wherever they are split."""

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.capture.recordwire import Replies
from mousegate.capture.wire import Packets
from mousegate.errors import ProtocolError

EVENT = struct.pack("=BBHIIIIhhhhHBx", 6, 0, 0, 77, 1, 1, 0, 5, 6, 5, 6, 0, 1)


def reply(category: int, payload: bytes) -> bytes:
    """One reply of EnableContext."""
    return struct.pack("=BBHIB23x", 1, category, 0, len(payload) // 4, 0) + payload


STREAM = reply(4, b"") + reply(0, 3 * EVENT) + EVENT + reply(1, bytes(8192)) + reply(0, EVENT) + reply(5, b"")


@given(st.lists(st.integers(0, len(STREAM)), max_size=20))
def test_packets_do_not_depend_on_how_bytes_arrive(cuts: list[int]) -> None:
    """Events, marks, start and end come out the same however the stream is cut."""
    replies, events = Replies(), b""
    places = [0, *sorted(cuts), len(STREAM)]
    for start, end in itertools.pairwise(places):
        events += replies.feed(STREAM[start:end])
    assert events == 4 * EVENT
    assert (replies.started, replies.ended, replies.marks) == (True, True, 1)


@given(st.binary(max_size=400))
def test_rubbish_is_refused_or_awaits_more(untrusted: bytes) -> None:
    """Whatever the bytes, nothing but ProtocolError comes of them."""
    try:
        Replies().feed(untrusted)
    except ProtocolError:
        return


def test_an_absurd_length_is_refused() -> None:
    """A packet that claims gigabytes is not awaited."""
    with pytest.raises(ProtocolError, match="absurd"):
        list(Packets().feed(struct.pack("=BBHI24x", 1, 0, 0, 1 << 30)))


def test_an_error_of_the_server_is_reported() -> None:
    """An X error in place of a reply ends the recording."""
    with pytest.raises(ProtocolError, match="error 9"):
        Replies().feed(struct.pack("=BBHI24x", 0, 9, 0, 0))


def test_half_an_event_is_refused() -> None:
    """A payload that is no whole number of events is never decoded."""
    with pytest.raises(ProtocolError, match="half"):
        Replies().feed(reply(0, EVENT[:16]))
