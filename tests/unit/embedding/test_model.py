"""The shipped model loads, embeds, and is refused when anything about it was changed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from mousegate.core.manifest import POINT_NAMES, Manifest
from mousegate.core.probe import MAX_DIMENSIONS
from mousegate.embedding.manifest import (
    COHORT_NAME,
    MANIFEST_NAME,
    MODEL_NAME,
    load_cohort,
    load_manifest,
    manifest_from_json,
    manifest_to_json,
    models_directory,
)
from mousegate.embedding.onnx import OnnxEmbedder
from mousegate.errors import ModelError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A copy of the shipped model that a test may damage."""
    for name in (COHORT_NAME, MANIFEST_NAME, MODEL_NAME):
        shutil.copy(models_directory() / name, tmp_path / name)
    return tmp_path


def windows(manifest: Manifest, count: int) -> np.ndarray:
    """Return `count` made-up windows."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (count, manifest.channels, manifest.steps)).astype(np.float32)
    values[:, -1] = 1.0
    return values


def test_embeds_any_number_of_windows(model: Path) -> None:
    """Zero, one or many windows give as many finite embeddings, the same whatever the batch."""
    manifest = load_manifest(model)
    embedder = OnnxEmbedder(manifest, model)
    values = windows(manifest, 70)
    all_at_once = embedder.embed(values)
    assert embedder.embed(values[:0]).shape == (0, manifest.dimensions)
    assert all_at_once.shape == (70, manifest.dimensions)
    np.testing.assert_allclose(embedder.embed(values[3:4])[0], all_at_once[3], atol=1e-4)


def test_fits_the_probe() -> None:
    """The embedding has a length that a probe can carry, and every operating point is there."""
    manifest = load_manifest()
    assert manifest.dimensions % 8 == 0
    assert manifest.dimensions <= MAX_DIMENSIONS
    for name in POINT_NAMES:
        for scale in (manifest.natural, manifest.lock):
            assert np.isfinite(scale.operating_point(name, 10.0).threshold)


def test_manifest_round_trip() -> None:
    """A manifest reads back as it was written."""
    manifest = load_manifest()
    assert manifest_from_json(manifest_to_json(manifest)) == manifest


@pytest.mark.parametrize("name", [MODEL_NAME, COHORT_NAME])
def test_altered_file_is_refused(model: Path, name: str) -> None:
    """One changed bit in the model or the cohort is refused by its checksum."""
    raw = bytearray((model / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (model / name).write_bytes(raw)
    manifest = load_manifest(model)
    with pytest.raises(ModelError, match="checksum"):
        OnnxEmbedder(manifest, model)
        load_cohort(manifest, model)


@pytest.mark.parametrize("name", [MODEL_NAME, COHORT_NAME, MANIFEST_NAME])
def test_missing_file_is_refused(model: Path, name: str) -> None:
    """A missing file is refused with what to do."""
    (model / name).unlink()
    with pytest.raises(ModelError, match="Install mousegate again"):
        manifest = load_manifest(model)
        OnnxEmbedder(manifest, model)
        load_cohort(manifest, model)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": 99}', "null"])
def test_malformed_manifest_is_refused(model: Path, text: str) -> None:
    """A manifest that is no manifest is refused without a traceback."""
    (model / MANIFEST_NAME).write_text(text)
    with pytest.raises(ModelError, match="malformed"):
        load_manifest(model)


def test_other_input_version_is_refused(model: Path) -> None:
    """A model trained on windows of another meaning is refused."""
    facts = json.loads((model / MANIFEST_NAME).read_text())
    facts["input_version"] += 1
    (model / MANIFEST_NAME).write_text(json.dumps(facts))
    with pytest.raises(ModelError, match="another version"):
        load_manifest(model)


def test_wrong_shape_is_refused(model: Path) -> None:
    """Windows of another shape are refused before the network sees them."""
    embedder = OnnxEmbedder(load_manifest(model), model)
    with pytest.raises(ModelError, match="expects"):
        embedder.embed(np.zeros((1, 2, 3), np.float32))


def test_onnxruntime_leaves_no_trace_of_the_computer(tmp_path: Path) -> None:
    """Loading the model in a new home writes nothing: neither an identifier nor events to report."""
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    code = "from mousegate.embedding.model import load_recogniser; load_recogniser()"
    subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=Path(__file__).parents[3], check=True, timeout=60
    )
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
