"""Pictures of the dashboard with a made-up week: `python -m tests.gui.dashboard_screens OUTDIR`."""

import itertools
import sys
import time
from contextlib import closing
from pathlib import Path

from mousegate.dashboard.window import PAGES
from tests.bus.peer import running_daemon
from tests.e2e.desktop import private_desktop
from tests.e2e.screen import wait_until
from tests.gui.dashboard import started, title_becomes, window_manager, window_of
from tests.gui.hands import Hands
from tests.gui.week import Week

SIZES = ((1280, 800, "1"), (3840, 2160, "2"))
"""Width and height of the screen, and the scale that its owner has set."""
THEMES = ("dark", "light")


def take(directory: Path, size: tuple[int, int, str], full: bool) -> None:
    """Write a picture of every page in both themes; with a week of history, or with none."""
    width, height, scale = size
    with private_desktop(width, height) as desktop:
        if full:
            Week(desktop.store, time.time()).write()
        with window_manager(desktop), running_daemon(desktop, directory / "daemon.log"):
            for theme, page in itertools.product(THEMES, PAGES):
                words = ("--theme", theme, "--page", page, "--span", "week")
                with (
                    started(desktop, directory / "log", *words, QT_SCALE_FACTOR=scale) as program,
                    closing(Hands(desktop.display)) as hands,
                ):
                    title_becomes(
                        hands, window_of(hands, program), "Watching" if full else "Nothing enrolled"
                    )
                    settled(hands)
                    path = directory / f"{width}x{height}-{theme}-{page}{'' if full else '-empty'}.png"
                    hands.save(path)
                    print(path)


def settled(hands: Hands) -> None:
    """Wait until the screen looks the same twice, half a second apart."""
    before = [hands.screenshot().tobytes()]

    def same() -> bool:
        time.sleep(0.5)
        now = hands.screenshot().tobytes()
        before.append(now)
        return before[-2] == now

    wait_until(same, 60, "the window to be drawn")


def main() -> None:
    """Take all pictures."""
    directory = Path(sys.argv[1])
    directory.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        take(directory, size, full=True)
    take(directory, SIZES[0], full=False)


if __name__ == "__main__":
    main()
