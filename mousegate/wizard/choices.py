"""What a person has chosen and shown so far: all that is written down between two sittings."""

import getpass
import json
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from mousegate.core.events import PointerDevice
from mousegate.errors import BadInput
from mousegate.storage.config import SETTINGS, Config
from mousegate.wizard.steps import Step

CHOSEN_KEYS: Final = ("policy", "operating_point", "idle_minutes", "on_anomaly", "alarm")
"""Keys of config.toml that the wizard asks about."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The draft's facts.

    step: where to go on. label, device: of the reference to be made. policy to alarm: as in config.toml.
    matched: genuine attempts that matched since rhythm and movement were last enrolled; missed: those that
    did not. others_kept_out, others_let_in: attempts by someone else.
    """

    step: Step = Step.WELCOME
    label: str = ""
    device: PointerDevice = PointerDevice.UNKNOWN
    policy: str = "all"
    operating_point: str = "fnmr10"
    idle_minutes: int = 10
    on_anomaly: str = "notify"
    alarm: str = "balanced"
    matched: int = 0
    missed: int = 0
    others_kept_out: int = 0
    others_let_in: int = 0

    @classmethod
    def first(cls, config: Config) -> "Choices":
        """Return what a new setup begins with: what is configured already."""
        kept = {key: getattr(config, key) for key in CHOSEN_KEYS}
        return cls(label=config.reference or getpass.getuser()[:64], **kept)

    def untried(self) -> "Choices":
        """Return them after rhythm or movement were enrolled anew: what was tried counts no more."""
        return replace(self, matched=0, missed=0, others_kept_out=0, others_let_in=0)

    def settings(self) -> dict[str, str | int]:
        """Return what goes into config.toml."""
        return {key: getattr(self, key) for key in CHOSEN_KEYS}

    def configured(self, config: Config) -> Config:
        """Return `config` with these choices."""
        return replace(config, **self.settings())  # type: ignore[arg-type]

    def to_json(self) -> str:
        """Return the form that is kept."""
        return json.dumps(asdict(self) | {"step": self.step.value, "device": int(self.device)}, indent=1)

    @classmethod
    def from_json(cls, untrusted_text: str) -> "Choices":
        """Parse what `to_json` wrote. Raises BadInput on anything else."""
        try:
            stored: dict[str, Any] = json.loads(untrusted_text)
            if set(stored) != {field.name for field in fields(cls)}:
                raise ValueError("fields")
            stored |= {"step": Step(stored["step"]), "device": PointerDevice(stored["device"])}
            for field in fields(cls):
                if field.name in SETTINGS and SETTINGS[field.name].problem(stored[field.name]):
                    raise ValueError(field.name)
                if type(stored[field.name]) is not type(field.default):
                    raise ValueError(field.name)
            return cls(**stored)
        except (ValueError, TypeError, KeyError, RecursionError) as cause:
            raise BadInput("What was kept of the last setup is damaged. Begin anew.") from cause
