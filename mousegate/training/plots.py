"""The report's pictures, as SVG text to put into the page."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from mousegate.core.manifest import OperatingCurve, ScoreScale
from mousegate.training.continuous import Watch
from mousegate.training.metrics import error_rates, reliability
from mousegate.training.scales import Measured

_STYLE: Final[dict[Any, Any]] = {
    "svg.hashsalt": "mousegate",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e4e7ec",
    "axes.edgecolor": "#667085",
    "axes.axisbelow": True,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "legend.frameon": False,
    "lines.linewidth": 1.8,
}  # fmt: skip
_COLOURS = ("#1d4e89", "#2a9d8f", "#e9a23b", "#d1495b", "#7b5ea7")
_OWN, _OTHER = _COLOURS[0], _COLOURS[3]
_PERCENT = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True)
class Curve:
    """A named line with intervals: x, y, and the lower and upper end of each y."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def _figure(wide: float = 5.4, high: float = 4.0) -> tuple[Any, Any]:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    mpl.rcParams.update(_STYLE)
    figure = Figure(figsize=(wide, high), layout="constrained")
    return figure, figure.subplots()


def _svg(figure: Any) -> str:
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def detection_error_tradeoff(measured: Sequence[Measured], title: str, unit: str = "s") -> str:
    """Plot FNMR against FMR on logarithmic axes, a curve for each duration; nothing is drawn below one error.

    Where a curve ends, no error was left.
    """
    from matplotlib import ticker

    figure, axes = _figure()
    for one, colour in zip(measured, _COLOURS, strict=False):
        _, fmr, fnmr = error_rates(one.trials.mated, one.trials.non_mated)
        some = (fmr > 0) & (fnmr > 0)
        label = f"{one.duration_s:g} {unit}"
        axes.step(100 * fmr[some], 100 * fnmr[some], where="post", color=colour, label=label)
    axes.plot([0.1, 100], [0.1, 100], color="#98a2b3", linewidth=0.8, linestyle=":")
    axes.set(xscale="log", yscale="log", xlim=(0.08, 100), ylim=(0.8, 100), title=title)
    axes.set(xlabel="FMR: strangers accepted, %", ylabel="FNMR: owner refused, %")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(ticker.FixedLocator(_PERCENT))
        axis.set_major_formatter(ticker.FormatStrFormatter("%g"))
        axis.set_minor_locator(ticker.NullLocator())
    axes.legend(title="probe", loc="lower left")
    return _svg(figure)


def receiver_operating(measured: Sequence[Measured]) -> str:
    """Plot the share of mated trials accepted against FMR, a curve for each duration."""
    figure, axes = _figure()
    for one, colour in zip(measured, _COLOURS, strict=False):
        _, fmr, fnmr = error_rates(one.trials.mated, one.trials.non_mated)
        label = f"{one.duration_s:g} s"
        axes.step(100 * fmr, 100 * (1 - fnmr), where="post", color=colour, label=label)
    axes.set(xlim=(-0.5, 30), ylim=(40, 101), title="Receiver operating characteristic")
    axes.set(xlabel="FMR: strangers accepted, %", ylabel="owner accepted, %")
    axes.legend(title="probe", loc="lower right")
    return _svg(figure)


def histogram(measured: Measured, threshold: float) -> str:
    """Plot the calibrated scores of mated and non-mated trials, and a threshold."""
    figure, axes = _figure()
    bins = np.linspace(-12.0, 8.0, 41)
    sides = ((measured.trials.non_mated, "strangers", _OTHER), (measured.trials.mated, "owners", _OWN))
    for scores, label, colour in sides:
        axes.hist(np.clip(scores, -12.0, 8.0), bins, density=True, alpha=0.65, label=label, color=colour)
    axes.axvline(threshold, color="#344054", linestyle="--", linewidth=1.2)
    axes.annotate("FMR 1 %", (threshold, axes.get_ylim()[1] * 0.96), xytext=(4, 0),
                  textcoords="offset points", fontsize=8.5)  # fmt: skip
    axes.set(
        xlabel="log-likelihood ratio, nats", ylabel="density", title=f"Scores, {measured.duration_s:g} s"
    )
    axes.legend(loc="upper left")
    return _svg(figure)


def curves(shown: Sequence[Curve], title: str, x_label: str, y_label: str) -> str:
    """Plot curves over a logarithmic x, with their intervals."""
    from matplotlib import ticker

    figure, axes = _figure()
    for number, (one, colour) in enumerate(zip(shown, _COLOURS, strict=False)):
        x = np.array(one.x) * 1.03 ** (number - (len(shown) - 1) / 2)  # so that intervals do not hide
        y = np.array(one.y)
        apart = np.clip([y - np.array(one.low), np.array(one.high) - y], 0.0, None)
        axes.errorbar(x, y, yerr=apart, marker="o", markersize=4, capsize=3, elinewidth=1,
                      color=colour, label=one.name)  # fmt: skip
    ticks = sorted({x for one in shown for x in one.x})
    axes.set(xscale="log", xlabel=x_label, ylabel=y_label, title=title, ylim=(0, None))
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.xaxis.set_minor_locator(ticker.NullLocator())
    axes.legend()
    return _svg(figure)


