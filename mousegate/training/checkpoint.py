"""Saving training so that neither a full disk nor a broken loss loses anything."""

import logging
import os
from pathlib import Path
from typing import Any

import numpy as np
import torch

from mousegate.errors import BadInput, MousegateError
from mousegate.training.sampler import Batch

LOG = logging.getLogger(__name__)


def save(path: Path, state: dict[str, Any]) -> bool:
    """Write `state` beside `path` and rename it over, so that the last good checkpoint survives a full disk.

    Returns whether it was written; a failure is told, and training goes on with the older checkpoint.
    """
    part = path.with_suffix(".part")
    try:
        torch.save(state, part)
        with part.open("rb") as stream:
            os.fsync(stream.fileno())
        part.replace(path)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        LOG.error(
            "the checkpoint %s was not written (%s); free some space: the one before is kept", path, error
        )
        return False
    return True


def load(path: Path) -> dict[str, Any] | None:
    """Return the state saved at `path`, or None when there is none. Raises BadInput when it is damaged."""
    if not path.is_file():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, ValueError) as error:
        raise BadInput(f"The checkpoint {path} is damaged; delete it to start again.") from error
    if not isinstance(state, dict):
        raise BadInput(f"The checkpoint {path} is not one; delete it to start again.")
    return state


class LossNotFiniteError(MousegateError):
    """The loss became NaN or infinite; the batch that did it was saved."""


def stop_on_broken_loss(loss: float, batch: Batch, step: int, directory: Path) -> None:
    """Do nothing for a finite loss; else save the batch and raise LossNotFiniteError naming where it is."""
    if np.isfinite(loss):
        return
    path = directory / f"broken-batch-{step}.npz"
    np.savez(path, values=batch.values, people=batch.people)
    raise LossNotFiniteError(
        f"The loss was {loss} at step {step}; its batch is in {path}. "
        "Lower the learning rate, or look for bad input there."
    )
