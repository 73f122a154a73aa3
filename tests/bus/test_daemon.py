"""Each method, property and signal of the daemon, on a private bus and X server."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import dbus
import pytest
from Xlib import X
from Xlib.display import Display
from Xlib.ext import composite

from mousegate import __version__
from mousegate.bus import names
from mousegate.bus.errors import ClaimedError, NoActionError
from mousegate.capture import synthetic
from mousegate.capture.replay import Playback, Player
from mousegate.errors import BadInput, MousegateError, NotEnrolled, UsageError
from tests.bus.conftest import OWNER_SEED, STRANGER_SEED
from tests.bus.peer import Peer, iterate_until, running_daemon
from tests.e2e.desktop import Desktop

Join = Callable[[], Peer]


@contextmanager
def moving(desktop: Desktop, seed: int, day: int = 11, duration_s: float = 200.0) -> Iterator[None]:
    """Somebody's hand moves the mouse, faster than life, while the block runs."""
    session = synthetic.session(synthetic.hand(seed), duration_s, (desktop.width, desktop.height), seed=day)
    with Player(desktop.display) as player:
        thread = threading.Thread(target=lambda: player.play(session, Playback()))
        thread.start()
        try:
            yield
        finally:
            player.stop()
            thread.join()


def test_properties_are_there(desktop: Desktop, join: Join) -> None:
    """GetAll returns every property of the XML, with sensible values and no other."""
    peer = join()
    values = peer.daemon.call("GetAll", names.INTERFACE, interface=names.PROPERTIES)
    declared = {one.get("name") for one in ElementTree.fromstring(names.interface_xml()).iter("property")}
    assert set(values) == declared
    state = peer.daemon.state()
    assert (state.version, state.locked, state.trust, state.last_anomaly_s) == (__version__, False, 1.0, 0.0)
    assert state.monitoring
    assert peer.daemon.call("Get", names.INTERFACE, "Version", interface=names.PROPERTIES) == __version__


def test_introspection_is_the_documented_interface(desktop: Desktop, join: Join) -> None:
    """Every declared method is there with its signature, and the object has no other."""
    peer = join()
    declared = ElementTree.fromstring(names.interface_xml()).find("interface")
    assert declared is not None
    given = peer.daemon.call("Introspect", interface="org.freedesktop.DBus.Introspectable")
    assert given == names.interface_xml()
    from mousegate.daemon.interface import Interface

    known = Interface._dbus_class_table["mousegate.daemon.interface.Interface"][names.INTERFACE]
    kinds = {"method": "_dbus_is_method", "signal": "_dbus_is_signal"}
    for kind, mark in kinds.items():
        there = {name for name, function in known.items() if hasattr(function, mark)}
        assert there == {one.get("name") for one in declared.findall(kind)}


def test_properties_cannot_be_set(desktop: Desktop, join: Join) -> None:
    """Setting Locked to false is an error and changes nothing."""
    with pytest.raises(MousegateError):
        join().daemon.call("Set", names.INTERFACE, "Locked", False, interface=names.PROPERTIES)


def test_list_and_delete_references(desktop: Desktop, join: Join) -> None:
    """ListReferences tells what is enrolled; deleting what is not there is NotEnrolled."""
    peer = join()
    (only,) = peer.call("ListReferences")
    assert (only[0], only[1], bool(only[2])) == ("me", "unknown", False) and only[3] > 60
    with pytest.raises(NotEnrolled):
        peer.call("DeleteReference", "nobody")


def test_pause_and_resume_are_signalled(desktop: Desktop, join: Join) -> None:
    """Pause stops monitoring and Resume starts it, each with PropertiesChanged; silly pauses are refused."""
    peer = join()
    peer.daemon.pause(60)
    assert not peer.daemon.state().monitoring
    peer.daemon.resume()
    assert peer.daemon.state().monitoring
    iterate_until(lambda: len(peer.heard("PropertiesChanged")) >= 2, "two changes")
    told = [bool(values[1]["Monitoring"]) for values in peer.heard("PropertiesChanged")]
    assert told[:2] == [False, True]
    for silly in (0, 86_401):
        with pytest.raises(UsageError):
            peer.call("Pause", dbus.UInt32(silly))


def test_verify_tells_the_owner_from_another(desktop: Desktop, join: Join) -> None:
    """The enrolled hand ends in verify-match, another in verify-no-match, both done; events are counted."""
    peer = join()
    for seed, expected in ((OWNER_SEED, "verify-match"), (STRANGER_SEED, "verify-no-match")):
        peer.signals.clear()
        with moving(desktop, seed):
            peer.call("VerifyStart")
            iterate_until(lambda: bool(peer.heard("VerifyStatus")), "a status", 60)
        assert peer.heard("VerifyStatus")[-1] == (expected, True)
        with pytest.raises(NoActionError):
            peer.call("VerifyStop")
    assert peer.daemon.state().events_seen > 100


