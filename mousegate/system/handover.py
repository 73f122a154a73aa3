"""What of a person's store goes to root's copy for login, and its form on the pipe between the two.

The person's own process writes it, and could write anything: whatever is not exactly this is refused.
"""

import base64
import json
import math
from dataclasses import dataclass, field
from typing import Any, Final

from mousegate.core.events import PointerDevice
from mousegate.core.motion import MotionReference
from mousegate.core.reference import Reference
from mousegate.core.rhythm import RhythmReference
from mousegate.errors import MousegateError, StoreError
from mousegate.storage import config as configuration
from mousegate.storage.config import Config
from mousegate.storage.files import KEY_BYTES
from mousegate.storage.hashing import PROFILES
from mousegate.storage.references import check_label
from mousegate.storage.store import Store

MOST_BYTES: Final = 16 << 20
MOST_REFERENCES: Final = 64
SETTINGS: Final = ("policy", "operating_point", "reference")
"""Keys of config.toml that hold at login as well. `allow_synthetic` never does; `unenrolled` means nothing
where there always is a reference, and refuses should it be gone."""
_FORMAT: Final = 1
_KEYS: Final = {"format", "key", "armed", "references", "settings"}
_REFERENCE_KEYS: Final = {"label", "device", "rhythm", "motion", "created_s", "updated_s"}


@dataclass(frozen=True, slots=True)
class Handover:
    """A person's references, the key they were made with, and how they are compared.

    armed: `yes`, `no` or empty, as the store's settings have it.
    """

    key: bytes = field(repr=False)
    armed: str
    references: tuple[Reference, ...]
    settings: dict[str, str]

    def encode(self) -> bytes:
        """Return its form on the pipe. The same references have the same form."""
        known = {
            "format": _FORMAT,
            "key": _text(self.key),
            "armed": self.armed,
            "references": [_encoded(one) for one in sorted(self.references, key=_order)],
            "settings": dict(sorted(self.settings.items())),
        }
        return json.dumps(known, allow_nan=False).encode()


def read(store: Store, config: Config) -> Handover:
    """Return what would go from this store. Raises StoreError."""
    armed = "yes" if store.settings.armed else "no" if store.settings.disarmed else ""
    settings = {name: str(getattr(config, name)) for name in SETTINGS}
    return Handover(store.key, armed, tuple(store.references.all()), settings)


def decode(untrusted: bytes) -> Handover:
    """Return what was said on the pipe. Raises StoreError when it is anything but a handover."""
    try:
        return _decode(json.loads(untrusted))
    except (MousegateError, ValueError, TypeError, KeyError, OverflowError, RecursionError) as cause:
        raise StoreError(
            f"What was read of the store cannot be used ({cause}): its owner should run `mousegate doctor`."
        ) from cause


def _decode(untrusted: Any) -> Handover:
    _require(isinstance(untrusted, dict) and untrusted.keys() == _KEYS, "not the form of this version")
    _require(untrusted["format"] == _FORMAT, "the form of another version")
    key = _bytes(untrusted["key"])
    _require(len(key) == KEY_BYTES, "a key of the wrong length")
    _require(untrusted["armed"] in ("yes", "no", ""), "neither armed nor not")
    _require(isinstance(untrusted["references"], list), "no list of references")
    _require(len(untrusted["references"]) <= MOST_REFERENCES, f"more than {MOST_REFERENCES} references")
    references = tuple(_reference(one) for one in untrusted["references"])
    _require(len({_order(one) for one in references}) == len(references), "one reference twice")
    settings = untrusted["settings"]
    _require(isinstance(settings, dict) and settings.keys() == set(SETTINGS), "other settings")
    configuration.parse(settings, "the settings")
    return Handover(key, untrusted["armed"], references, settings)


def _reference(untrusted: Any) -> Reference:
    _require(isinstance(untrusted, dict) and untrusted.keys() == _REFERENCE_KEYS, "a strange reference")
    label, rhythm, motion = (untrusted[name] for name in ("label", "rhythm", "motion"))
    _require(isinstance(label, str), "a label that is no text")
    check_label(label)
    times_s = [float(untrusted[name]) for name in ("created_s", "updated_s")]
    _require(all(math.isfinite(one) and 0 <= one < 1e11 for one in times_s), "a time that is none")
    return Reference(
        label=label,
        device=PointerDevice(untrusted["device"]),
        rhythm=None if rhythm is None else _rhythm(rhythm),
        motion=None if motion is None else MotionReference.from_bytes(_bytes(motion)),
        created_s=times_s[0],
        updated_s=times_s[1],
    )


def _rhythm(untrusted: Any) -> RhythmReference:
    rhythm = RhythmReference.from_json(untrusted)
    _require(rhythm.profile in PROFILES, "a rhythm hashed in a way that this version does not know")
    return rhythm


def _encoded(reference: Reference) -> dict[str, Any]:
    return {
        "label": reference.label,
        "device": int(reference.device),
        "rhythm": reference.rhythm.to_json() if reference.rhythm else None,
        "motion": _text(reference.motion.to_bytes()) if reference.motion else None,
        "created_s": reference.created_s,
        "updated_s": reference.updated_s,
    }


def _order(reference: Reference) -> tuple[str, int]:
    return reference.label, int(reference.device)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _bytes(untrusted: Any) -> bytes:
    _require(isinstance(untrusted, str), "bytes that are no text")
    return base64.b64decode(untrusted, validate=True)


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise StoreError(otherwise)
