"""config.toml: every setting, its meaning and its default. Standard library only; no unknown key passes."""

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mousegate.errors import ConfigurationError
from mousegate.storage.paths import config_file
from mousegate.storage.setting import COLOUR, LINE, between, matching, one_of, setting, settings_of

POLICIES: Final = ("all", "fused", "rhythm", "motion")
OPERATING_POINTS: Final = ("fmr1", "fmr0.1", "eer", "fnmr10", "fnmr3")

DECISION: Final = "What the lock asks for"
LOCKING: Final = "When it locks"
WATCHING: Final = "While you work"
LOOKS: Final = "How the lock screen looks"
SECTIONS: Final = (DECISION, LOCKING, WATCHING, LOOKS)


@dataclass(frozen=True, slots=True)
class Config:
    """What a person may choose. Field names are the keys of config.toml; all are at its top level.

    Each is declared with `setting(default, section, help, rule)`, from which mousegate.toml(5), the commented
    sample (`mousegate config sample`) and the errors are made.
    """

    policy: str = setting(
        "all",
        DECISION,
        "Which factors must agree besides the password: all (rhythm and motion), fused (their evidence is "
        "added up), rhythm alone, or motion alone.",
        one_of(*POLICIES),
    )
    operating_point: str = setting(
        "fnmr10",
        DECISION,
        "How strict motion is: fnmr3 and fnmr10 refuse you about 3 and 10 times in 100; fmr1 and fmr0.1 let "
        "a stranger's motion through 1 time in 100 and in 1000, and refuse you far more often; eer errs "
        "equally often either way. The model card says what each costs.",
        one_of(*OPERATING_POINTS),
    )
    reference: str = setting(
        "",
        DECISION,
        "Label of the reference to compare with; empty for whichever fits the pointer device.",
        LINE,
    )
    unenrolled: str = setting(
        "refuse",
        DECISION,
        "What the lock does when nothing at all is enrolled: refuse (do not lock, since a missing store must "
        "not open the screen) or password (lock, and the password alone unlocks).",
        one_of("refuse", "password"),
    )
    pam_service: str = setting(
        "mousegate",
        DECISION,
        "Name of the PAM service that checks the password; login is used where its file is missing.",
        matching(r"[a-z0-9][a-z0-9._-]{0,63}", "the name of a file in /etc/pam.d, like mousegate"),
    )
    allow_synthetic: bool = setting(
        False,
        DECISION,
        "Accept pointer events made by programs (XTEST). For tests only: any program may then move for you.",
    )
    idle_minutes: int = setting(
        10, LOCKING, "Lock after so many minutes without a touch; 0 never.", between(0, 24 * 60)
    )
    grace_s: int = setting(
        0,
        LOCKING,
        "Seconds of warning before an idle lock, during which moving the pointer still holds it off.",
        between(0, 60),
    )
    blank_s: int = setting(
        60,
        LOCKING,
        "Blank the locked screen after so many seconds without a touch; 0 never. The first touch lights it.",
        between(0, 3600),
    )
    switch_user: bool = setting(
        True, LOCKING, "Offer another person to log in, where LightDM's dm-tool or GDM's gdmflexiserver is."
    )
    media_keys: bool = setting(
        False,
        LOCKING,
        "Let keys for volume, play and brightness work while locked, through wpctl, pactl or amixer, "
        "playerctl, and brightnessctl or light. Whoever stands before the screen may then press them.",
    )
    alarm: str = setting(
        "balanced",
        WATCHING,
        "How soon the daemon suspects that somebody else is at the mouse: strict (soonest, with more false "
        "alarms), balanced or calm.",
        one_of("strict", "balanced", "calm"),
    )
    on_anomaly: str = setting(
        "notify",
        WATCHING,
        "What it does then: log, notify, or lock (notify and lock).",
        one_of("log", "notify", "lock"),
    )
    window_class: str = setting(
        "",
        WATCHING,
        "Watch movement over windows of this class alone (several divided by commas; `xprop WM_CLASS` tells "
        "a window's); empty for the whole desktop.",
        LINE,
    )
    hook: str = setting(
        "",
        WATCHING,
        "Path of a program that it runs then, with MOUSEGATE_EVENT, MOUSEGATE_TRUST, MOUSEGATE_REASON, "
        "MOUSEGATE_SINCE and MOUSEGATE_TIME in its environment; empty for none.",
        LINE,
    )
    history_days: int = setting(
        90,
        WATCHING,
        "How long what happened is remembered, in days; `mousegate history --erase` forgets it at once.",
        between(1, 3650),
    )
    click_maps: bool = setting(
        False,
        WATCHING,
        "Count for each application where in its windows you click and how long you hold, for the "
        "dashboard: daily counts on a grid of 64 by 64. Off, because it records which programs you use.",
    )
    background: str = setting(
        "", LOOKS, "Path of a picture behind the lock screen; empty draws a plain one.", LINE
    )
    background_colour: str = setting(
        "#19284a", LOOKS, "Colour behind everything where there is no picture.", COLOUR
    )
    accent_colour: str = setting("#ffaa78", LOOKS, "Colour of Submit, rings and highlights.", COLOUR)
    text_colour: str = setting("#ffffff", LOOKS, "Colour of the text.", COLOUR)
    clock_format: str = setting("%H:%M", LOOKS, "Format of the clock, as strftime(3) has it.", LINE)
    show_battery: bool = setting(True, LOOKS, "Show the battery where there is one.")


SETTINGS: Final = {one.key: one for one in settings_of(Config)}
"""Key to what is known of it, in the order of manual and sample."""


def load(path: Path | None = None) -> Config:
    """Read config.toml; a missing file gives the defaults.

    Raises ConfigurationError naming the file and the key for an unknown key (with the nearest known one),
    a bad value, or a file that is not TOML.
    """
    path = path or config_file()
    try:
        with path.open("rb") as file:
            untrusted = tomllib.load(file)
    except FileNotFoundError:
        return Config()
    except OSError as cause:
        raise ConfigurationError(f"{path} cannot be read: {cause.strerror}.") from cause
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as cause:
        raise ConfigurationError(f"{path} is not TOML: {cause}.") from cause
    return parse(untrusted, str(path))


def parse(untrusted: dict[str, Any], where: str = "config.toml") -> Config:
    """Check a parsed file and return it as a Config. Raises ConfigurationError naming `where` and the key."""
    for key, value in untrusted.items():
        if key not in SETTINGS:
            raise ConfigurationError(f"{where} has an unknown key {key!r}.{_suggestion(key)}")
        problem = SETTINGS[key].problem(value)
        if problem:
            raise ConfigurationError(f"{where}: {key} {problem}.")
    return Config(**untrusted)


def _suggestion(key: str) -> str:
    nearest = difflib.get_close_matches(key, SETTINGS, n=1, cutoff=0.5)
    return f" Did you mean {nearest[0]!r}?" if nearest else f" Known keys: {', '.join(SETTINGS)}."
