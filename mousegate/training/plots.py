"""The report's pictures, as SVG text to put into the page."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from mousegate.training.continuous import Watch
from mousegate.training.metrics import error_rates
from mousegate.training.scales import Measured

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "mousegate", "svg.fonttype": "none", "figure.figsize": (5.2, 4.0)})


def _figure() -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Any) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def detection_error_tradeoff(measured: Sequence[Measured]) -> str:
    """Plot FNMR against FMR on logarithmic axes, a curve for each duration."""
    figure, axes = _figure()
    for one in measured:
        _, fmr, fnmr = error_rates(one.trials.mated, one.trials.non_mated)
        axes.plot(np.maximum(100 * fmr, 0.05), np.maximum(100 * fnmr, 0.5), label=f"{one.duration_s:g} s")
    axes.set(xscale="log", yscale="log", xlabel="FMR %", ylabel="FNMR %", title="Detection error trade-off")
    axes.legend(title="probe")
    return _svg(figure)


def receiver_operating(measured: Sequence[Measured]) -> str:
    """Plot the share of mated trials accepted against FMR, a curve for each duration."""
    figure, axes = _figure()
    for one in measured:
        _, fmr, fnmr = error_rates(one.trials.mated, one.trials.non_mated)
        axes.plot(100 * fmr, 100 * (1 - fnmr), label=f"{one.duration_s:g} s")
    axes.set(xlabel="FMR %", ylabel="accepted mated trials %", title="Receiver operating characteristic")
    axes.legend(title="probe")
    return _svg(figure)


def histogram(measured: Measured) -> str:
    """Plot the calibrated scores of mated and non-mated trials."""
    figure, axes = _figure()
    bins = np.linspace(-10.0, 8.0, 46)
    for scores, label in ((measured.trials.mated, "mated"), (measured.trials.non_mated, "non-mated")):
        axes.hist(np.clip(scores, -10.0, 8.0), bins, density=True, alpha=0.6, label=label)
    axes.set(xlabel="log-likelihood ratio", ylabel="density", title=f"Scores at {measured.duration_s:g} s")
    axes.legend()
    return _svg(figure)


def lines(x: Sequence[float], curves: dict[str, Sequence[float]], labels: tuple[str, str, str]) -> str:
    """Plot named curves over `x`; labels are those of x, y and the title."""
    figure, axes = _figure()
    for name, values in curves.items():
        axes.plot(x, values, marker="o", label=name)
    axes.set(xlabel=labels[0], ylabel=labels[1], title=labels[2], ylim=(0, None))
    axes.legend()
    return _svg(figure)


def matrix(values: NDArray[np.float64], names: Sequence[str], title: str) -> str:
    """Plot a square matrix of people: references down, probes across."""
    figure, axes = _figure()
    image = axes.imshow(values, cmap="viridis")
    ticks = range(len(names))
    axes.set_xticks(ticks, names, rotation=90, fontsize=7)
    axes.set_yticks(ticks, names, fontsize=7)
    axes.set(title=title)
    figure.colorbar(image)
    return _svg(figure)


def scatter(points: Sequence[NDArray[np.float64]], names: Sequence[str]) -> str:
    """Plot people's windows, (n, 2) each, in the plane of the two main directions."""
    figure, axes = _figure()
    for cloud, name in zip(points, names, strict=True):
        axes.scatter(cloud[:, 0], cloud[:, 1], s=8, label=name)
    axes.set(title="Embeddings, two main directions", xticks=[], yticks=[])
    axes.legend(fontsize=6, ncols=2)
    return _svg(figure)


def watching(watches: Sequence[Watch]) -> str:
    """Plot the time until a spliced stranger is noticed against false alarms per hour of genuine use."""
    figure, axes = _figure()
    for one in watches:
        axes.plot(one.false_alarms_per_h, one.detection_s, marker=".", label=f"memory {one.memory_s:g} s")
    axes.set(
        xlabel="false alarms per hour of movement",
        ylabel="median seconds of movement until noticed",
        title="Continuous mode, spliced strangers",
    )
    axes.legend()
    return _svg(figure)
