"""The network at run time: the only place that loads onnxruntime."""

from pathlib import Path
from typing import Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from mousegate.core.manifest import Manifest
from mousegate.embedding.manifest import MODEL_NAME, models_directory, read_checked
from mousegate.errors import ModelError

_BATCH: Final = 64
"""Windows per run: larger batches gain nothing on a CPU and cost memory."""


class OnnxEmbedder:
    """Embeds windows with the model that `manifest` describes."""

    def __init__(self, manifest: Manifest, directory: Path | None = None, threads: int = 1) -> None:
        """Load the model. Raises ModelError when it is missing, altered or not a model."""
        path = (directory or models_directory()) / MODEL_NAME
        raw = read_checked(path, manifest.sha256)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(raw, options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ModelError(f"The model file {path} cannot be loaded; install mousegate again.") from error
        self._manifest = manifest

    def embed(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map windows (n, channels, steps) to embeddings (n, dimensions).

        Raises ModelError when the shape does not fit the model or an embedding is not finite.
        """
        manifest = self._manifest
        if values.ndim != 3 or values.shape[1:] != (manifest.channels, manifest.steps):
            raise ModelError(f"The model expects windows of {manifest.channels} x {manifest.steps}.")
        parts = [np.zeros((0, manifest.dimensions), np.float32)]
        for start in range(0, len(values), _BATCH):
            batch = np.ascontiguousarray(values[start : start + _BATCH], np.float32)
            parts.append(np.asarray(self._session.run(None, {"windows": batch})[0], np.float32))
        embeddings = np.concatenate(parts)
        if embeddings.shape != (len(values), manifest.dimensions) or not np.isfinite(embeddings).all():
            raise ModelError("The model's output is not usable; install mousegate again.")
        return embeddings
