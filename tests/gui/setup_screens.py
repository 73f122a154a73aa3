"""Pictures of every page of the wizard, played with real events: `python -m tests.gui.setup_screens DIR`."""

import argparse
import time
from pathlib import Path

from tests.e2e.desktop import private_desktop
from tests.e2e.hand import synthetic_hands
from tests.e2e.screen import Witness, wait_until
from tests.e2e.setup_player import SetupPlayer

SIZES = ((1280, 800, "light"), (3840, 2160, "dark"))
MOVEMENT_S, TRIES = 48.0, 2


def still(witness: Witness) -> None:
    """Wait until the picture has not changed for a second, or three in all: some tasks never rest."""
    before, began = witness.screenshot().tobytes(), time.monotonic()
    changed = began

    def rested() -> bool:
        nonlocal before, changed
        now = witness.screenshot().tobytes()
        if now != before:
            before, changed = now, time.monotonic()
        return time.monotonic() - changed > 1.0 or time.monotonic() - began > 3.0

    wait_until(rested, 30, "the picture to be still")


def take(directory: Path, width: int, height: int, look: str) -> None:
    """Go through the whole wizard on a screen of this size, with a picture of each page."""
    owner, other = synthetic_hands()
    with private_desktop(width, height) as desktop:
        desktop.configure("allow_synthetic = true\n")
        player = SetupPlayer(desktop, directory / "processes", on_outcome=lambda outcome: None)
        player.look, player.wander_s = look, 6.0

        def picture(step: str) -> None:
            still(player.witness)
            path = directory / f"setup-{width}x{height}-{look}-{step}.png"
            player.save(path)
            print(path)

        def seen(step: str) -> None:
            picture(step)
            if step == "movement":
                for task in ("carry", "follow"):
                    player.show_task(task)
                    picture(f"movement-{task}")
            if step == "try":
                player.try_out(other, 1, key=("Alt_L", "e"))
                picture("try-other")
                player.escape(asked=True)
                picture("stop")
                player.driver.press_key("Escape")

        try:
            player.open()
            player.play_through(owner, MOVEMENT_S, TRIES, seen)
        except BaseException:
            player.save(directory / "failed.png")
            raise
        finally:
            player.close()


def main() -> None:
    """Take all pictures, or those of one size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--size", help="only this size, such as 1280x800")
    options = parser.parse_args()
    for width, height, look in SIZES:
        if options.size in (None, f"{width}x{height}"):
            take(options.directory, width, height, look)


if __name__ == "__main__":
    main()
