"""Losses over unit-length embeddings."""

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


def supervised_contrastive(
    embeddings: Tensor, people: Tensor, allowed: Tensor | None = None, temperature: float = 0.1
) -> Tensor:
    """Return the mean over (n, d) embeddings of -log of the softmax share that each other window of the same
    person gets among all other windows, cosines divided by `temperature`.

    Khosla et al., "Supervised Contrastive Learning" (2020), equation 2. people: int64 (n,); `allowed`, bool
    (n, n), limits the windows that are compared; None lets all. Zero when no person has two windows.
    """
    others = ~torch.eye(len(people), dtype=torch.bool, device=people.device)
    same = (people[:, None] == people[None, :]) & others
    compared = others if allowed is None else others & allowed
    logits = (embeddings @ embeddings.T / temperature).masked_fill(~compared, -1e4)
    shares = logits - torch.logsumexp(logits, dim=1, keepdim=True)
    paired = same.any(dim=1)
    if not bool(paired.any()):
        return embeddings.sum() * 0.0
    each = (shares * same).sum(dim=1)[paired] / same.sum(dim=1)[paired]
    return -each.mean()
