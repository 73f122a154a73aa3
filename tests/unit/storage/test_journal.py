"""Structured messages to the journal."""

import json
import logging
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import pytest

from mousegate.storage import journal
from mousegate.storage.decisions import LoggedDecision
from mousegate.storage.journal import Message, datagram, write
from mousegate.storage.store import Store
from tests.e2e.screen import WaitTimeoutError, wait_until

JOURNALD = Path("/lib/systemd/systemd-journald")
REFUSED = LoggedDecision(
    1.5, "lock", "non-match", False, True, False, -2.25, "replay", "me", "all", "fnmr3", 1.2
)


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """Be journald: a datagram socket at `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.bind(str(path))
        one.settimeout(20)
        yield one


def parsed(raw: bytes) -> dict[str, str]:
    """Return the fields of one datagram, by the protocol: NAME=value, or NAME, length and bytes."""
    facts = {}
    while raw:
        line, _, rest = raw.partition(b"\n")
        name, equals, value = line.partition(b"=")
        if not equals:
            size = int.from_bytes(rest[:8], "little")
            value, rest = rest[8 : 8 + size], rest[9 + size :]
        facts[name.decode()], raw = value.decode(), rest
    return facts


def test_fields_reach_the_journal(tmp_path: Path) -> None:
    """One datagram with message, id, priority and our fields."""
    with listening(tmp_path / "socket") as one:
        write(Message.ANOMALY, "Somebody.", tmp_path / "socket", TRUST="0.400", REASON="a\nMESSAGE=forged")
        facts = parsed(one.recv(4096))
    assert facts == {
        "MESSAGE": "Somebody.",
        "MESSAGE_ID": Message.ANOMALY,
        "PRIORITY": "4",
        "SYSLOG_IDENTIFIER": "mousegate",
        "MOUSEGATE_TRUST": "0.400",
        "MOUSEGATE_REASON": "a\nMESSAGE=forged",
    }


def test_newlines_cannot_forge_fields() -> None:
    """A value with a newline is sent with its length, as the protocol asks."""
    assert datagram({"A": "x\nB=y"}) == b"A\n" + (5).to_bytes(8, "little") + b"x\nB=y\n"


def test_without_journald_it_is_in_the_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The facts are in the log all the same."""
    with caplog.at_level(logging.WARNING):
        write(Message.ANOMALY, "Somebody.", tmp_path / "none", TRUST="0.400")
    assert "Somebody. TRUST=0.400" in caplog.text


def test_every_decision_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever writes a decision into the store tells the journal: factors, score, threshold and attack."""
    monkeypatch.setattr(journal.write, "__defaults__", (tmp_path / "socket",))
    with listening(tmp_path / "socket") as one, Store.create(tmp_path / "person") as store:
        store.decisions.append(REFUSED)
        facts = parsed(one.recv(4096))
    wanted = {"PRIORITY": "4", "MESSAGE_ID": Message.DECISION}
    wanted |= {
        f"MOUSEGATE_{name}": value
        for name, value in {
            "PLACE": "lock", "DECISION": "non-match", "ACCEPTED": "no", "PASSWORD": "yes", "RHYTHM": "no",
            "SCORE": "-2.25", "THRESHOLD": "1.20", "ATTACK": "replay", "REFERENCE": "me",
        }.items()
    }  # fmt: skip
    assert wanted.items() <= facts.items()


@pytest.mark.parametrize("where", ["page", "catalog"])
def test_every_message_is_documented(where: str) -> None:
    """Each MESSAGE_ID stands in the page for administrators and in the catalog for `journalctl -x`."""
    pages = {
        "page": Path(str(files("mousegate"))) / "data/doc/journal.md",
        "catalog": Path(__file__).parents[3] / "systemd/mousegate.catalog",
    }
    text = pages[where].read_text()
    assert [message.name for message in Message if message not in text] == []


def keeps_anything(namespace: str, journal: Path) -> bool:
    """Tell whether what the plainest of clients sends can be read again; not so in some containers."""
    command = ["journalctl", f"--namespace={namespace}", "-o", "cat"]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as plain:
            plain.sendto(b"MESSAGE=first\n", str(journal))
        wait_until(
            lambda: "first" in subprocess.run(command, capture_output=True, text=True, check=False).stdout,
            10,
            "it",
        )
    except (ConnectionRefusedError, WaitTimeoutError):
        return False
    return True


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start a journald")
def test_a_real_journald_keeps_the_fields(tmp_path: Path) -> None:
    """journald itself takes the datagram, and journalctl finds it by MESSAGE_ID with every field."""
    name = f"mousegate{os.getpid()}"
    runtime = Path(f"/run/systemd/journal.{name}")
    server = subprocess.Popen([JOURNALD, name], stderr=subprocess.DEVNULL)
    try:
        wait_until((runtime / "socket").exists, 30, "journald")
        if not keeps_anything(name, runtime / "socket"):
            pytest.skip("journald keeps nothing on this machine")
        write(Message.ANOMALY, "Somebody.", runtime / "socket", TRUST="0.400", REASON="two\nlines")

        def found() -> str:
            done = subprocess.run(
                ["journalctl", f"--namespace={name}", "-o", "json", f"MESSAGE_ID={Message.ANOMALY}"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            return done.stdout

        wait_until(lambda: bool(found()), 30, "the entry")
        facts = json.loads(found().splitlines()[0])
    finally:
        server.terminate()
        server.wait(30)
        shutil.rmtree(runtime, ignore_errors=True)
        for kept in (
            *Path("/run/log/journal").glob(f"*.{name}"),
            *Path("/var/log/journal").glob(f"*.{name}"),
        ):
            shutil.rmtree(kept)
    assert (facts["MOUSEGATE_TRUST"], facts["MOUSEGATE_REASON"]) == ("0.400", "two\nlines")
    assert (facts["MESSAGE"], facts["PRIORITY"], facts["SYSLOG_IDENTIFIER"]) == (
        "Somebody.",
        "4",
        "mousegate",
    )
