"""The journal with structured fields, so that journald forwarding carries decisions to any SIEM.

Source: "Native Journal Protocol" (systemd.io/JOURNAL_NATIVE_PROTOCOL). Find them with
`journalctl --user MESSAGE_ID=…`; the fields are MOUSEGATE_TRUST, MOUSEGATE_SINCE and MOUSEGATE_ANSWER.
"""

import logging
import socket
from pathlib import Path
from typing import Final

_LOG = logging.getLogger(__name__)
SOCKET: Final = Path("/run/systemd/journal/socket")
ANOMALY_MESSAGE_ID: Final = "6f1d5f0c2a4b4b0f9a3e0f6d1c7a8e21"
ANSWER_MESSAGE_ID: Final = "b7c3c1f2d95e4a0c8d2b6f4e0a9d7c35"
_WARNING: Final = "4"


def write(message_id: str, message: str, path: Path = SOCKET, **fields: str) -> None:
    """Log a message; with its fields where journald runs, else as an ordinary warning."""
    facts = {
        "MESSAGE": message,
        "MESSAGE_ID": message_id,
        "PRIORITY": _WARNING,
        "SYSLOG_IDENTIFIER": "mousegate",
    }
    facts |= {f"MOUSEGATE_{name}": value for name, value in fields.items()}
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.setblocking(False)
            journal.sendto(datagram(facts), str(path))
    except OSError:
        _LOG.warning("%s %s", message, " ".join(f"{name}={value}" for name, value in fields.items()))


def datagram(facts: dict[str, str]) -> bytes:
    """Return one entry in the native protocol; values that hold a newline are sent with their length."""
    parts = []
    for name, value in facts.items():
        raw = value.encode()
        if b"\n" in raw:
            parts.append(name.encode() + b"\n" + len(raw).to_bytes(8, "little") + raw + b"\n")
        else:
            parts.append(name.encode() + b"=" + raw + b"\n")
    return b"".join(parts)
