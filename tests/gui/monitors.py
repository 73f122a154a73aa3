"""Two virtual monitors (RandR 1.5) on one Xvfb output."""

import subprocess


def split_in_two(display_name: str, width: int, height: int) -> None:
    """Make two equal monitors side by side of the whole screen, which is `width` by `height`."""
    half = width // 2
    for name, left, output in (("left", 0, "screen"), ("right", half, "none")):
        place = f"{half}/300x{height}/200+{left}+0"
        subprocess.run(["xrandr", "-d", display_name, "--setmonitor", name, place, output], check=True)
