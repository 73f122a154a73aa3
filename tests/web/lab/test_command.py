"""`mousegate web` as people start it."""

import subprocess
import sys

COMMAND = [sys.executable, "-m", "mousegate.cli", "web"]
WITHOUT = (
    "import sys; sys.modules['fastapi'] = None; sys.modules['uvicorn'] = None\n"
    "from mousegate.cli.web import web_command; web_command(['--no-browser'], standalone_mode=False)"
)


def test_without_the_extra_it_says_what_to_install() -> None:
    """No traceback of an import, but the words to type."""
    words = [sys.executable, "-c", WITHOUT]
    said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert "install mousegate[web]" in said.stderr


def test_an_address_that_cannot_be_used_is_named() -> None:
    """One line that says which and what to try, and exit status 64."""
    words = [*COMMAND, "--host", "203.0.113.9", "--no-browser"]
    said = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)
    assert said.returncode == 64
    assert "203.0.113.9 cannot be used" in said.stderr and "Traceback" not in said.stderr


def test_it_prints_an_address_with_a_key() -> None:
    """It is of this machine alone, on a port that was free."""
    words = [*COMMAND, "--port", "0", "--no-browser"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        address = running.stdout.readline().strip()
        running.terminate()
        running.wait(60)
    assert address.startswith("http://127.0.0.1:") and "?key=" in address
