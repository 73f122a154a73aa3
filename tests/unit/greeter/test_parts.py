"""Claims about the greeter's small parts that need neither display nor peer."""

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from Xlib import X

from mousegate.core import greetd_ipc
from mousegate.errors import ProtocolError, UsageError
from mousegate.greeter.backends.auth import AuthBackend, PeerClosedError
from mousegate.greeter.battery import Battery, read_battery
from mousegate.greeter.desk import Keyboard, Pointer, keyboard_of_state, monitor_of, parse_rules_names
from mousegate.greeter.faces import Person, current_person, face_files
from mousegate.greeter.keeper import KeeperLink
from mousegate.greeter.layout import Rect
from mousegate.greeter.screen import wipe

LEFT, RIGHT = Rect(0, 0, 1920, 1080), Rect(1920, 0, 1280, 1024)


def _supply(directory: Path, name: str, **words: str) -> None:
    (directory / name).mkdir()
    for key, word in words.items():
        (directory / name / key).write_text(f"{word}\n")


class TestBackend:
    """The socket to auth."""

    def test_messages_arrive_whole_however_they_are_cut(self) -> None:
        """A message that comes in pieces is returned once it is complete."""
        ours, theirs = socket.socketpair()
        backend = AuthBackend(ours)
        raw = greetd_ipc.encode(greetd_ipc.auth_message("info", "hello"))
        received = []
        for byte in raw:
            theirs.send(bytes([byte]))
            received += backend.receive()
        assert received == [greetd_ipc.auth_message("info", "hello")]
        theirs.close()
        backend.close()

    def test_nothing_to_read_is_no_message(self) -> None:
        """A wake-up without data is harmless."""
        ours, theirs = socket.socketpair()
        backend = AuthBackend(ours)
        assert backend.receive() == []
        theirs.close()
        backend.close()

    def test_the_end_is_told_apart(self) -> None:
        """End of file and a broken pipe are both PeerClosedError."""
        ours, theirs = socket.socketpair()
        backend = AuthBackend(ours)
        theirs.close()
        with pytest.raises(PeerClosedError):
            backend.receive()
        with pytest.raises(PeerClosedError):
            backend.send(greetd_ipc.cancel_session())
        backend.close()

    def test_a_descriptor_that_is_no_socket_is_refused(self) -> None:
        """MOUSEGATE_PEER_FD must name a socket."""
        read_fd, write_fd = os.pipe()
        with pytest.raises(ProtocolError, match="not a socket"):
            AuthBackend.from_fd(read_fd)
        os.close(read_fd)
        os.close(write_fd)


class TestKeeperLink:
    """The pipe to the keeper."""

    def test_lines_are_those_of_the_architecture(self) -> None:
        """`window ID` in decimal, and `alive`."""
        read_fd, write_fd = os.pipe()
        link = KeeperLink(write_fd)
        link.window_ready(0x200001)
        link.alive()
        assert os.read(read_fd, 100) == b"window 2097153\nalive\n"
        os.close(read_fd)
        os.close(write_fd)

    def test_a_keeper_that_is_gone_ends_the_greeter(self) -> None:
        """Nobody reads: ProtocolError."""
        read_fd, write_fd = os.pipe()
        os.close(read_fd)
        with pytest.raises(ProtocolError, match="keeper is gone"):
            KeeperLink(write_fd).alive()
        os.close(write_fd)

    def test_a_keeper_that_does_not_read_does_not_stop_the_greeter(self) -> None:
        """A full pipe is the keeper's to judge; the screen lives on."""
        read_fd, write_fd = os.pipe()
        link = KeeperLink(write_fd)
        while True:
            try:
                os.write(write_fd, bytes(65536))
            except BlockingIOError:
                break
        link.alive()
        os.close(read_fd)
        os.close(write_fd)


