"""What makes a booted root a desktop for tests: an X server without hardware, and people's homes."""

import re
from pathlib import Path
from typing import Final

from tests.e2e.screen import MARKER
from tests.system.machine import Machine
from tests.system.seat import SIZE

_SERVER: Final = """#!/bin/sh
# LightDM gives the X server words that Xvfb does not know: what it needs of them is the name and the cookie.
name=$1
shift
while [ $# -gt 0 ]; do
    [ "$1" = -auth ] && cookie=$2
    shift
done
exec Xvfb "$name" -screen 0 WIDTHxHEIGHTx24 -auth "$cookie" -nolisten tcp -noreset -dpi 96
"""
_LIGHTDM: Final = """[LightDM]
minimum-display-number=FIRST
lock-memory=false
[Seat:*]
xserver-command=/usr/local/bin/xvfb-at-seat
greeter-hide-users=false
user-session=openbox
"""
_KEYS: Final = """<?xml version="1.0" encoding="UTF-8"?>
<openbox_config xmlns="http://openbox.org/3.4/rc">
  <keyboard>
    <keybind key="W-t"><action name="Execute"><command>TERMINAL</command></action></keybind>
    <keybind key="W-x"><action name="Exit"><prompt>no</prompt></action></keybind>
  </keyboard>
  <applications><application class="*"><focus>yes</focus></application></applications>
</openbox_config>
"""
_TERMINAL: Final = "xterm -class Terminal -geometry 90x12+20+20"
ADA: Final = "ada"
BOB: Final = "bob"
_PEOPLE: Final = {ADA: 1000, BOB: 1001}


ASLEEP: Final = "/run/asleep"
AWAKE: Final = "/run/awake"
_SLEEP: Final = f"""[Service]
ExecStart=
ExecStart=/bin/sh -c 'rm -f {AWAKE}; touch {ASLEEP}; until [ -e {AWAKE} ]; do sleep 0.1; done; rm -f {ASLEEP}'
"""


def furnish(machine: Machine) -> None:
    """Write all of it into a machine that is not booted yet."""
    width, height = SIZE
    server = _SERVER.replace("WIDTH", str(width)).replace("HEIGHT", str(height))
    machine.put("/usr/local/bin/xvfb-at-seat", server, mode=0o755)
    machine.put("/etc/lightdm/lightdm.conf.d/50-seat.conf", _LIGHTDM.replace("FIRST", str(_free_display())))
    machine.put("/etc/hostname", "machine\n")
    machine.put("/var/log/journal/.keep", "")
    machine.put("/etc/systemd/system/systemd-suspend.service.d/test.conf", _SLEEP)
    wallpaper = f"xsetroot -solid '#{bytes(MARKER).hex()}'\n"
    for name, uid in _PEOPLE.items():
        machine.put(f"/home/{name}/.config/openbox/rc.xml", _KEYS.replace("TERMINAL", _TERMINAL), uid=uid)
        machine.put(f"/home/{name}/.config/openbox/autostart", wallpaper, uid=uid)


def _free_display(first: int = 71) -> int:
    """Return a number that no X server of this network name space has."""
    taken = {int(found) for found in re.findall(r"\.X11-unix/X(\d+)", Path("/proc/net/unix").read_text())}
    return next(number for number in range(first, first + 1000) if number not in taken)
