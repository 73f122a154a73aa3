"""The training loop: one readable function over the run-time's own feature code.

Runs as one process, or data-parallel under `torchrun --nproc_per_node N -m mousegate.training train ...`; the
same code serves both.
"""

import csv
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import Progress, TextColumn
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from mousegate.training import checkpoint
from mousegate.training.development import DevelopmentSet
from mousegate.training.losses import AdditiveMarginSoftmax
from mousegate.training.network import Embedder, NetworkShape
from mousegate.training.sampler import WindowSampler

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingParameters:
    """How one network is trained (chosen by ablation; see models/MODEL_CARD.md).

    samples: windows seen; check_every: steps between measurements on development people; patience:
    measurements without progress after which it stops; within_dataset: only people of one data set compete,
    since telling data sets apart teaches nothing about hands.
    """

    samples: int = 500_000
    batch: int = 192
    learning_rate: float = 4e-3
    weight_decay: float = 1e-3
    warm_up: float = 0.15
    gradient_norm: float = 5.0
    scale: float = 20.0
    margin: float = 0.0
    within_dataset: bool = True
    check_every: int = 250
    patience: int = 8


class Recogniser(nn.Module):
    """Network and loss in one module, so that data-parallel training sees all parameters."""

    def __init__(self, shape: NetworkShape, sampler: WindowSampler, parameters: TrainingParameters) -> None:
        """Make an untrained network for the sampler's people."""
        super().__init__()
        self.embedder = Embedder(shape)
        self.loss = AdditiveMarginSoftmax(
            shape.dimensions, len(sampler.people), parameters.scale, parameters.margin
        )
        same = torch.from_numpy(sampler.same_dataset) if parameters.within_dataset else None
        self.register_buffer("same", same, persistent=False)

    def forward(self, values: Tensor, people: Tensor) -> Tensor:
        """Return the mean loss of windows (n, channels, steps) of people (n,)."""
        allowed = self.same[people] if isinstance(self.same, Tensor) else None
        loss: Tensor = self.loss(self.embedder(values), people, allowed)
        return loss


@contextmanager
def distributed() -> Iterator[tuple[int, int]]:
    """Join the other processes that torchrun started, if any; yields (rank, how many)."""
    count = int(os.environ.get("WORLD_SIZE", "1"))
    if count == 1:
        yield 0, 1
        return
    torch.distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield torch.distributed.get_rank(), count
    finally:
        torch.distributed.destroy_process_group()


def train_network(
    sampler: WindowSampler,
    development: DevelopmentSet,
    directory: Path,
    *,
    shape: NetworkShape,
    parameters: TrainingParameters,
    seed: int,
) -> Embedder:
    """Train one network, resuming from `directory`'s checkpoint if there is one, and return the best on
    development.

    Raises LossNotFiniteError (the batch is saved) and BadInput for a damaged checkpoint. Only rank 0 writes.
    """
    with distributed() as (rank, count):
        device = torch.device("cuda", rank) if torch.cuda.is_available() else torch.device("cpu")
        torch.manual_seed(seed)
        recogniser = Recogniser(shape, sampler, parameters).to(device)
        run = Run(recogniser, parameters, directory, steps=parameters.samples // (parameters.batch * count))
        run.resume()
        module: nn.Module = DistributedDataParallel(recogniser) if count > 1 else recogniser
        with Progress(
            *Progress.get_default_columns(), TextColumn("{task.fields[note]}"), disable=rank > 0
        ) as bar:
            task = bar.add_task(f"seed {seed}", total=run.steps, completed=run.step, note="")
            while not run.finished:
                rng = np.random.default_rng([seed, rank, run.step])
                run.one_step(module, sampler, rng, device)
                bar.update(task, completed=run.step, note=f"loss {run.loss:.2f}, dev {run.best:.4f}")
                if run.due:
                    run.check(development, write=rank == 0)
        return run.best_network()


class Run:
    """The state of one training run: where it is, what was best, and how to save and resume it."""

    def __init__(
        self, recogniser: Recogniser, parameters: TrainingParameters, directory: Path, *, steps: int
    ) -> None:
        """Prepare `steps` optimiser steps with a one-cycle learning rate (Smith and Topin 2019)."""
        self.recogniser = recogniser
        self.parameters = parameters
        self.directory = directory
        self.steps = max(steps, 2)
        self.step = 0
        self.loss = float("nan")
        self.best = -1.0
        self.stale = 0
        self.best_state: dict[str, Tensor] = {}
        self.optimiser = torch.optim.AdamW(
            recogniser.parameters(), parameters.learning_rate, weight_decay=parameters.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, parameters.learning_rate, total_steps=self.steps, pct_start=parameters.warm_up
        )

    @property
    def finished(self) -> bool:
        """Tell whether all steps are done or development people no longer gain."""
        return self.step >= self.steps or self.stale >= self.parameters.patience

    @property
    def due(self) -> bool:
        """Tell whether it is time to measure."""
        return self.step % self.parameters.check_every == 0 or self.step >= self.steps

    def one_step(
        self, module: nn.Module, sampler: WindowSampler, rng: np.random.Generator, device: torch.device
    ) -> None:
        """Draw a batch and take one optimiser step."""
        module.train()
        batch = sampler.draw(self.parameters.batch, rng)
        loss = module(torch.from_numpy(batch.values).to(device), torch.from_numpy(batch.people).to(device))
        self.loss = float(loss.detach())
        checkpoint.stop_on_broken_loss(self.loss, batch, self.step, self.directory)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), self.parameters.gradient_norm)
        self.optimiser.step()
        if self.step < self.steps - 1:
            self.schedule.step()
        self.step += 1

    def check(self, development: DevelopmentSet, *, write: bool) -> None:
        """Measure on development people, keep the best weights, write the curve and a checkpoint."""
        area = development.area_under_curve(self.recogniser.embedder)
        self.stale = 0 if area > self.best else self.stale + 1
        if area > self.best:
            self.best = area
            state = self.recogniser.embedder.state_dict()
            self.best_state = {name: value.detach().cpu().clone() for name, value in state.items()}
        if write:
            with (self.directory / "curve.csv").open("a", newline="", encoding="utf-8") as stream:
                csv.writer(stream).writerow([self.step, round(self.loss, 4), round(area, 5)])
            checkpoint.save(self.directory / "checkpoint.pt", self._state())

    def _state(self) -> dict[str, Any]:
        return {
            "recogniser": self.recogniser.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "best_state": self.best_state,
            "numbers": [self.step, self.loss, self.best, self.stale],
        }

    def resume(self) -> None:
        """Continue from the checkpoint, if there is one."""
        state = checkpoint.load(self.directory / "checkpoint.pt")
        if state is None:
            return
        self.recogniser.load_state_dict(state["recogniser"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.schedule.load_state_dict(state["schedule"])
        self.best_state = state["best_state"]
        step, self.loss, self.best, stale = state["numbers"]
        self.step, self.stale = int(step), int(stale)
        LOG.info("going on at step %d of %d", self.step, self.steps)

    def best_network(self) -> Embedder:
        """Return the network of the best measurement, ready to embed."""
        network = Embedder(self.recogniser.embedder.shape)
        network.load_state_dict(self.best_state or self.recogniser.embedder.state_dict())
        return network.eval()
