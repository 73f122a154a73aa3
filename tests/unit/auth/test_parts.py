"""Channel, keeper's pipes, throttle, service lookup: the small parts of auth."""

import os
import socket
import threading
import time
from io import BytesIO
from pathlib import Path

import pytest

from mousegate.auth.channel import AnswerTimeoutError, Channel, PeerGoneError
from mousegate.auth.keeper import Heartbeat, Unlocker, read_nonce
from mousegate.auth.pam import find_service
from mousegate.auth.throttle import Throttle
from mousegate.core import greetd_ipc
from mousegate.errors import PamError, ProtocolError
from mousegate.storage.attempts import BackOff
from mousegate.storage.store import Store, StoreFullError

NONCE = b"0123456789abcdef" * 4


def test_the_nonce_is_read_exactly() -> None:
    """64 hexadecimal digits and a newline."""
    assert read_nonce(BytesIO(NONCE + b"\nmore")) == NONCE


@pytest.mark.parametrize(
    "raw", [b"", b"\n", NONCE, NONCE[:-1] + b"\n", NONCE + b"0\n", NONCE + b" \n", b"x" * 64 + b"\n"]
)
def test_anything_else_is_no_nonce(raw: bytes) -> None:
    """Too short, too long, not hexadecimal, not ended: auth does not start."""
    with pytest.raises(ProtocolError):
        read_nonce(BytesIO(raw))


def test_the_nonce_goes_back_once() -> None:
    """The pipe gets exactly the digits, and is closed; a second time is an error."""
    reading, writing = os.pipe()
    unlocker = Unlocker(writing, NONCE)
    unlocker.unlock()
    assert os.read(reading, 1000) == NONCE
    assert os.read(reading, 1000) == b""
    with pytest.raises(ProtocolError, match="already"):
        unlocker.unlock()
    os.close(reading)


def test_a_keeper_that_is_gone_is_an_error() -> None:
    """Unlocking into a closed pipe raises."""
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(ProtocolError, match="gone"):
        Unlocker(writing, NONCE).unlock()
    os.close(writing)


def test_the_heart_beats_at_once() -> None:
    """The first line comes without waiting a second."""
    reading, writing = os.pipe()
    Heartbeat(writing).start()
    assert os.read(reading, 64) == b"alive\n"


def test_a_main_thread_that_hangs_is_not_alive() -> None:
    """Being at work for longer than the limit silences the heart; waiting for the greeter does not."""
    _, writing = os.pipe()
    heartbeat = Heartbeat(writing, busy_limit_s=-1.0)
    assert heartbeat._is_stuck()
    heartbeat.rest(True)
    assert not heartbeat._is_stuck()
    heartbeat.rest(False)
    assert heartbeat._is_stuck()


def test_the_channel_tells_when_it_waits() -> None:
    """Waiting is announced and ended, also when the peer goes away."""
    ours, theirs = socket.socketpair()
    told: list[bool] = []
    with theirs:
        channel = Channel(theirs, told.append)
        ours.sendall(greetd_ipc.encode(greetd_ipc.success()))
        channel.receive()
        ours.close()
        with pytest.raises(PeerGoneError):
            channel.receive()
    assert told == [True, False, True, False]


def test_waiting_is_bounded() -> None:
    """A greeter that says nothing is given up."""
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(AnswerTimeoutError):
        Channel(theirs).receive(0.01)


def test_a_flood_is_refused() -> None:
    """A greeter that sends without being asked cannot fill our memory."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(greetd_ipc.encode(greetd_ipc.success()) * 200)
        with pytest.raises(ProtocolError, match="more than"):
            Channel(theirs).idle_until(time.monotonic() + 20)


def test_idling_keeps_what_arrives() -> None:
    """A message that comes during the delay is handled after it."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        channel = Channel(theirs)
        ours.sendall(greetd_ipc.encode(greetd_ipc.create_session("me")))
        channel.idle_until(time.monotonic() + 0.02)
        assert channel.receive(1.0)["type"] == "create_session"


def test_idling_notices_that_the_greeter_is_gone() -> None:
    """The delay ends at once when there is nobody left to tell."""
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs, pytest.raises(PeerGoneError):
        Channel(theirs).idle_until(time.monotonic() + 60)


def test_sending_to_nobody_is_an_error() -> None:
    """A closed peer is PeerGoneError, not a broken pipe."""
    ours, theirs = socket.socketpair()
    ours.close()
    with theirs, pytest.raises(PeerGoneError):
        Channel(theirs).send(greetd_ipc.success())


def test_the_service_file_is_looked_for(tmp_path: Path) -> None:
    """`mousegate` where it is, `login` where it is not, an error where neither is."""
    environment = {"PAM_WRAPPER": "1", "PAM_WRAPPER_SERVICE_DIR": str(tmp_path)}
    with pytest.raises(PamError, match="no password can be checked"):
        find_service("mousegate", environment)
    (tmp_path / "login").touch()
    assert find_service("mousegate", environment) == "login"
    (tmp_path / "mousegate").touch()
    assert find_service("mousegate", environment) == "mousegate"


def test_the_wrapper_s_directory_counts_only_under_the_wrapper(tmp_path: Path) -> None:
    """Without PAM_WRAPPER the variable is nobody's business."""
    (tmp_path / "mousegate-test-only").touch()
    environment = {"PAM_WRAPPER_SERVICE_DIR": str(tmp_path)}
    assert find_service("mousegate-test-only", environment) == "login"


def test_a_full_disk_counts_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written is counted all the same, on top of what is stored, until a success."""
    throttle = Throttle(BackOff(free=3, first_s=10.0))
    with Store.create(tmp_path / "m") as store:
        throttle.charge(store, 0.0)

        def full(now_s: float) -> None:
            raise StoreFullError("The disk is full.")

        monkeypatch.setattr(store.attempts, "charge", full)
        for _ in range(3):
            assert throttle.remaining_s(store, 0.0) == 0.0 or store.attempts.failures() == 1
            throttle.charge(store, 0.0)
        assert throttle.remaining_s(store, 0.0) == 20.0
        assert throttle.remaining_s(store, 15.0) == 5.0
        throttle.clear()
        assert throttle.remaining_s(store, 0.0) == 0.0


def test_the_heartbeat_does_not_keep_the_process_alive() -> None:
    """Its thread is a daemon."""
    _, writing = os.pipe()
    Heartbeat(writing).start()
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "heartbeat")
