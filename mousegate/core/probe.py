"""The probe and its wire form: what the greeter answers when asked `mousegate-probe:1`.

PAM and LightDM carry as little as 512 bytes per answer, so a probe is packed small:

    bytes  field
    1      version (1)
    8      model id (first bytes of the model's SHA-256)
    1      pointer device class
    1      attack flags
    1      number of clicks, 0 to 12
    3 each target (u8), hold in ms (u16, saturating)
    2      windows embedded (u16)
    2      active movement in 0.1 s (u16)
    1      quality, 0 to 255
    1      embedding length / 8
    2 each embedding, float16
    4      CRC-32 of all before it

in URL-safe base64 without padding; never more than MAX_ENCODED characters.
"""

import base64
import binascii
import math
import struct
import zlib
from dataclasses import dataclass, field
from enum import STRICT, IntEnum, IntFlag

import numpy as np
from numpy.typing import NDArray

from mousegate.core.events import PointerDevice
from mousegate.errors import BadInput

PROBE_PROMPT = "mousegate-probe:1"
RECOVERY_PREFIX = "mousegate-recovery:1 "
MAX_ENCODED = 480
MAX_CLICKS = 12
MAX_DIMENSIONS = 128
_VERSION = 1
_HEAD = struct.Struct("<B8sBBB")
_CLICK = struct.Struct("<BH")
_COUNTS = struct.Struct("<HHBB")
_CRC = struct.Struct("<I")


class Target(IntEnum):
    """What a click in the greeter landed on."""

    BACKGROUND = 0
    FACE = 1
    PASSWORD = 2
    SUBMIT = 3


class AttackFlag(IntFlag, boundary=STRICT):
    """Presentation-attack signs seen while the probe was recorded."""

    NONE = 0
    SYNTHETIC_DEVICE = 1
    MACHINE_STRAIGHT = 2


@dataclass(frozen=True, slots=True)
class Click:
    """One press and its release: where it landed and how long it was held, in ms."""

    target: Target
    hold_ms: int


Rhythm = tuple[Click, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """What is compared now. `embedding` is the mean window embedding (float32, length 8 to 128) or empty."""

    model_id: bytes
    device: PointerDevice
    rhythm: Rhythm
    embedding: NDArray[np.float32] = field(repr=False)
    windows: int
    active_s: float
    quality: float
    attack: AttackFlag = AttackFlag.NONE


def encode(probe: Probe) -> str:
    """Return the wire form, at most MAX_ENCODED characters of ASCII.

    Raises BadInput when a field is out of range (too many clicks or dimensions, not finite).
    """
    size = len(probe.embedding)
    if len(probe.rhythm) > MAX_CLICKS or size > MAX_DIMENSIONS or size % 8 or len(probe.model_id) != 8:
        raise BadInput("The probe does not fit its wire form; record it again.")
    with np.errstate(over="ignore"):
        half = np.asarray(probe.embedding, np.float32).astype("<f2")
    if not (np.isfinite(half).all() and math.isfinite(probe.active_s) and math.isfinite(probe.quality)):
        raise BadInput("The probe is not finite; record it again.")
    body = _HEAD.pack(_VERSION, probe.model_id, probe.device, probe.attack, len(probe.rhythm))
    body += b"".join(_CLICK.pack(click.target, min(max(click.hold_ms, 0), 0xFFFF)) for click in probe.rhythm)
    body += _COUNTS.pack(
        min(max(probe.windows, 0), 0xFFFF),
        min(max(round(probe.active_s * 10), 0), 0xFFFF),
        round(255 * min(max(probe.quality, 0.0), 1.0)),
        size // 8,
    )
    body += half.tobytes()
    body += _CRC.pack(zlib.crc32(body))
    return base64.urlsafe_b64encode(body).rstrip(b"=").decode("ascii")


def decode(untrusted_text: str) -> Probe:
    """Parse the wire form. Raises BadInput on anything that `encode` would not have written."""
    if len(untrusted_text) > MAX_ENCODED:
        raise BadInput("The probe is too long.")
    try:
        raw = untrusted_text.encode("ascii")
        body = base64.b64decode(raw + b"=" * (-len(raw) % 4), altchars=b"-_", validate=True)
        probe = _unpack(body)
        if encode(probe) != untrusted_text:
            raise ValueError("not canonical")
    except (UnicodeEncodeError, binascii.Error, struct.error, ValueError) as error:
        raise BadInput("The probe is not in the form that the greeter writes.") from error
    return probe


def _unpack(body: bytes) -> Probe:
    version, model_id, device, attack, clicks = _HEAD.unpack_from(body)
    if version != _VERSION or clicks > MAX_CLICKS:
        raise ValueError("version or clicks")
    offset = _HEAD.size
    pairs = [_CLICK.unpack_from(body, offset + i * _CLICK.size) for i in range(clicks)]
    rhythm = tuple(Click(Target(target), hold_ms) for target, hold_ms in pairs)
    offset += clicks * _CLICK.size
    windows, tenths, quality, eighths = _COUNTS.unpack_from(body, offset)
    offset += _COUNTS.size
    size = eighths * 8
    if size > MAX_DIMENSIONS or len(body) != offset + 2 * size + _CRC.size:
        raise ValueError("length")
    if _CRC.unpack_from(body, len(body) - _CRC.size)[0] != zlib.crc32(body[: -_CRC.size]):
        raise ValueError("checksum")
    embedding = np.frombuffer(body, "<f2", size, offset).astype(np.float32)
    if not np.isfinite(embedding).all():
        raise ValueError("not finite")
    return Probe(
        model_id=model_id,
        device=PointerDevice(device),
        rhythm=rhythm,
        embedding=embedding,
        windows=windows,
        active_s=tenths / 10,
        quality=quality / 255,
        attack=AttackFlag(attack),
    )