class TestDesk:
    """Reading what the X server says."""

    @given(st.integers(0, 0xFFFF))
    def test_lock_and_group_are_read_from_any_state(self, state: int) -> None:
        """Caps lock is bit 1 and the group bits 13 and 14, whatever else is held."""
        keyboard = keyboard_of_state(state, ("us", "de"))
        assert keyboard.caps_lock == bool(state & X.LockMask)
        assert keyboard.group == state >> 13 & 3

    def test_the_layout_is_named_only_where_there_is_a_choice(self) -> None:
        """One layout needs no hint; a group beyond those named is the last."""
        assert Keyboard(layouts=("us",)).layout == ""
        assert Keyboard(group=1, layouts=("us", "de")).layout == "de"
        assert Keyboard(group=3, layouts=("us", "de")).layout == "de"

    @pytest.mark.parametrize(
        ("value", "layouts"),
        [
            (b"evdev\0pc105\0us,de\0,nodeadkeys\0\0", ("us", "de")),
            (b"evdev\0pc105\0gb\0\0\0", ("gb",)),
            (b"evdev\0pc105", ()),
            (b"", ()),
            (b"a\0b\0us,\x1b[31m,fr\0", ("us", "fr")),
        ],
    )
    def test_layout_names_are_read_from_the_property(self, value: bytes, layouts: tuple[str, ...]) -> None:
        """_XKB_RULES_NAMES may be cut short or strange; names are letters and digits."""
        assert parse_rules_names(value) == layouts

    @pytest.mark.parametrize(
        ("x", "y", "monitor"),
        [(0, 0, LEFT), (1919, 1079, LEFT), (1920, 0, RIGHT), (3000, 1079, RIGHT), (5000, 5000, RIGHT)],
    )
    def test_the_monitor_is_the_one_under_the_pointer(self, x: int, y: int, monitor: Rect) -> None:
        """Outside all of them it is the nearest."""
        assert monitor_of(Pointer(x, y), (LEFT, RIGHT)) == monitor


class TestBattery:
    """Reading sysfs."""

    def test_the_machines_battery_is_found(self, tmp_path: Path) -> None:
        """Mains and a mouse's battery are passed over."""
        _supply(tmp_path, "AC", type="Mains", online="1")
        _supply(tmp_path, "A-mouse", type="Battery", scope="Device", capacity="10", status="Discharging")
        _supply(tmp_path, "BAT0", type="Battery", capacity="83", status="Charging")
        assert read_battery(tmp_path) == Battery(83, charging=True)

    @pytest.mark.parametrize("capacity", ["", "many", "-3", "\xff"])
    def test_a_battery_that_cannot_be_read_is_none(self, tmp_path: Path, capacity: str) -> None:
        """Strange contents are no battery."""
        _supply(tmp_path, "BAT0", type="Battery", capacity=capacity, status="Full")
        assert read_battery(tmp_path) is None

    def test_no_directory_is_no_battery(self, tmp_path: Path) -> None:
        """Machines without power supplies have no gauge."""
        assert read_battery(tmp_path / "missing") is None


class TestPerson:
    """Who is at the screen."""

    @pytest.mark.parametrize(
        ("name", "initials"),
        [
            ("...", "."),
            ("Ada Lovelace", "AL"),
            ("ada", "A"),
            ("Jean  Le Rond d'Alembert", "JD"),
            ("Ω", "Ω"),
            ("(x) y", "Y"),
        ],
    )
    def test_initials_are_first_and_last(self, name: str, initials: str) -> None:
        """One word gives one letter."""
        assert Person("x", name, Path("/")).initials == initials

    def test_the_process_has_a_person(self) -> None:
        """Whoever runs this has a name to show."""
        assert current_person().real_name

    @pytest.mark.parametrize("user", ["no such user", "x\0y", "../root"])
    def test_an_unknown_user_is_refused(self, user: str) -> None:
        """A name that is nobody's gives one clear line."""
        with pytest.raises(UsageError, match="no user"):
            current_person(user)

    def test_pictures_are_looked_for_at_home_first(self, tmp_path: Path) -> None:
        """~/.face, then ~/.face.icon, then AccountsService."""
        person = Person("ada", "Ada", tmp_path)
        icons = Path("/icons")
        assert face_files(person, icons) == (tmp_path / ".face", tmp_path / ".face.icon", icons / "ada")


@given(st.binary(max_size=600))
def test_wiping_leaves_nothing(secret: bytes) -> None:
    """The bytes are gone and the buffer is empty."""
    buffer = bytearray(secret)
    wipe(buffer)
    assert buffer == b""
