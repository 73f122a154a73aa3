"""The children's lines: two are messages, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.errors import ProtocolError
from mousegate.lock.messages import LINE_LIMIT_BYTES, Alive, GreeterWindow, MessageReader, parse_line

MESSAGES = st.one_of(st.just(Alive()), st.builds(GreeterWindow, st.integers(1, (1 << 29) - 1)))


def line_of(message: Alive | GreeterWindow) -> bytes:
    """Return the message as a child writes it."""
    return b"alive\n" if isinstance(message, Alive) else b"window %d\n" % message.window_id


@given(st.lists(MESSAGES), st.data())
def test_messages_survive_any_cutting(messages: list[Alive | GreeterWindow], data: st.DataObject) -> None:
    """However a pipe cuts the stream into pieces, the same messages come out."""
    stream = b"".join(line_of(message) for message in messages)
    reader, read = MessageReader(), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        read += reader.feed(stream[:size])
        stream = stream[size:]
    assert read == messages


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_or_awaited(untrusted: bytes) -> None:
    """Arbitrary bytes never raise anything but ProtocolError, and never become another kind of message."""
    try:
        messages = MessageReader().feed(untrusted)
    except ProtocolError:
        return
    assert all(isinstance(message, Alive | GreeterWindow) for message in messages)
    assert b"".join(map(line_of, messages)) + untrusted.split(b"\n")[-1] == untrusted


@pytest.mark.parametrize(
    "line",
    [
        *(
            b"",
            b"Alive",
            b"alive ",
            b" alive",
            b"alive\r",
            b"window",
            b"window 0",
            b"window 01",
            b"window -1",
        ),
        *(b"window 1 2", b"window 536870912", "window \u0661".encode(), b"unlock", b"success", b"\0"),
    ],
)
def test_near_misses_are_refused(line: bytes) -> None:
    """What only resembles a message is none."""
    with pytest.raises(ProtocolError):
        parse_line(line)


def test_endless_line_is_refused_at_its_limit() -> None:
    """A line that does not end is refused as soon as it is too long, not stored."""
    reader = MessageReader()
    assert reader.feed(b"x" * (LINE_LIMIT_BYTES - 1)) == []
    with pytest.raises(ProtocolError, match="longer"):
        reader.feed(b"x")
