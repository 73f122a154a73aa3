"""Structured messages to the journal."""

import logging
import socket
from pathlib import Path

import pytest

from mousegate.daemon.journal import ANOMALY_MESSAGE_ID, datagram, write


def test_fields_reach_the_journal(tmp_path: Path) -> None:
    """One datagram with message, id, priority and our fields."""
    path = tmp_path / "socket"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(path))
        write(ANOMALY_MESSAGE_ID, "Somebody.", path, TRUST="0.400")
        lines = journal.recv(4096).decode().splitlines()
    assert {"MESSAGE=Somebody.", f"MESSAGE_ID={ANOMALY_MESSAGE_ID}", "MOUSEGATE_TRUST=0.400"} <= set(lines)


def test_newlines_cannot_forge_fields() -> None:
    """A value with a newline is sent with its length, as the protocol asks."""
    assert datagram({"A": "x\nB=y"}) == b"A\n" + (5).to_bytes(8, "little") + b"x\nB=y\n"


def test_without_journald_it_is_an_ordinary_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The facts are in the log all the same."""
    with caplog.at_level(logging.WARNING):
        write(ANOMALY_MESSAGE_ID, "Somebody.", tmp_path / "none", TRUST="0.400")
    assert "Somebody. TRUST=0.400" in caplog.text
