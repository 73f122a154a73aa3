"""What is stored for one person and one pointer device."""

from dataclasses import dataclass

from mousegate.core.events import PointerDevice
from mousegate.core.motion import MotionReference
from mousegate.core.rhythm import RhythmReference


@dataclass(frozen=True, slots=True)
class Reference:
    """One person at one pointer device. Either factor may not be enrolled yet (None).

    label: what the person calls it; device: pointer device class; created_s, updated_s: Unix seconds.
    """

    label: str
    device: PointerDevice
    rhythm: RhythmReference | None
    motion: MotionReference | None
    created_s: float
    updated_s: float
