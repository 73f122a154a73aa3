"""The networks of an ensemble, trained one process each where there are processors for it."""

import logging
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from mousegate.core.manifest import Condition
from mousegate.errors import BadInput
from mousegate.training.development import DevelopmentSet
from mousegate.training.distribution import ALONE, Team
from mousegate.training.network import Embedder, NetworkShape
from mousegate.training.protocol import Person
from mousegate.training.sampler import WindowSampler
from mousegate.training.train import TrainingParameters, train_network

LOG = logging.getLogger(__name__)


WITHOUT_BUTTONS = {Condition.NATURAL: 0.1, Condition.LOCK: 0.9}
"""Share of its windows that a network of a condition sees without buttons (measured; see
models/MODEL_CARD.md).
"""


@dataclass(frozen=True, slots=True)
class Member:
    """One network: its seed, and the condition that it is trained for."""

    seed: int
    condition: Condition


@dataclass(frozen=True, slots=True)
class School:
    """What all members share."""

    sampler: WindowSampler
    development: Sequence[Person]
    work: Path
    shape: NetworkShape
    parameters: TrainingParameters


def train_members(school: School, members: Sequence[Member], team: Team) -> list[Embedder]:
    """Return the trained networks of `members`, in order.

    One process trains several side by side, one thread each; a team trains them one after another together.
    Raises what train_network raises, and BadInput when a folder cannot be made.
    """
    spare = min(len(members), torch.get_num_threads())
    if team.size > 1 or spare < 2:
        return [_train(school, member, team) for member in members]
    LOG.info("%d networks side by side; their curves are in %s", len(members), school.work)
    with ProcessPoolExecutor(spare, multiprocessing.get_context("spawn"), _one_thread) as pool:
        return list(pool.map(partial(_train, school), members))


def _train(school: School, member: Member, team: Team = ALONE) -> Embedder:
    directory = school.work / f"seed-{member.seed}"
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{directory} cannot be made ({error.strerror}); name another folder.") from error
    return train_network(
        school.sampler.seeing(WITHOUT_BUTTONS[member.condition]),
        DevelopmentSet(school.development, member.condition),
        directory,
        shape=school.shape,
        parameters=school.parameters,
        seed=member.seed,
        team=team,
    )


def _one_thread() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
