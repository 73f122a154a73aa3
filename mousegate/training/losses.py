"""Margin losses over unit-length embeddings."""

import torch
from torch import Tensor, nn


class AdditiveMarginSoftmax(nn.Module):
    """Cross entropy over scaled cosines with a margin taken from the target's: s (cos - m [is target]).

    Wang, Cheng, Liu and Liu, "Additive Margin Softmax for Face Verification" (2018), equation 5.
    """

    def __init__(self, dimensions: int, people: int, scale: float = 20.0, margin: float = 0.2) -> None:
        """Make `people` unit class vectors of length `dimensions`."""
        super().__init__()
        self.weight = nn.Parameter(torch.randn(people, dimensions))
        self.scale = scale
        self.margin = margin

    def forward(self, embeddings: Tensor, people: Tensor, allowed: Tensor | None = None) -> Tensor:
        """Return the mean loss of (n, d) embeddings with (n,) int64 labels.

        `allowed`, bool (n, people), limits the classes that compete; None lets all.
        """
        cosines = embeddings @ nn.functional.normalize(self.weight, dim=1).T
        target = nn.functional.one_hot(people, len(self.weight)).to(cosines.dtype)
        logits = self.scale * (cosines - self.margin * target)
        if allowed is not None:
            logits = logits.masked_fill(~allowed, -1e4)
        return nn.functional.cross_entropy(logits, people)
