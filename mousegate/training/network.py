"""The embedder: a residual convolution network over time, a recurrent layer, attentive pooling.

Convolutions are two-dimensional over a height of one, channels last, since processors do those fastest.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """Sizes: convolution channels per stage, each of which halves the time axis; recurrent width (0 for
    none); embedding length.
    """

    channels: int = 8
    widths: tuple[int, ...] = (64, 96, 128)
    recurrent: int = 64
    dimensions: int = 64
    dropout: float = 0.05


class Residual(nn.Module):
    """Two convolutions and a shortcut, halving the time axis."""

    def __init__(self, inputs: int, outputs: int, dropout: float) -> None:
        """Make a block from `inputs` to `outputs` channels."""
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, (1, 5), (1, 2), (0, 2), bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(),
            nn.Dropout2d(dropout),
            nn.Conv2d(outputs, outputs, (1, 3), 1, (0, 1), bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut = nn.Sequential(
            nn.Conv2d(inputs, outputs, 1, (1, 2), bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, values: Tensor) -> Tensor:
        """Map (n, inputs, 1, t) to (n, outputs, 1, t / 2)."""
        return torch.relu(self.body(values) + self.shortcut(values))


class AttentivePooling(nn.Module):
    """Weighted mean and standard deviation over time, weights learned, padded steps left out.

    After Okabe, Koshinaka and Shinoda, "Attentive Statistics Pooling for Deep Speaker Embedding" (2018).
    """

    def __init__(self, channels: int, hidden: int = 64) -> None:
        """Pool `channels` channels."""
        super().__init__()
        self.attention = nn.Sequential(nn.Linear(channels, hidden), nn.Tanh(), nn.Linear(hidden, channels))

    def forward(self, values: Tensor, present: Tensor) -> Tensor:
        """Map (n, t, c) and (n, t, 1) of 0 and 1 to (n, 2 c)."""
        weights = torch.softmax(self.attention(values) - 1e4 * (1.0 - present), dim=1)
        mean = (weights * values).sum(dim=1)
        variance = (weights * values**2).sum(dim=1) - mean**2
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
            blocks.append(Residual(inputs, width, 0.5 * shape.dropout if blocks else 0.0))
            inputs = width
        self.entry = nn.BatchNorm2d(shape.channels)
        self.stages = nn.Sequential(*blocks)
        for weights in self.stages.parameters():
            if weights.dim() == 4:
                weights.data = weights.data.contiguous(memory_format=torch.channels_last)
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
        planes = values.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        deep = self.stages(self.entry(planes)).squeeze(2).transpose(1, 2)
        if self.recurrent is not None:
            deep = torch.cat([deep, self.recurrent(deep)[0]], dim=2)
        present = nn.functional.max_pool1d(values[:, -1:], self.shrink).transpose(1, 2)
        with torch.autocast(values.device.type, enabled=False):
            return nn.functional.normalize(self.head(self.pooling(deep.float(), present)), dim=1)


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
