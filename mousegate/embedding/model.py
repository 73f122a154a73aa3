"""A model, whole: loaded in one place, so that manifest, network and cohort always belong together."""

from pathlib import Path

from mousegate.core.recogniser import Recogniser
from mousegate.embedding.manifest import load_cohort, load_manifest
from mousegate.embedding.onnx import OnnxEmbedder


def load_recogniser(directory: Path | None = None, threads: int = 1) -> Recogniser:
    """Load a model folder (None: the shipped one). Raises ModelError when any of it is missing or altered.

    The cohort is loaded, and checked, when it is first needed.
    """
    manifest = load_manifest(directory)
    embedder = OnnxEmbedder(manifest, directory, threads)
    return Recogniser(manifest, embedder.embed, lambda: load_cohort(manifest, directory))
