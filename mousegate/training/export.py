"""Torch to ONNX, with proof that both compute the same."""

import hashlib
import logging
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from torch import nn

from mousegate.core.windows import CHANNELS, PARAMETERS
from mousegate.errors import ModelError

LOG = logging.getLogger(__name__)
TOLERANCE = 1e-4
OPSET = 17


def export(network: nn.Module, path: Path) -> str:
    """Write `network` as ONNX with a free batch size and return the file's SHA-256 in hexadecimal.

    Raises ModelError when onnxruntime differs from torch by more than TOLERANCE on random windows.
    """
    network = network.eval()
    example = torch.zeros(2, len(CHANNELS), PARAMETERS.steps)
    example[:, -1] = 1.0
    torch.onnx.export(
        network,
        (example,),
        path,
        input_names=["windows"],
        output_names=["embeddings"],
        dynamic_axes={"windows": {0: "n"}, "embeddings": {0: "n"}},
        opset_version=OPSET,
        dynamo=False,
    )
    difference = largest_difference(network, path)
    LOG.info("onnxruntime differs from torch by %.1e at most", difference)
    if not difference <= TOLERANCE:
        raise ModelError(
            f"The exported model differs from the trained one by {difference:.1e}; do not ship it."
        )
    return hashlib.sha256(path.read_bytes()).hexdigest()


def output_dimensions(path: Path) -> int:
    """Return the length of the embeddings that the model at `path` makes."""
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    return int(session.get_outputs()[0].shape[1])


def largest_difference(network: nn.Module, path: Path, seed: int = 0) -> float:
    """Return the largest absolute difference of the two over batches of 1, 3 and 17 random windows, some
    padded.
    """
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    rng = np.random.default_rng(seed)
    largest = 0.0
    for count in (1, 3, 17):
        values = rng.normal(0.0, 1.0, (count, len(CHANNELS), PARAMETERS.steps)).astype(np.float32)
        values[:, -1] = 1.0
        values[0, :, PARAMETERS.steps // 2 :] = 0.0
        with torch.no_grad():
            expected = network(torch.from_numpy(values)).numpy()
        largest = max(largest, float(np.abs(session.run(None, {"windows": values})[0] - expected).max()))
    return largest
