"""config.toml: every setting, its meaning and its default. Standard library only; no unknown key passes."""

import difflib
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from mousegate.errors import ConfigurationError
from mousegate.storage.paths import config_file

POLICIES: Final = ("all", "fused", "rhythm", "motion")
OPERATING_POINTS: Final = ("fmr1", "fmr0.1", "fnmr3")


@dataclass(frozen=True, slots=True)
class Config:
    """What a person may choose. Field names are the keys of config.toml; all are at its top level.

    policy: which factors must agree besides the password: `all` (rhythm and motion), `fused` (their evidence
        is added up), `rhythm` alone, or `motion` alone.
    operating_point: how strict motion is: `fmr1` (a stranger passes 1 time in 100), `fmr0.1` (1 in 1000) or
        `fnmr3` (you are refused 3 times in 100), as measured in models/MODEL_CARD.md. The default is the one
        that its owner can live with; what it costs against strangers stands in that table.
    reference: label of the reference to compare with; empty means whichever fits the pointer device.
    unenrolled: what the lock does when nothing at all is enrolled: `refuse` (stay locked, since a missing
        store must not open the screen) or `password` (the password alone unlocks).
    allow_synthetic: accept pointer events made by programs (XTEST). For tests only.
    pam_service: name of the PAM service; `login` is used where its file is missing.
    idle_minutes: lock after so many idle minutes; 0 never.
    grace_s: seconds of warning before an idle lock, during which moving the pointer still holds it off.
    alarm: how soon the daemon suspects that somebody else is at the mouse: `strict`, `balanced` or `calm`.
    on_anomaly: what it does then: `log`, `notify`, or `lock` (notify and lock).
    hook: path of a program that it runs then, with MOUSEGATE_EVENT, _TRUST, _REASON, _SINCE and _TIME in its
        environment; empty for none.
    background: path of a picture behind the lock screen; empty draws a plain one.
    background_colour, accent_colour, text_colour: `#rrggbb`.
    clock_format: strftime format of the clock.
    show_battery: show the battery where there is one.
    """

    policy: str = "all"
    operating_point: str = "fnmr3"
    reference: str = ""
    unenrolled: str = "refuse"
    allow_synthetic: bool = False
    pam_service: str = "mousegate"
    idle_minutes: int = 10
    grace_s: int = 0
    alarm: str = "balanced"
    on_anomaly: str = "notify"
    hook: str = ""
    background: str = ""
    background_colour: str = "#19284a"
    accent_colour: str = "#ffaa78"
    text_colour: str = "#ffffff"
    clock_format: str = "%H:%M"
    show_battery: bool = True


_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_SERVICE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class _Rule:
    """Whether a value of the right type is allowed, and how to say what is."""

    allows: Callable[[Any], bool]
    wanted: str


def _one_of(choices: tuple[str, ...]) -> _Rule:
    return _Rule(lambda value: value in choices, "one of " + ", ".join(choices))


_HEX_COLOUR: Final = _Rule(lambda value: bool(_COLOUR.fullmatch(value)), "a colour like #1d2430")
_LINE: Final = _Rule(lambda value: len(value) <= 4096 and value.isprintable(), "one line of text")
_RULES: Final[dict[str, _Rule]] = {
    "policy": _one_of(POLICIES),
    "operating_point": _one_of(OPERATING_POINTS),
    "reference": _LINE,
    "unenrolled": _one_of(("refuse", "password")),
    "pam_service": _Rule(
        lambda value: bool(_SERVICE.fullmatch(value)), "the name of a file in /etc/pam.d, like mousegate"
    ),
    "idle_minutes": _Rule(lambda value: 0 <= value <= 24 * 60, "0 to 1440"),
    "grace_s": _Rule(lambda value: 0 <= value <= 60, "0 to 60"),
    "alarm": _one_of(("strict", "balanced", "calm")),
    "on_anomaly": _one_of(("log", "notify", "lock")),
    "hook": _LINE,
    "background": _LINE,
    "background_colour": _HEX_COLOUR,
    "accent_colour": _HEX_COLOUR,
    "text_colour": _HEX_COLOUR,
    "clock_format": _LINE,
}
_TYPES: Final[dict[type, str]] = {str: "text in quotes", bool: "true or false", int: "a whole number"}


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
    known = {field.name: type(field.default) for field in fields(Config)}
    for key, value in untrusted.items():
        if key not in known:
            raise ConfigurationError(f"{where} has an unknown key {key!r}.{_suggestion(key, list(known))}")
        wanted = known[key]
        if type(value) is not wanted:
            raise ConfigurationError(f"{where}: {key} must be {_TYPES[wanted]}.")
        rule = _RULES.get(key)
        if rule is not None and not rule.allows(value):
            raise ConfigurationError(f"{where}: {key} = {value!r} must be {rule.wanted}.")
    return Config(**untrusted)


def _suggestion(key: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
    return f" Did you mean {nearest[0]!r}?" if nearest else f" Known keys: {', '.join(known)}."
