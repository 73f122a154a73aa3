"""A person's head: logistic regression of the person's window embeddings against the cohort's.

Being linear, it needs only the mean window embedding of a probe, which is what a probe can carry. Its
log-odds are calibrated to a likelihood ratio as they are: setting them off against the cohort's scores
(Z-norm) cost accuracy on development people, because the head has already learned how far the cohort is.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

_NEWTON_STEPS: Final = 15
_SMALL_STEP: Final = 1e-5


@dataclass(frozen=True, slots=True)
class Head:
    """Weights, float32 (dimensions,), and bias: the raw score of an embedding is their affine map."""

    weights: NDArray[np.float32] = field(repr=False)
    bias: float

    def score(self, embedding: NDArray[np.float64]) -> float:
        """Return the uncalibrated log-odds of an embedding (dimensions,)."""
        return float(embedding @ self.weights) + self.bias

    def turned(self, turn: NDArray[np.float64]) -> "Head":
        """Return the head that gives embeddings turned by `turn` (orthonormal) the scores that this one gives
        them unturned.
        """
        return Head((turn @ self.weights).astype(np.float32), self.bias)


def fit(
    own: NDArray[np.float32], weight: NDArray[np.float64], others: NDArray[np.float32], ridge: float
) -> Head:
    """Fit `own` (n, d), weighed by `weight` (n,), against `others` (m, d); each side weighs one half.

    Newton's method with ridge penalty `ridge`.
    """
    rows = np.concatenate([own, others]).astype(np.float64)
    rows = np.concatenate([rows, np.ones((len(rows), 1))], axis=1)
    target = np.concatenate([np.ones(len(own)), np.zeros(len(others))])
    share = np.concatenate([0.5 * weight / weight.sum(), np.full(len(others), 0.5 / len(others))])
    penalty = np.full(rows.shape[1], ridge)
    penalty[-1] = 1e-9
    solution = np.zeros(rows.shape[1])
    for _ in range(_NEWTON_STEPS):
        chance = 1.0 / (1.0 + np.exp(-np.clip(rows @ solution, -30.0, 30.0)))
        gradient = rows.T @ (share * (chance - target)) + penalty * solution
        curvature = (rows * (share * chance * (1.0 - chance))[:, None]).T @ rows + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        solution -= step
        if float(np.abs(step).max()) < _SMALL_STEP:
            break
    return Head(solution[:-1].astype(np.float32), float(solution[-1]))
