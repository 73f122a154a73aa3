"""The embedder: a residual one-dimensional CNN with a recurrent layer and attentive statistics pooling.

Pooling after Okabe, Koshinaka and Shinoda, "Attentive Statistics Pooling for Deep Speaker Embedding" (2018).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """Sizes: convolution channels per stage, recurrent width (0 for none), embedding length."""

    channels: int = 8
    widths: tuple[int, ...] = (64, 96, 128)
    recurrent: int = 64
    dimensions: int = 64
    dropout: float = 0.05


class Residual(nn.Module):
    """Two convolutions and a shortcut, halving the time axis."""

    def __init__(self, inputs: int, outputs: int, stride: int, dropout: float) -> None:
        """Make a block from `inputs` to `outputs` channels."""
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(inputs, outputs, 5, stride, 2, bias=False),
            nn.BatchNorm1d(outputs),
            nn.ReLU(),
            nn.Dropout1d(dropout),
            nn.Conv1d(outputs, outputs, 3, 1, 1, bias=False),
            nn.BatchNorm1d(outputs),
        )
        self.shortcut = nn.Sequential(
            nn.Conv1d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm1d(outputs)
        )

    def forward(self, values: Tensor) -> Tensor:
        """Map (n, inputs, t) to (n, outputs, t / stride)."""
        return torch.relu(self.body(values) + self.shortcut(values))


class AttentivePooling(nn.Module):
    """Weighted mean and standard deviation over time, weights learned, padded steps left out."""

    def __init__(self, channels: int, hidden: int = 64) -> None:
        """Pool `channels` channels."""
        super().__init__()
        self.attention = nn.Sequential(
            nn.Conv1d(channels, hidden, 1), nn.Tanh(), nn.Conv1d(hidden, channels, 1)
        )

    def forward(self, values: Tensor, present: Tensor) -> Tensor:
        """Map (n, c, t) and (n, 1, t) of 0 and 1 to (n, 2 c)."""
        logits = self.attention(values) - 1e4 * (1.0 - present)
        weights = torch.softmax(logits, dim=2)
        mean = (weights * values).sum(dim=2)
        variance = (weights * values**2).sum(dim=2) - mean**2
        return torch.cat([mean, torch.sqrt(variance.clamp(min=1e-5))], dim=1)


class Embedder(nn.Module):
    """(n, channels, steps) windows to (n, dimensions) embeddings of unit length."""

    def __init__(self, shape: NetworkShape = NetworkShape()) -> None:
        """Make a network of `shape` with random weights."""
        super().__init__()
        self.shape = shape
        blocks: list[nn.Module] = []
        inputs = shape.channels
        for width in shape.widths:
            blocks.append(Residual(inputs, width, 2, 0.5 * shape.dropout if blocks else 0.0))
            inputs = width
        self.stages = nn.Sequential(*blocks)
        self.entry = nn.BatchNorm1d(shape.channels)
        self.shrink = 2 ** len(shape.widths)
        self.recurrent = (
            nn.GRU(inputs, shape.recurrent, batch_first=True, bidirectional=True) if shape.recurrent else None
        )
        pooled = inputs + 2 * shape.recurrent
        self.pooling = AttentivePooling(pooled)
        self.head = nn.Sequential(
            nn.BatchNorm1d(2 * pooled),
            nn.Dropout(shape.dropout),
            nn.Linear(2 * pooled, shape.dimensions, bias=False),
            nn.BatchNorm1d(shape.dimensions, affine=False),
        )

    def forward(self, values: Tensor) -> Tensor:
        """Embed windows; the last channel says which steps are present."""
        deep = self.stages(self.entry(values))
        if self.recurrent is not None:
            sequence, _ = self.recurrent(deep.transpose(1, 2))
            deep = torch.cat([deep, sequence.transpose(1, 2)], dim=1)
        present = nn.functional.max_pool1d(values[:, -1:], self.shrink)
        return nn.functional.normalize(self.head(self.pooling(deep, present)), dim=1)


class Ensemble(nn.Module):
    """Networks trained from different seeds, side by side: embeddings joined and scaled back to unit length.

    A linear head on the joined embedding weighs the members for each person.
    """

    def __init__(self, members: Sequence[Embedder]) -> None:
        """Join `members`; the embedding is as long as theirs together."""
        super().__init__()
        self.members = nn.ModuleList(members)
        self.dimensions = sum(member.shape.dimensions for member in members)

    def forward(self, values: Tensor) -> Tensor:
        """Map (n, channels, steps) to (n, dimensions)."""
        joined = torch.cat([member(values) for member in self.members], dim=1)
        scaled: Tensor = joined / len(self.members) ** 0.5
        return scaled


class Projected(nn.Module):
    """A network followed by a fixed projection to fewer dimensions, so that a large ensemble fits a probe."""

    def __init__(self, network: nn.Module, basis: Tensor) -> None:
        """Project by `basis`, float32 (fewer, dimensions) with orthonormal rows."""
        super().__init__()
        self.network = network
        self.register_buffer("basis", basis)
        self.dimensions = len(basis)

    def forward(self, values: Tensor) -> Tensor:
        """Map (n, channels, steps) to (n, fewer)."""
        return nn.functional.linear(self.network(values), self.get_buffer("basis"))
