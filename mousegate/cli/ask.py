"""Asking the keeper that waits warm for a lock: the fast path of `mousegate lock`.

From the command to the first request a fresh Python is the larger part of the time, so this imports almost
nothing: `_socket` is what `socket` is made of, without the enumerations that take longer than the lock, and
`typing` alone would double the time.
"""

import _socket

from mousegate.storage.openable import lock_socket

_FIRST_WORD_S = 2.0
"""A waiting keeper answers within a millisecond; one that is stuck is not waited for."""
_LINE_BYTES = 16
_LAST_WORD_S = 15.0
"""Longer than a keeper waits for the grabs of other clients."""


def ask(*, checked: bool = False) -> int | None:
    """Ask for a lock; return 0 once the screen is locked, the exit status if it could not be, else None.

    None where nobody waits, or where first must be looked whether anything could open the lock again.
    checked: whether that has been looked at.
    """
    path = lock_socket()
    if path is None:
        return None
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        connection.settimeout(_FIRST_WORD_S)
        connection.connect(path)
        connection.send(b"lock checked\n" if checked else b"lock\n")
        if _line(connection) != b"locking":
            return None
        connection.settimeout(_LAST_WORD_S)
        untrusted = _line(connection)
    except OSError:
        return None
    finally:
        connection.close()
    if untrusted == b"locked":
        return 0
    return int(untrusted) if untrusted.isdigit() else None


def _line(connection: _socket.socket) -> bytes:
    """Return the next short line, without its end, or what came of it before the other side hung up."""
    line = b""
    while len(line) < _LINE_BYTES and (byte := connection.recv(1)) not in (b"", b"\n"):
        line += byte
    return line