def test_one_claim_at_a_time(desktop: Desktop, join: Join) -> None:
    """While one program verifies another can neither start nor stop; after VerifyStop it can."""
    first, second = join(), join()
    first.call("VerifyStart")
    for method, values in (("VerifyStart", ()), ("EnrolStart", ("x",))):
        with pytest.raises(ClaimedError):
            second.call(method, *values)
    for method in ("VerifyStop", "EnrolStop"):
        with pytest.raises(NoActionError):
            second.call(method)
    with pytest.raises(NoActionError):
        first.call("EnrolStop")
    first.call("VerifyStop")
    second.call("EnrolStart", "other")
    second.call("EnrolStop")


def test_a_program_that_vanishes_releases_its_claim(desktop: Desktop, join: Join) -> None:
    """Without a word of goodbye, the next program can start."""
    first = Peer(desktop.env["DBUS_SESSION_BUS_ADDRESS"])
    first.call("EnrolStart", "x")
    first.close()
    second = join()

    def free() -> bool:
        try:
            second.call("VerifyStart")
        except ClaimedError:
            return False
        return True

    iterate_until(free, "the claim to be released")


def test_misbehaving_client_changes_nothing(desktop: Desktop, join: Join) -> None:
    """Wrong types, unfit labels, unknown methods and interfaces are errors, and the daemon goes on."""
    peer = join()
    raw = peer.bus.get_object(names.NAME, names.PATH, introspect=False)
    for label in ("", "x" * 65, "a\nb"):
        with pytest.raises(BadInput):
            peer.call("EnrolStart", label)
    for method, values in (("Pause", ("soon",)), ("EnrolStart", (1,)), ("Unlock", ()), ("Lock", (1, 2))):
        with pytest.raises(dbus.DBusException):
            raw.get_dbus_method(method, names.INTERFACE)(*values)
    with pytest.raises(dbus.DBusException):
        raw.get_dbus_method("GetAll", names.PROPERTIES)("org.example.Other")
    for _ in range(300):
        raw.get_dbus_method("VerifyStop", names.INTERFACE)(ignore_reply=True)
    assert peer.daemon.state().monitoring


def test_second_daemon_says_that_one_runs(desktop: Desktop, tmp_path: Path) -> None:
    """It ends with status 5 and one line."""
    log = tmp_path / "second.log"
    with running_daemon(desktop, log) as second:
        iterate_until(lambda: second.poll() is not None, "the second to end")
    assert second.returncode == 5
    assert log.read_text().count("\n") == 1 and "already" in log.read_text()


def test_lock_returns_once_locked_and_nothing_unlocks(enrolled_desktop: Desktop, tmp_path: Path) -> None:
    """After Lock the screen is held, Locked is signalled, nothing is watched; Lock again is fine."""
    with running_daemon(enrolled_desktop, tmp_path / "daemon.log"):
        peer = Peer(enrolled_desktop.env["DBUS_SESSION_BUS_ADDRESS"])
        display = Display(enrolled_desktop.display)
        selection = display.get_atom("_MOUSEGATE_LOCK_S0")
        try:
            peer.daemon.lock()
            assert display.get_selection_owner(selection)
            assert peer.daemon.state().locked
            peer.daemon.lock()
            iterate_until(lambda: not peer.daemon.state().monitoring, "watching to stop")
            iterate_until(lambda: any(v[1].get("Locked") for v in peer.heard("PropertiesChanged")), "Locked")
            with pytest.raises(MousegateError):
                peer.call("EnrolStart", "intruder")
            with pytest.raises(MousegateError):
                peer.call("DeleteReference", "me")
            assert display.get_selection_owner(selection)
        finally:
            end_lock(display)
            peer.close()


def end_lock(display: Display) -> None:
    """End the lock of a private X server, which nothing but a password could open."""
    mark = f"DISPLAY={display.get_display_name()}".encode()
    for directory in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (directory / "cmdline").read_bytes()
            if b"mousegate.lock" in words and mark in (directory / "environ").read_bytes().split(b"\0"):
                os.kill(int(directory.name), signal.SIGKILL)
    root = display.screen().root
    overlay = composite.get_overlay_window(root).overlay_window
    covers = root.get_full_property(display.get_atom("_MOUSEGATE_COVER"), X.AnyPropertyType)
    for cover in covers.value if covers is not None else ():  # they outlive their keeper
        windows = [child for parent in (root, overlay) for child in parent.query_tree().children]
        for window in windows:
            if window.id == cover:
                window.kill_client()
        display.sync()
    display.close()
