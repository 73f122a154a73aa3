"""The processes that train together: one, or as many as torchrun started.

`torchrun --nproc-per-node N -m mousegate.training train ...` starts N processes of the same script; each
takes its share of every batch, and the leader (rank 0) alone unpacks, writes and ships.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel


@dataclass(frozen=True, slots=True)
class Team:
    """This process's number, and how many train together."""

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Tell whether this is the process that writes."""
        return self.rank == 0

    @contextmanager
    def leader_first(self) -> Iterator[None]:
        """Let the leader through the block before all others, so that they find what it wrote."""
        if not self.leads:
            self.meet()
        yield
        if self.leads:
            self.meet()

    def meet(self) -> None:
        """Wait until all have come here."""
        if self.size > 1:
            distributed.barrier()

    def agreed(self, number: float) -> float:
        """Return the leader's `number` in every process, so that all decide alike."""
        if self.size == 1:
            return number
        told = torch.tensor([number], dtype=torch.float64)
        distributed.broadcast(told, src=0)
        return float(told)

    def shared(self, module: nn.Module) -> nn.Module:
        """Return `module` with gradients averaged over the team."""
        return DistributedDataParallel(module) if self.size > 1 else module


ALONE = Team()


@contextmanager
def team() -> Iterator[Team]:
    """Join the processes that torchrun started, if any, for the length of the block."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield ALONE
        return
    distributed.init_process_group("nccl" if torch.cuda.is_available() else "gloo")
    try:
        yield Team(distributed.get_rank(), size)
    finally:
        distributed.destroy_process_group()
