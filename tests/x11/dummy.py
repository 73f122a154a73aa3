"""An X server with several monitors to plug and unplug: Xorg with the dummy driver."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

OUTPUTS: Final = ("DUMMY0", "DUMMY1", "DUMMY2")
MODE: Final = "800x600"
_CONFIGURATION: Final = """
Section "ServerFlags"
  Option "AutoAddDevices" "false"
  Option "AutoEnableDevices" "false"
EndSection
Section "Device"
  Identifier "dummy"
  Driver "dummy"
  VideoRam 65536
EndSection
Section "Monitor"
  Identifier "any"
  HorizSync 5-1000
  VertRefresh 5-200
EndSection
Section "Screen"
  Identifier "screen"
  Device "dummy"
  Monitor "any"
  DefaultDepth 24
  SubSection "Display"
    Modes "800x600"
    Virtual 2400 600
  EndSubSection
EndSection
"""


@contextmanager
def xorg_dummy() -> Iterator[str]:
    """Start Xorg with three outputs, the first of them on; yield its display's name. Stops it at the end."""
    program = shutil.which("Xorg")
    assert program is not None, "Xorg is needed: apt-get install xserver-xorg-core xserver-xorg-video-dummy"
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as directory:
        configuration = Path(directory) / "xorg.conf"
        configuration.write_text(_CONFIGURATION)
        words = ["-config", str(configuration), "-logfile", f"{directory}/log", "-displayfd", str(writing)]
        words += ["-novtswitch", "-sharevts", "-noreset", "-nolisten", "tcp"]
        server = subprocess.Popen(
            [program, *words], pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        os.close(writing)
        try:
            with os.fdopen(reading) as pipe:
                number = pipe.readline().strip()
            log = Path(f"{directory}/log")
            assert number, f"Xorg did not start: {log.read_text()[-2000:] if log.exists() else ''}"
            name = f":{number}"
            for output in OUTPUTS[1:]:
                xrandr(name, "--addmode", output, MODE)
            yield name
        finally:
            server.terminate()
            server.wait()


def plug(name: str, outputs: tuple[str, ...]) -> None:
    """Have exactly these monitors, side by side; none is allowed."""
    words: list[str] = []
    for output in OUTPUTS:
        words += ["--output", output]
        words += (
            ["--mode", MODE, "--pos", f"{800 * outputs.index(output)}x0"] if output in outputs else ["--off"]
        )
    xrandr(name, *words)


def xrandr(name: str, *words: str) -> None:
    """Run xrandr."""
    subprocess.run(["xrandr", "--display", name, *words], check=True, stderr=subprocess.DEVNULL)
