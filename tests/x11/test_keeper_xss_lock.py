"""mousegate-lock as the locker of the real xss-lock(1)."""

import os
import shutil
import subprocess
import sys

from tests.x11.stage import open_stage, wait_until


def test_screensaver_has_xss_lock_lock_the_screen() -> None:
    """When the X server's screensaver comes on, xss-lock starts mousegate-lock, and the screen is covered.

    Where no logind runs, as here, xss-lock ends itself right after that; the lock does not end with it.
    """
    program = shutil.which("xss-lock")
    assert program is not None, "xss-lock is needed: apt-get install xss-lock"
    with open_stage() as stage:
        idle = [f"--{role}-command=sleep 60" for role in ("greeter", "auth")]
        watching = subprocess.Popen(
            [program, "--", sys.executable, "-P", "-m", "mousegate.lock", *idle],
            env=dict(os.environ) | {"DISPLAY": stage.name, "XDG_SESSION_TYPE": "x11"},
            stderr=subprocess.DEVNULL,
        )
        saver = stage.display.intern_atom("_MIT_SCREEN_SAVER_ID")
        try:
            wait_until(lambda: saver in stage.root.list_properties(), "xss-lock to watch the screensaver")
            subprocess.run(["xset", "-display", stage.name, "s", "activate"], check=True)
            wait_until(lambda: stage.covers() != [] and stage.is_covered(), "the covers")
            stage.key("a")
            assert stage.beneath.received() == []
        finally:
            watching.kill()
            watching.wait()
