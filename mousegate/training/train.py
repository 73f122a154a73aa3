"""The training loop: one readable function over the run-time's own feature code.

Runs as one process, or data-parallel under torchrun (see mousegate.training.distribution); the same code
serves both.
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.progress import Progress, TextColumn
from torch import Tensor, nn

from mousegate.errors import BadInput
from mousegate.training import checkpoint
from mousegate.training.development import DevelopmentSet
from mousegate.training.distribution import ALONE, Team
from mousegate.training.losses import AdditiveMarginSoftmax
from mousegate.training.network import Embedder, NetworkShape
from mousegate.training.sampler import WindowSampler

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class TrainingParameters:
    """How one network is trained (chosen by ablation; see models/MODEL_CARD.md).

    samples: windows seen; check_every: steps between measurements on development people; patience:
    measurements without progress after which it stops; within_dataset: only people of one data set compete,
    since telling data sets apart teaches nothing about hands; half_precision: convolve in bfloat16, which
    processors with AVX-512 BF16 do 1.6 times as fast.
    """

    samples: int = 1_000_000
    batch: int = 192
    learning_rate: float = 4e-3
    weight_decay: float = 1e-3
    warm_up: float = 0.15
    gradient_norm: float = 5.0
    scale: float = 20.0
    margin: float = 0.0
    within_dataset: bool = True
    half_precision: bool = True
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
        embedded = self.embedder(values).float()
        rivals = self.same[people] if isinstance(self.same, Tensor) else None
        loss: Tensor = self.loss(embedded, people, rivals)
        return loss


def train_network(
    sampler: WindowSampler,
    development: DevelopmentSet,
    directory: Path,
    *,
    shape: NetworkShape,
    parameters: TrainingParameters,
    seed: int,
    team: Team = ALONE,
) -> Embedder:
    """Train one network, resuming from `directory`'s checkpoint if there is one, and return the best on
    development.

    Raises LossNotFiniteError (the batch is saved) and BadInput for a damaged checkpoint. Only the leader of
    the team writes.
    """
    device = torch.device("cuda", team.rank) if torch.cuda.is_available() else torch.device("cpu")
    torch.manual_seed(seed)
    recogniser = Recogniser(shape, sampler, parameters).to(device)
    run = Run(recogniser, parameters, directory, steps=parameters.samples // parameters.batch, team=team)
    run.resume()
    module = team.shared(recogniser)
    columns = (*Progress.get_default_columns(), TextColumn("{task.fields[note]}"))
    with Progress(*columns, disable=not team.leads) as bar:
        task = bar.add_task(f"seed {seed}", total=run.steps, completed=run.step, note="")
        while not run.finished:
            rng = np.random.default_rng([seed, team.rank, run.step])
            run.one_step(module, sampler, rng, device)
            bar.update(task, completed=run.step, note=f"loss {run.loss:.2f}, dev {run.best:.4f}")
            if run.due:
                run.check(development)
    return run.network()


class Run:
    """The state of one training run: where it is, what was best, and how to save and resume it."""

    def __init__(
        self,
        recogniser: Recogniser,
        parameters: TrainingParameters,
        directory: Path,
        *,
        steps: int,
        team: Team,
    ) -> None:
        """Prepare `steps` optimiser steps with a one-cycle learning rate (Smith and Topin 2019)."""
        self.recogniser = recogniser
        self.parameters = parameters
        self.directory = directory
        self.team = team
        self.steps = max(steps, 2)
        self.step = 0
        self.loss = float("nan")
        self.best = -1.0
        self.stale = 0
        self.best_state: dict[str, Tensor] = {}
        self.half_precision = parameters.half_precision and _fast_bfloat16()
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
        """Draw this process's share of a batch and take one optimiser step."""
        module.train()
        batch = sampler.draw(self.parameters.batch // self.team.size, rng)
        with torch.autocast(device.type, torch.bfloat16, enabled=self.half_precision):
            loss = module(
                torch.from_numpy(batch.values).to(device), torch.from_numpy(batch.people).to(device)
            )
        self.loss = float(loss.detach())
        checkpoint.stop_on_broken_loss(self.loss, batch, self.step, self.directory)
        self.optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(module.parameters(), self.parameters.gradient_norm)
        self.optimiser.step()
        if self.step < self.steps - 1:
            self.schedule.step()
        self.step += 1

    def check(self, development: DevelopmentSet) -> None:
        """Measure on development people, keep the best weights, write the curve and a checkpoint."""
        area = self.team.agreed(development.area_under_curve(self.recogniser.embedder))
        self.stale = 0 if area > self.best else self.stale + 1
        if area > self.best:
            self.best = area
            state = self.recogniser.embedder.state_dict()
            self.best_state = {name: value.detach().cpu().clone() for name, value in state.items()}
        if self.team.leads:
            checkpoint.add_to_curve(self.directory / "curve.csv", self.step, self.loss, area)
            checkpoint.save(self.directory / "checkpoint.pt", self._state())

    def _state(self) -> dict[str, Any]:
        return {
            "recogniser": self.recogniser.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "best_state": self.best_state,
            "numbers": [self.step, self.loss, self.best, self.stale],
            "random": torch.get_rng_state(),
        }

    def resume(self) -> None:
        """Continue from the checkpoint, if there is one. Raises BadInput when it is of another recipe."""
        path = self.directory / "checkpoint.pt"
        state = checkpoint.load(path)
        if state is None:
            return
        try:
            self.recogniser.load_state_dict(state["recogniser"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.schedule.load_state_dict(state["schedule"])
            self.best_state = state["best_state"]
            step, self.loss, self.best, stale = state["numbers"]
            torch.set_rng_state(state["random"])
        except (KeyError, RuntimeError, ValueError) as error:
            raise BadInput(
                f"The checkpoint {path} is of another recipe; delete it to start again."
            ) from error
        self.step, self.stale = int(step), int(stale)
        LOG.info("going on at step %d of %d", self.step, self.steps)

    def network(self) -> Embedder:
        """Return the network of the best measurement, ready to embed."""
        network = Embedder(self.recogniser.embedder.shape)
        network.load_state_dict(self.best_state or self.recogniser.embedder.state_dict())
        return network.eval()


def _fast_bfloat16() -> bool:
    """Tell whether bfloat16 gains time here; without instructions for it, a processor is slower with it."""
    known = torch.cpu.get_capabilities()
    return torch.cuda.is_available() or bool(known.get("avx512_bf16") or known.get("amx_bf16"))
