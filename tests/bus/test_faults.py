"""What fails around the daemon is named once in its log, costs no history, raises no alarm, and is mended."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mousegate.bus import names
from tests.bench.bench_capture import Stream
from tests.bus.peer import DEADLINE_S, Peer, iterate_until, running_daemon
from tests.e2e.desktop import Desktop


@contextmanager
def server(number: int, *extra: str) -> Iterator[str]:
    """Run an X server with this number."""
    reading, writing = os.pipe()
    words = ["Xvfb", f":{number}", "-displayfd", str(writing), "-nolisten", "tcp", "-noreset", *extra]
    process = subprocess.Popen(
        words, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            assert pipe.readline().strip()
        yield f":{number}"
    finally:
        process.terminate()
        process.wait()


def free_number() -> int:
    """Return a number that no X server has."""
    return next(n for n in range(90, 600) if not Path(f"/tmp/.X11-unix/X{n}").exists())


@contextmanager
def joined(desktop: Desktop) -> Iterator[Peer]:
    """A program on the bus."""
    peer = Peer(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    try:
        yield peer
    finally:
        peer.close()


def test_x_server_goes_and_comes_back(enrolled_desktop: Desktop, tmp_path: Path) -> None:
    """Two lines, gone and back; the same daemon watches again and counts on."""
    number, log = free_number(), tmp_path / "log"
    desktop = replace(enrolled_desktop, env=dict(enrolled_desktop.env) | {"DISPLAY": f":{number}"})
    with running_server_and_daemon(desktop, number, log) as (peer, end):
        end()
        iterate_until(lambda: not peer.daemon.state().monitoring, "watching to stop")
        with server(number) as name:
            iterate_until(lambda: peer.daemon.state().monitoring, "watching to go on")
            seen = peer.daemon.state().events_seen
            stream = Stream(name)
            stream.send(200, 1.0)
            stream.close()
            iterate_until(lambda: peer.daemon.state().events_seen > seen, "events")
            assert not peer.heard("Anomaly")
            said = log.read_text()
    assert said.count("mousegate.daemon.desk:") == 2 and "is back" in said


@contextmanager
def running_server_and_daemon(desktop: Desktop, number: int, log: Path):  # type: ignore[no-untyped-def]
    """Run both; yield a peer and what ends the server."""
    process = subprocess.Popen(
        ["Xvfb", f":{number}", "-nolisten", "tcp", "-noreset"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def end() -> None:
        process.terminate()
        process.wait()

    try:
        with running_daemon(desktop, log), joined(desktop) as peer:
            iterate_until(lambda: peer.daemon.state().monitoring, "watching")
            yield peer, end
    finally:
        end()


def test_server_without_record_is_named_once(enrolled_desktop: Desktop, tmp_path: Path) -> None:
    """The daemon serves, watches nothing, and says in one line what the server lacks."""
    log = tmp_path / "log"
    with server(free_number(), "-extension", "RECORD") as name:
        desktop = replace(enrolled_desktop, env=dict(enrolled_desktop.env) | {"DISPLAY": name})
        with running_daemon(desktop, log), joined(desktop) as peer:
            iterate_until(lambda: "RECORD" in log.read_text(), "the line")
            assert not peer.daemon.state().monitoring
            for _ in range(3):
                before = peer.daemon.state()
                assert before.trust == 1.0
    assert log.read_text().count("RECORD extension") == 1


def test_bus_that_ends_ends_the_daemon_with_a_status_that_restarts_it(
    enrolled_desktop: Desktop, tmp_path: Path
) -> None:
    """One line and status 70 (Restart=on-failure); on the next bus it serves, with all of its history."""
    log = tmp_path / "log"

    def bus() -> tuple["subprocess.Popen[str]", Desktop]:
        process = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        address = {"DBUS_SESSION_BUS_ADDRESS": process.stdout.readline().strip()}
        return process, replace(enrolled_desktop, env=dict(enrolled_desktop.env) | address)

    first, desktop = bus()
    with running_daemon(desktop, log) as daemon:
        with joined(desktop) as peer:
            assert peer.daemon.state().monitoring
        first.terminate()
        first.communicate()
        assert daemon.wait(DEADLINE_S) == 70, log.read_text()
    assert log.read_text().count("session bus went away") == 1
    second, desktop = bus()
    with running_daemon(desktop, tmp_path / "again"), joined(desktop) as peer:
        assert bool(peer.bus.name_has_owner(names.NAME)) and peer.daemon.state().monitoring
    second.terminate()
    second.communicate()
    told = enrolled_desktop.run("history", "--json").stdout
    assert told.count('"started"') >= 2 and told.count('"stopped"') >= 2


def test_damaged_store_is_named_once_and_watching_goes_on_when_it_is_whole(
    enrolled_desktop: Desktop, tmp_path: Path
) -> None:
    """Rubbish in its place stops watching, with one line and no anomaly; the store put back is used again."""
    log, store = tmp_path / "log", enrolled_desktop.store / "store.sqlite"
    whole = store.read_bytes()
    try:
        with running_daemon(enrolled_desktop, log), joined(enrolled_desktop) as peer:
            assert peer.daemon.state().monitoring
            store.write_bytes(b"rubbish" * 1000)
            iterate_until(lambda: not peer.daemon.state().monitoring, "watching to stop")
            iterate_until(lambda: "is damaged" in log.read_text(), "the line")
            store.write_bytes(whole)
            iterate_until(lambda: peer.daemon.state().monitoring, "watching to go on")
            assert not peer.heard("Anomaly")
    finally:
        store.write_bytes(whole)
    assert log.read_text().count("is damaged") == 1


def test_fifty_thousand_events_a_second(enrolled_desktop: Desktop, tmp_path: Path) -> None:
    """For three seconds: the daemon answers, sees most of them, and raises one alarm at most."""
    with running_daemon(enrolled_desktop, tmp_path / "log"), joined(enrolled_desktop) as peer:
        stream = Stream(enrolled_desktop.display)
        sent = stream.send(50_000, 3.0)
        stream.close()
        iterate_until(lambda: peer.daemon.state().events_seen > 0.5 * sent, f"{sent} events")
        assert len(peer.heard("Anomaly")) <= 1
