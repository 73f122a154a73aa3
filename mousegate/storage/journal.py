"""The journal with structured fields, so that journald forwarding carries decisions to any SIEM.

Messages and fields are documented in docs/journal.md, and in systemd/mousegate.catalog for `journalctl -x`.
Source: "Native Journal Protocol" (systemd.io/JOURNAL_NATIVE_PROTOCOL). Standard library only.
"""

import logging
import socket
from enum import StrEnum
from pathlib import Path
from typing import Final

_LOG = logging.getLogger(__name__)
SOCKET: Final = Path("/run/systemd/journal/socket")
_WARNING, _NOTICE = "4", "5"


class Message(StrEnum):
    """MESSAGE_IDs; each stands for one kind of message for ever."""

    ANOMALY = "6f1d5f0c2a4b4b0f9a3e0f6d1c7a8e21"
    ANSWER = "b7c3c1f2d95e4a0c8d2b6f4e0a9d7c35"
    DECISION = "0c9b2f9b5f9d4f0a8a4a5d3b6c1e7f42"
    LOCKED = "3a8e61d07c254d1e9b0f4c72a5d6e813"
    UNLOCKED = "d41f7ab2936c4e58a07d1b85c3f2960e"
    PAUSED = "58c0e3a917f24b6d8e21f09ad47b3c65"
    RESUMED = "92b75d1e40a84cf3b6d90e27f8c1a354"
    STARTED = "e1604f8b2dc7495a93b81a6c07de52f4"
    STOPPED = "7d25a90ce3164f8ea1bc640d98f73b12"
    FACT = "c58e0b473a9d4216b7f5e02d61a94c8f"


ALARMING: Final = frozenset({Message.ANOMALY, Message.ANSWER})
"""Messages of priority `warning`; the others are `notice`."""


def write(
    message_id: Message, message: str, path: Path = SOCKET, *, alarming: bool = False, **fields: str
) -> None:
    """Log a message; its fields get the prefix MOUSEGATE_. Where no journald runs it goes to the plain log.

    alarming: raises the priority to `warning`. Never raises, never waits.
    """
    alarming = alarming or message_id in ALARMING
    facts = {
        "MESSAGE": message,
        "MESSAGE_ID": str(message_id),
        "PRIORITY": _WARNING if alarming else _NOTICE,
        "SYSLOG_IDENTIFIER": "mousegate",
    }
    facts |= {f"MOUSEGATE_{name}": value for name, value in fields.items()}
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.setblocking(False)
            journal.sendto(datagram(facts), str(path))
    except OSError:
        words = " ".join(f"{name}={value}" for name, value in fields.items())
        _LOG.log(logging.WARNING if alarming else logging.INFO, "%s %s", message, words)


def datagram(facts: dict[str, str]) -> bytes:
    """Return one entry in the native protocol; values that hold a newline are sent with their length."""
    parts = []
    for name, value in facts.items():
        raw = value.encode(errors="replace")
        if b"\n" in raw:
            parts.append(name.encode() + b"\n" + len(raw).to_bytes(8, "little") + raw + b"\n")
        else:
            parts.append(name.encode() + b"=" + raw + b"\n")
    return b"".join(parts)
