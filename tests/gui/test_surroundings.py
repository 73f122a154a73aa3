"""Claims about the greeter where something around it is missing, broken or unusual."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import mousegate
from mousegate.core import greetd_ipc
from mousegate.core.probe import AttackFlag, decode
from tests.gui.conftest import Stage, opened
from tests.gui.keeper import FakeKeeper
from tests.gui.peer import PATIENCE_S, greeter, wait_until
from tests.xvfb import xvfb


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run the greeter to its end, without a display unless one is given."""
    variables = {name: value for name, value in os.environ.items() if name != "DISPLAY"} | environment
    command = [sys.executable, "-m", "mousegate.greeter", *arguments]
    return subprocess.run(
        command, env=variables, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


def test_the_layout_needs_no_display() -> None:
    """--layout prints JSON and loads neither Qt nor numpy."""
    done = run("--layout", "1280x800", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert set(json.loads(done.stdout)) >= {"face", "password", "submit"}
    assert not any(name in done.stderr for name in ("PyQt5", "numpy", "Xlib"))


@pytest.mark.parametrize("arguments", [["--layout", "big"], ["--layout", "0x0"], ["--layout"], ["--what"]])
def test_wrong_words_are_a_usage_error(arguments: list[str]) -> None:
    """Exit status 64 and one line."""
    done = run(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (64, "", 1)


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"MOUSEGATE_PEER_FD": "0"},
        {"MOUSEGATE_PEER_FD": "x", "MOUSEGATE_COVER": "1", "MOUSEGATE_KEEPER_FD": "1"},
    ],
)
def test_without_its_keeper_it_says_how_to_lock(environment: dict[str, str]) -> None:
    """Started by hand it is a usage error of one line."""
    done = run(**environment)
    assert (done.returncode, done.stderr.count("\n")) == (64, 1)


@pytest.mark.parametrize("display", [{}, {"DISPLAY": ":1234567"}, {"DISPLAY": "rubbish"}])
def test_without_a_display_the_status_is_4(display: dict[str, str]) -> None:
    """One line says what is missing."""
    done = run(MOUSEGATE_PEER_FD="0", MOUSEGATE_COVER="1", MOUSEGATE_KEEPER_FD="1", **display)
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    assert "Traceback" not in done.stderr


def test_without_record_nothing_matches_but_the_screen_is_there() -> None:
    """No RECORD extension (nor XTEST, with Xvfb): recovery codes still work, and the probe fails closed."""
    with xvfb(1280, 800, "-extension", "RECORD") as display_name:
        keeper = FakeKeeper(display_name)
        with greeter(display_name, keeper.cover.id) as running:
            keeper.press(running.window(), "p", "w", "Return")
            assert running.receive()["type"] == "create_session"
            assert running.ask("secret", "Password:")["response"] == "pw"
            probe = decode(running.ask("visible", "mousegate-probe:1")["response"])
            assert probe.rhythm == ()
            assert AttackFlag.SYNTHETIC_DEVICE in probe.attack
        keeper.close()


def test_without_a_model_the_probe_holds_the_rhythm_alone(x_server: str, tmp_path: Path) -> None:
    """A missing model is told in one line; what is sent cannot match by motion."""
    package = Path(mousegate.__file__).parent
    shutil.copytree(package, tmp_path / "mousegate", ignore=shutil.ignore_patterns("__pycache__", "models"))
    with opened(x_server, tmp_path) as stage:
        stage.reach("ready")
        stage.begin("pw")
        stage.running.ask("secret", "Password:")
        probe = stage.probe()
        assert (probe.model_id, len(probe.embedding), len(probe.rhythm)) == (bytes(8), 0, 3)
        stage.running.peer.close()
        words = stage.running.end()[1]
        assert "mousegate.greeter: " in words
        assert "Traceback" not in words


@pytest.mark.parametrize("broken", ["colours = 3", "background_colour = 'red'", "[[", "clock_format = '%'"])
def test_a_mistaken_configuration_keeps_nobody_out(x_server: str, tmp_path: Path, broken: str) -> None:
    """The greeter falls back to its defaults."""
    (tmp_path / "mousegate").mkdir()
    (tmp_path / "mousegate" / "config.toml").write_text(broken)
    with opened(x_server, XDG_CONFIG_HOME=str(tmp_path)) as stage:
        stage.reach("ready")


def test_a_background_that_is_no_picture_is_passed_over(x_server: str, tmp_path: Path) -> None:
    """A broken or missing background leaves the evening."""
    (tmp_path / "mousegate").mkdir()
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG rubbish")
    (tmp_path / "mousegate" / "config.toml").write_text(f'background = "{picture}"')
    with opened(x_server, XDG_CONFIG_HOME=str(tmp_path)) as stage:
        stage.reach("ready")


def test_torch_is_not_loaded_and_the_password_is_not_told(stage: Stage) -> None:
    """After an attempt the process maps onnxruntime but not torch; its log is free of the password."""
    stage.begin("hunter2")
    assert stage.running.ask("secret", "Password:")["response"] == "hunter2"
    stage.probe()
    maps = Path(f"/proc/{stage.running.process.pid}/maps").read_text()
    assert "onnxruntime" in maps
    assert "torch" not in maps
    stage.running.send(greetd_ipc.error("auth_error", "That did not match."))
    stage.reach("failed")
    stage.running.peer.close()
    assert "hunter2" not in stage.running.end()[1]


def test_the_greeter_dies_with_its_parent(x_server: str) -> None:
    """A SIGKILLed keeper leaves no greeter behind (PR_SET_PDEATHSIG)."""
    parent = (
        "import os, socket, subprocess, sys\n"
        "ours, theirs = socket.socketpair()\n"
        "fd = theirs.fileno()\n"
        "command = [sys.executable, '-m', 'mousegate.greeter', '--rehearsal']\n"
        "environment = dict(os.environ, MOUSEGATE_PEER_FD=str(fd))\n"
        "child = subprocess.Popen(command, pass_fds=[fd], env=environment)\n"
        "ours.recv(4)\n"
        "print(child.pid, flush=True)\n"
        "child.wait()\n"
    )
    environment = os.environ | {"DISPLAY": x_server}
    with subprocess.Popen(
        [sys.executable, "-c", parent], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None
        status = Path(f"/proc/{int(process.stdout.readline())}/stat")
        process.kill()
        wait_until(lambda: not status.exists() or ") Z " in status.read_text(), "the greeter to end")