def calibration(measured: Sequence[Measured], title: str, unit: str = "s") -> str:
    """Plot how often a person was mated against what the score says, both as chances at even odds."""
    figure, axes = _figure()
    axes.plot([0, 100], [0, 100], color="#98a2b3", linewidth=0.8, linestyle=":")
    for one, colour in zip(measured, _COLOURS, strict=False):
        said, seen = reliability(one.trials.mated, one.trials.non_mated)
        axes.plot(
            100 * said, 100 * seen, marker="o", markersize=4, color=colour, label=f"{one.duration_s:g} {unit}"
        )
    axes.set(xlim=(-2, 102), ylim=(-2, 102), title=title)
    axes.set(xlabel="chance of the owner by the score, %", ylabel="share of owners, %")
    axes.legend(title="probe", loc="upper left")
    return _svg(figure)


def matrix(values: NDArray[np.float64], names: Sequence[str], title: str) -> str:
    """Plot a square matrix of people: references down, probes across; blue is alike, red unlike."""
    figure, axes = _figure(5.4, 4.6)
    most = float(np.nanmax(np.abs(values)))
    image = axes.imshow(values, cmap="RdBu", vmin=-most, vmax=most)
    ticks = range(len(names))
    axes.set_xticks(ticks, names, rotation=90, fontsize=8)
    axes.set_yticks(ticks, names, fontsize=8)
    axes.grid(visible=False)
    axes.set(title=title, xlabel="who moved", ylabel="who is claimed")
    figure.colorbar(image, label="mean log-likelihood ratio")
    return _svg(figure)


def scatter(points: Sequence[NDArray[np.float64]], names: Sequence[str], title: str) -> str:
    """Plot people's windows, (n, 2) each, and each name where its windows are on average."""
    from matplotlib import colormaps

    figure, axes = _figure(5.4, 4.6)
    colours = colormaps["tab20"](np.linspace(0, 1, max(len(points), 2)))
    for cloud, colour in zip(points, colours, strict=False):
        axes.scatter(cloud[:, 0], cloud[:, 1], s=14, alpha=0.7, color=colour, linewidths=0)
    for cloud, name in zip(points, names, strict=True):
        place = cloud.mean(axis=0)
        box = {"boxstyle": "round,pad=0.15", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
        axes.annotate(name, place, ha="center", va="center", fontsize=9, fontweight="bold", bbox=box)
    axes.set(title=title, xticks=[], yticks=[])
    return _svg(figure)


def operating_curves(scale: ScoreScale, names: Sequence[str], title: str) -> str:
    """Plot what operating points promise over the seconds of movement: FMR drawn through, FNMR dashed."""
    figure, axes = _figure()
    seconds = np.geomspace(scale.shortest_s, scale.longest_s, 40)
    chosen: list[OperatingCurve] = [one for one in scale.curves if one.name in names]
    for curve, colour in zip(chosen, _COLOURS, strict=False):
        points = [scale.operating_point(curve.name, float(active_s)) for active_s in seconds]
        axes.plot(seconds, [100 * one.fmr for one in points], color=colour, label=f"{curve.name}: FMR")
        axes.plot(seconds, [100 * one.fnmr for one in points], color=colour, linestyle="--", label="FNMR")
    axes.set(xlabel="seconds of movement", ylabel="%", title=title, ylim=(0, None))
    axes.legend(ncols=2, fontsize=8.5)
    return _svg(figure)


def watching(found: Watch) -> str:
    """Plot the time until a spliced stranger is noticed against false alarms per hour of genuine use."""
    figure, axes = _figure()
    for delays, label, colour in (
        (found.median_s, "half of the strangers", _COLOURS[0]),
        (found.late_s, "nine of ten", _COLOURS[2]),
    ):
        known = np.isfinite(delays)
        x, y = found.false_alarms_per_h[known], delays[known]
        axes.plot(x, y, marker="o", markersize=4, color=colour, label=label)
    axes.set(xlabel="false alarms per hour of movement", ylabel="seconds of movement until noticed")
    axes.set(title="Continuous mode, spliced strangers", xlim=(0, None), ylim=(0, None))
    axes.legend()
    return _svg(figure)


def missing(found: Watch) -> str:
    """Plot the share of strangers not noticed within the splice against false alarms per hour."""
    figure, axes = _figure()
    axes.plot(found.false_alarms_per_h, 100 * found.missed, marker="o", markersize=4, color=_OTHER)
    axes.set(xlabel="false alarms per hour of movement", ylabel="not noticed in ten minutes, %")
    axes.set(title="Continuous mode, strangers missed", xlim=(0, None), ylim=(0, 100))
    return _svg(figure)
