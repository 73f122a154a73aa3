"""Reads the shipped model's manifest and cohort, and refuses what was altered. numpy only."""

import hashlib
import io
import json
from pathlib import Path
from typing import Final

import numpy as np

from mousegate.core.decision import OperatingPoint
from mousegate.core.manifest import Calibration, Cohort, HeadParameters, Manifest
from mousegate.core.windows import CHANNELS, INPUT_VERSION, PARAMETERS
from mousegate.errors import ModelError

MODEL_NAME: Final = "embedder.onnx"
MANIFEST_NAME: Final = "embedder.json"
COHORT_NAME: Final = "cohort.npz"
MOVEMENT_NAME: Final = "movement"
FORMAT: Final = 1
_MEND: Final = "Install mousegate again, or train with `mousegate train`."


def models_directory() -> Path:
    """Return the folder of the shipped model: beside the package in a checkout, else inside the package."""
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "models"
    return beside if (beside / MANIFEST_NAME).is_file() else package / "models"


def movement_directory() -> Path:
    """Return the folder of manifest and cohort for movement alone, which stored references are made with.

    At a lock screen the clicks are the chosen rhythm, so how the buttons are held says nothing of the hand.
    """
    return models_directory() / MOVEMENT_NAME


def load_manifest(directory: Path | None = None) -> Manifest:
    """Read the manifest. Raises ModelError when it is missing, malformed or of another input version."""
    path = (directory or models_directory()) / MANIFEST_NAME
    text = read_checked(path, None)
    try:
        manifest = manifest_from_json(text.decode("utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The model's manifest {path} is malformed. {_MEND}") from error
    expected = (INPUT_VERSION, len(CHANNELS), PARAMETERS.steps)
    if (manifest.input_version, manifest.channels, manifest.steps) != expected:
        raise ModelError(f"The model in {path.parent} was made for another version of mousegate. {_MEND}")
    return manifest


def load_cohort(manifest: Manifest, directory: Path | None = None) -> Cohort:
    """Read the cohort that belongs to `manifest`. Raises ModelError when it is missing or altered."""
    path = (directory or models_directory()) / COHORT_NAME
    raw = read_checked(path, manifest.cohort_sha256)
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            embeddings, person = arrays["embeddings"].astype(np.float32), arrays["person"].astype(np.int32)
            holds_ms = arrays["holds_ms"].astype(np.float32)
    except (ValueError, KeyError, OSError) as error:
        raise ModelError(f"The cohort {path} is malformed. {_MEND}") from error
    if (
        embeddings.shape != (len(person), manifest.dimensions)
        or not np.isfinite(embeddings).all()
        or (holds_ms.ndim != 1 or not (holds_ms > 0).all())
    ):
        raise ModelError(f"The cohort {path} does not fit the model. {_MEND}")
    return Cohort(embeddings, person, holds_ms)


def read_checked(path: Path, sha256: str | None) -> bytes:
    """Return the file's bytes. Raises ModelError when it is missing or its digest is not `sha256` (None:
    any).
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ModelError(f"The model file {path} cannot be read ({error.strerror}). {_MEND}") from error
    if sha256 is not None and hashlib.sha256(raw).hexdigest() != sha256:
        raise ModelError(f"The model file {path} was altered (its checksum is wrong). {_MEND}")
    return raw


def manifest_from_json(text: str) -> Manifest:
    """Parse a manifest. Raises ValueError, KeyError or TypeError on anything `manifest_to_json` would not
    write.
    """
    facts = json.loads(text)
    if facts["format"] != FORMAT:
        raise ValueError("format")
    calibration = facts["calibration"]
    points = tuple(
        OperatingPoint(
            p["name"], float(p["threshold"]), float(p["fmr"]), float(p["fnmr"]), float(p["probe_s"])
        )
        for p in facts["operating_points"]
    )
    return Manifest(
        model_id=bytes.fromhex(facts["sha256"])[:8],
        sha256=str(facts["sha256"]),
        cohort_sha256=str(facts["cohort_sha256"]),
        dimensions=int(facts["dimensions"]),
        input_version=int(facts["input_version"]),
        channels=int(facts["channels"]),
        steps=int(facts["steps"]),
        calibration=Calibration(
            tuple(map(float, calibration["durations_s"])),
            tuple(map(float, calibration["slopes"])),
            tuple(map(float, calibration["offsets"])),
        ),
        operating_points=points,
        head=HeadParameters(**facts["head"]),
    )


def manifest_to_json(manifest: Manifest) -> str:
    """Return the text that `manifest_from_json` reads."""
    calibration = manifest.calibration
    facts = {
        "format": FORMAT,
        "sha256": manifest.sha256,
        "cohort_sha256": manifest.cohort_sha256,
        "dimensions": manifest.dimensions,
        "input_version": manifest.input_version,
        "channels": manifest.channels,
        "steps": manifest.steps,
        "head": {name: getattr(manifest.head, name) for name in HeadParameters.__dataclass_fields__},
        "calibration": {
            "durations_s": calibration.durations_s,
            "slopes": calibration.slopes,
            "offsets": calibration.offsets,
        },
        "operating_points": [
            {name: getattr(point, name) for name in OperatingPoint.__dataclass_fields__}
            for point in manifest.operating_points
        ],
    }
    return json.dumps(facts, indent=1) + "\n"
