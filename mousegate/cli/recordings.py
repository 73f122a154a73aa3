"""record, convert, replay: everything about recordings."""

import dataclasses
import json
import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mousegate.errors import BadInput, UsageError

if TYPE_CHECKING:
    from mousegate.capture.xrecord import Recorder

_LOG = logging.getLogger(__name__)
_FORMATS = ("native", "balabit", "sapimouse", "cnee")
_REFRESH_S = 0.25
_LARGE_BYTES = 8 << 20
_LARGE_EVENTS = 500_000

_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    default="native",
    show_default=True,
    help="Form to write.",
)
_force_option = click.option("--force", is_flag=True, help="Replace the file if it exists.")
_json_option = click.option("--json", "as_json", is_flag=True, help="Print the facts as JSON.")


@click.command(name="record")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--duration", "duration_s", type=click.FloatRange(0, min_open=True), help="Stop after S seconds."
)
@_format_option
@_force_option
@_json_option
def record_command(out: Path, duration_s: float | None, form: str, force: bool, as_json: bool) -> int:
    """Record pointer events from the X server into OUT, until Ctrl-C or for a time.

    Only movement, presses and releases are recorded, never keys.
    """
    from mousegate.capture.formats import write
    from mousegate.capture.xrecord import Recorder

    _refuse_to_replace(out, force)
    with _endings_as_ctrl_c(), Recorder() as recorder:
        started_s = time.monotonic()
        _watch(recorder, duration_s, quiet=as_json)
        lasted_s = time.monotonic() - started_s
    events = recorder.snapshot()
    if not len(events):
        raise recorder.failure or BadInput(
            "Nothing was recorded: the pointer did not move. Nothing was written."
        )
    write(out, events, form)
    facts = {"file": str(out), "format": form, "duration_s": round(lasted_s, 3), **_counts(events)}
    facts["dropped"] = recorder.dropped
    _print(facts, as_json, f"Recorded {len(events)} events in {lasted_s:.1f} s into {out}.")
    if recorder.dropped:
        click.echo(
            f"The oldest {recorder.dropped} events were dropped: the recording was too long.", err=True
        )
    if recorder.failure is not None:
        raise recorder.failure
    return 0


@click.command(name="convert")
@click.argument("source", metavar="IN", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@_format_option
@_force_option
@_json_option
def convert_command(source: Path, out: Path, form: str, force: bool, as_json: bool) -> int:
    """Read the recording IN, whatever its form, and write it to OUT.

    Says what had to be mended on the way.
    """
    from mousegate.capture.formats import read_recording, write

    _refuse_to_replace(out, force)
    with _progress(f"Reading {source.name}", _size(source) >= _LARGE_BYTES and not as_json) as progress:
        recording = read_recording(source, progress)
    events = recording.events
    with _progress(f"Writing {out.name}", len(events) >= _LARGE_EVENTS and not as_json):
        write(out, events, form)
    mended = dataclasses.asdict(recording.defects)
    facts = {
        "file": str(out),
        "from": str(recording.format),
        "format": form,
        **_counts(events),
        "mended": mended,
    }
    words = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in mended.items() if count)
    _print(facts, as_json, f"Wrote {len(events)} events into {out}. Found and mended: {words or 'nothing'}.")
    return 0


@click.command(name="replay")
@click.argument("recording", metavar="REC", type=click.Path(path_type=Path))
@click.option("--speed", type=click.FloatRange(0), default=1.0, show_default=True, help="2 is twice as fast.")
@click.option(
    "--scale", type=click.FloatRange(0, min_open=True), default=1.0, help="Multiply positions by this."
)
@click.option("--offset", type=(int, int), default=(0, 0), metavar="X Y", help="Then add this, in px.")
@click.option(
    "--longest-pause",
    "pause_s",
    type=click.FloatRange(0),
    default=float("inf"),
    help="Cut silences to S seconds.",
)
@_json_option
def replay_command(
    *, recording: Path, speed: float, scale: float, offset: tuple[int, int], pause_s: float, as_json: bool
) -> int:
    """Play the recording REC into the X server: the pointer moves and clicks as it was recorded."""
    from mousegate.capture.formats import read
    from mousegate.capture.replay import Playback, Player

    with _progress(f"Reading {recording.name}", _size(recording) >= _LARGE_BYTES and not as_json) as progress:
        events = read(recording, progress)
    playback = Playback(speed, scale, offset[0], offset[1], pause_s)
    with (
        _endings_as_ctrl_c(),
        Player() as player,
        _progress(f"Playing {recording.name}", not as_json) as progress,
    ):
        lateness = player.play(events, playback, progress)
    facts = {"file": str(recording), **{k: _rounded(v) for k, v in dataclasses.asdict(lateness).items()}}
    _print(
        facts,
        as_json,
        f"Played {lateness.events} events in {lateness.duration_s:.1f} s, late by "
        f"{lateness.median_ms:.2f} ms (median), {lateness.p99_ms:.2f} ms (99 %), "
        f"{lateness.worst_ms:.2f} ms (worst).",
    )
    return 0


@contextmanager
def _endings_as_ctrl_c() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end a recording as Ctrl-C does: with everything kept.

    SIGINT too, because a shell starts background jobs with it ignored.
    """
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _watch(recorder: "Recorder", duration_s: float | None, *, quiet: bool) -> None:
    """Show what is recorded until Ctrl-C, the end of the time, or the end of the X server."""
    from rich.console import Console
    from rich.live import Live

    started_s = time.monotonic()
    console = Console(stderr=True, quiet=quiet)
    pace = threading.Event()
    with suppress(KeyboardInterrupt), Live(console=console, transient=True, auto_refresh=False) as live:
        _LOG.info("recording started")
        while recorder.failure is None:
            lasted_s = time.monotonic() - started_s
            left_s = _REFRESH_S if duration_s is None else min(_REFRESH_S, duration_s - lasted_s)
            live.update(f"Recording: {recorder.seen} events, {lasted_s:.0f} s. Ctrl-C ends it.", refresh=True)
            if left_s <= 0:
                return
            pace.wait(left_s)


@contextmanager
def _progress(title: str, shown: bool) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not shown) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _refuse_to_replace(out: Path, force: bool) -> None:
    if out.exists() and not force:
        raise UsageError(f"{out} exists; name another file, or replace it with --force.")
    if not out.parent.is_dir():
        raise UsageError(f"{out.parent} is no directory; make it first.")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _counts(events: Any) -> dict[str, Any]:
    from mousegate.core.clicks import pair
    from mousegate.core.events import Kind

    return {
        "events": len(events),
        "moves": int((events["kind"] == Kind.MOVE).sum()),
        "clicks": len(pair(events).presses),
        "recorded_s": round(float(events["time_ms"][-1] - events["time_ms"][0]) / 1000, 3),
    }


def _rounded(value: float) -> float:
    return round(value, 3) if isinstance(value, float) else value


def _print(facts: dict[str, Any], as_json: bool, sentence: str) -> None:
    click.echo(json.dumps(facts) if as_json else sentence)
