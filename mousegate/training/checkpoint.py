"""Saving training so that neither a full disk nor a broken loss loses anything."""

import csv
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


def add_to_curve(path: Path, step: int, loss: float, area: float) -> None:
    """Append step, loss and development AUC to the CSV at `path`, with a header where it is new; a full disk
    costs the line, not the training.
    """
    try:
        with path.open("a", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            if stream.tell() == 0:
                writer.writerow(["step", "loss", "development_auc"])
            writer.writerow([step, round(loss, 4), round(area, 5)])
    except OSError as error:
        LOG.error("the curve %s lacks step %d (%s); free some space", path, step, error.strerror)


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
    try:
        np.savez(path, values=batch.values, people=batch.people)
        where = f"its batch is in {path}"
    except OSError as error:
        where = f"its batch could not be saved in {path} ({error.strerror})"
    raise LossNotFiniteError(
        f"The loss was {loss} at step {step}; {where}. Lower the learning rate, or look for bad input there."
    )
