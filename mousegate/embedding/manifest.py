"""Reads and writes a model's manifest and cohort, and refuses what was altered. numpy only."""

import hashlib
import io
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from mousegate.core.manifest import (
    Calibration,
    Cohort,
    CohortWindows,
    HeadParameters,
    Manifest,
    OperatingCurve,
    ScoreScale,
    Trend,
)
from mousegate.core.windows import CHANNELS, INPUT_VERSION, PARAMETERS
from mousegate.errors import ModelError

MODEL_NAME: Final = "embedder.onnx"
MANIFEST_NAME: Final = "embedder.json"
COHORT_NAME: Final = "cohort.npz"
FORMAT: Final = 2
_MEND: Final = "Install mousegate again, or train with `mousegate train`."


def models_directory() -> Path:
    """Return the folder of the shipped model: beside the package in a checkout, else inside the package."""
    package = Path(__file__).resolve().parent.parent
    beside = package.parent / "models"
    return beside if (beside / MANIFEST_NAME).is_file() else package / "models"


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
            natural, lock = (_cohort_windows(arrays, name) for name in ("natural", "lock"))
            cohort = Cohort(natural, lock, arrays["holds_ms"].astype(np.float32))
    except (ValueError, KeyError, OSError) as error:
        raise ModelError(f"The cohort {path} is malformed. {_MEND}") from error
    sound = all(
        one.embeddings.shape == (len(one.person), manifest.dimensions)
        and len(one.person) > 0
        and np.isfinite(one.embeddings).all()
        for one in (natural, lock)
    )
    if not sound or cohort.holds_ms.ndim != 1 or not (cohort.holds_ms > 0).all():
        raise ModelError(f"The cohort {path} does not fit the model. {_MEND}")
    return cohort


def _cohort_windows(arrays: Any, name: str) -> CohortWindows:
    return CohortWindows(
        arrays[f"{name}_embeddings"].astype(np.float32), arrays[f"{name}_person"].astype(np.int32)
    )


def cohort_to_bytes(cohort: Cohort) -> bytes:
    """Return what `load_cohort` reads; embeddings and holds keep half precision."""
    packed = io.BytesIO()
    np.savez(
        packed,
        natural_embeddings=cohort.natural.embeddings.astype(np.float16),
        natural_person=cohort.natural.person,
        lock_embeddings=cohort.lock.embeddings.astype(np.float16),
        lock_person=cohort.lock.person,
        holds_ms=cohort.holds_ms.astype(np.float16),
    )
    return packed.getvalue()


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
    return Manifest(
        model_id=bytes.fromhex(facts["sha256"])[:8],
        sha256=str(facts["sha256"]),
        cohort_sha256=str(facts["cohort_sha256"]),
        dimensions=int(facts["dimensions"]),
        input_version=int(facts["input_version"]),
        channels=int(facts["channels"]),
        steps=int(facts["steps"]),
        natural=_scale(facts["natural"]),
        lock=_scale(facts["lock"]),
        head=HeadParameters(**facts["head"]),
    )


def _scale(facts: Any) -> ScoreScale:
    calibration = facts["calibration"]
    curves = tuple(
        OperatingCurve(
            str(curve["name"]),
            _trend(curve["threshold"]),
            _trend(curve["fmr_log_odds"]),
            _trend(curve["fnmr_log_odds"]),
        )
        for curve in facts["curves"]
    )
    return ScoreScale(
        float(facts["shortest_s"]),
        float(facts["longest_s"]),
        Calibration(_trend(calibration["slope"]), _trend(calibration["offset"])),
        curves,
    )


def _trend(facts: Any) -> Trend:
    trend = Trend(float(facts["level"]), float(facts["slope"]))
    if not np.isfinite([trend.level, trend.slope]).all():
        raise ValueError("not finite")
    return trend


def manifest_to_json(manifest: Manifest) -> str:
    """Return the text that `manifest_from_json` reads."""
    facts = asdict(manifest)
    del facts["model_id"]  # the beginning of sha256
    return json.dumps({"format": FORMAT} | facts, indent=1) + "\n"
