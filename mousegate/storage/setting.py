"""One key of config.toml: its default, its rule and its documentation, all in one place."""

import re
from collections.abc import Callable
from dataclasses import Field, dataclass, field, fields
from typing import Any, Final, TypeVar

_Value = TypeVar("_Value", str, int, bool, float)
_METADATA: Final = "setting"
TYPES: Final[dict[type, str]] = {
    str: "text in quotes", bool: "true or false", int: "a whole number", float: "a number",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rule:
    """Whether a value of the right type is allowed, and how to say what is."""

    allows: Callable[[Any], bool]
    wanted: str


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one key.

    section: heading under which manual and sample list it. help: sentences in plain words, for the person who
    sets it; what each choice does, with its units. rule: the values allowed; None where the type says all.
    """

    key: str
    default: str | int | bool | float
    section: str
    help: str
    rule: Rule | None

    @property
    def wanted(self) -> str:
        """Return which values are allowed, in words."""
        return self.rule.wanted if self.rule else TYPES[type(self.default)]

    def problem(self, value: object) -> str:
        """Return why `value` is not allowed, to follow "KEY must be"; empty where it is.

        A whole number is a number, too; true is not a whole number.
        """
        kind = type(self.default)
        if type(value) is not kind and not (kind is float and type(value) is int):
            return f"must be {TYPES[kind]}"
        if self.rule is not None and not self.rule.allows(value):
            return f"= {value!r} must be {self.rule.wanted}"
        return ""


def setting(default: _Value, section: str, help: str, rule: Rule | None = None) -> _Value:  # noqa: A002
    """Declare a key of Config: `name: type = setting(default, SECTION, "What it does.", rule)`."""
    declared: _Value = field(default=default, metadata={_METADATA: (default, section, help, rule)})
    return declared


def settings_of(declaring: type) -> tuple[Setting, ...]:
    """Return the settings that a dataclass declares, in its order.

    Raises KeyError for a field that was not declared with `setting`: an undocumented key.
    """
    return tuple(_setting(one) for one in fields(declaring))


def _setting(one: "Field[Any]") -> Setting:
    default, section, help_text, rule = one.metadata[_METADATA]
    return Setting(one.name, default, section, help_text, rule)


def one_of(*choices: str) -> Rule:
    """One of a few words."""
    return Rule(lambda value: value in choices, "one of " + ", ".join(choices))


def between(least: float, most: float) -> Rule:
    """A number from `least` to `most`, both included; NaN is none."""
    return Rule(lambda value: least <= value <= most, f"{least} to {most}")


def matching(pattern: str, wanted: str) -> Rule:
    """A text that a regular expression matches as a whole."""
    compiled = re.compile(pattern)
    return Rule(lambda value: bool(compiled.fullmatch(value)), wanted)


COLOUR: Final = matching(r"#[0-9a-fA-F]{6}", "a colour like #1d2430")
LINE: Final = Rule(lambda value: len(value) <= 4096 and value.isprintable(), "one line of text")
