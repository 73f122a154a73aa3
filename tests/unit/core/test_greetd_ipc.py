"""The greetd vocabulary: framing that survives any cut, and refuses anything else."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core import greetd_ipc
from mousegate.core.greetd_ipc import Decoder, Message
from mousegate.errors import ProtocolError

MESSAGES = st.one_of(
    st.builds(greetd_ipc.create_session, st.text()),
    st.builds(greetd_ipc.post_response, st.none() | st.text()),
    st.builds(greetd_ipc.auth_message, st.sampled_from(["secret", "visible", "info", "error"]), st.text()),
    st.builds(greetd_ipc.error, st.sampled_from(["auth_error", "error"]), st.text()),
    st.just(greetd_ipc.success()),
    st.just(greetd_ipc.cancel_session()),
)


def frame(payload: bytes) -> bytes:
    """Return a payload with its length before it."""
    return struct.pack("=I", len(payload)) + payload


@given(st.lists(MESSAGES, max_size=5), st.data())
def test_messages_survive_any_cut(messages: list[Message], data: st.DataObject) -> None:
    """However a socket cuts the stream, the same messages come out in order."""
    stream = b"".join(greetd_ipc.encode(message) for message in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    decoder = Decoder()
    received = []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        received += decoder.feed(stream[start:stop])
    assert received == messages


@given(st.binary(max_size=300))
def test_rubbish_is_refused_or_waited_for(raw: bytes) -> None:
    """Any bytes give messages with a type, nothing yet, or a ProtocolError."""
    try:
        messages = Decoder().feed(raw)
    except ProtocolError:
        return
    assert all(isinstance(message["type"], str) for message in messages)


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"[]", b'"success"', b"null", b"{}", b'{"type": 1}', b"\xff\xfe", b"[" * 30000, b"1" * 5000],
)
def test_what_is_no_message_is_refused(payload: bytes) -> None:
    """Broken JSON, JSON that is no object, an object without a type, and depth without end."""
    with pytest.raises(ProtocolError):
        Decoder().feed(frame(payload))


def test_a_long_announcement_is_refused_at_once() -> None:
    """A peer cannot make us wait for, or store, more than the limit."""
    with pytest.raises(ProtocolError, match="too large"):
        Decoder().feed(struct.pack("=I", greetd_ipc.MAX_MESSAGE + 1))


def test_a_message_that_is_too_large_is_not_sent() -> None:
    """A megabyte of password is refused by the sender itself."""
    with pytest.raises(ProtocolError, match="too large"):
        greetd_ipc.encode(greetd_ipc.post_response("x" * 1_000_000))


def test_the_framing_is_greetd_s() -> None:
    """Four bytes of length in native order, then JSON (greetd-ipc(7))."""
    raw = greetd_ipc.encode(greetd_ipc.create_session("ada"))
    assert struct.unpack("=I", raw[:4])[0] == len(raw) - 4
    assert json.loads(raw[4:]) == {"type": "create_session", "username": "ada"}


def test_passed_messages_leave_nothing_in_the_buffer() -> None:
    """What has been handed on is not kept: it may have been a password."""
    decoder = Decoder()
    buffer = decoder._buffer
    decoder.feed(greetd_ipc.encode(greetd_ipc.post_response("hunter2")))
    assert buffer == b""
