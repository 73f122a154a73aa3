"""Claims about cutting events and naming clicks, and about the probe that comes of them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mousegate.core.events import EVENT_DTYPE, Events, Kind, PointerDevice, empty_events
from mousegate.core.motion import MeanProbe
from mousegate.core.probe import AttackFlag, Click, Probe, Target, decode
from mousegate.core.windows import Windows
from mousegate.errors import ModelError
from mousegate.greeter.capture import Capture, NoDevices, NoSource
from mousegate.greeter.cut import Cut, Release, cut_events, elapsed_ms, rhythm_of, target_at
from mousegate.greeter.layout import Rect, compute
from mousegate.greeter.probe import NO_MODEL, Model, ProbeMaker

MONITOR = Rect(0, 0, 1280, 800)
LAYOUT = compute(1280, 800)
MODEL = Model(b"8 bytes!", lambda windows: MeanProbe(np.ones(16, np.float32), 3, windows.active_s, 0.5), 1.5)


def events_of(*rows: tuple[int, Kind, int, int, int]) -> Events:
    """Return events of (time_ms, kind, button, x, y)."""
    return np.array(list(rows), EVENT_DTYPE)


def click(at: Rect, press_ms: int, hold_ms: int, button: int = 1) -> list[tuple[int, Kind, int, int, int]]:
    """Return a press in the middle of `at`, and its release."""
    x, y = at.x + at.width // 2, at.y + at.height // 2
    return [(press_ms, Kind.PRESS, button, x, y), (press_ms + hold_ms, Kind.RELEASE, button, x, y)]


class Recorded:
    """A source and devices with what is given; every wait is noted."""

    def __init__(self, events: Events, synthetic: bool = False) -> None:
        self.events, self.synthetic = events, synthetic
        self.waited: list[tuple[Kind, int, int]] = []
        self.counted: list[int] = []

    def snapshot(self) -> Events:
        return self.events

    def wait_for(self, kind: Kind, button: int, time_ms: int, timeout_s: float) -> bool:
        self.waited.append((kind, button, time_ms))
        return True

    def clear(self) -> None:
        self.counted.clear()

    def dominant(self) -> PointerDevice:
        return PointerDevice.TRACKPOINT

    def saw_synthetic(self, recorded: int = 0) -> bool:
        self.counted.append(recorded)
        return self.synthetic


def cut_at(until_ms: int | None, since_ms: int | None = None) -> Cut:
    """Return a cut that ends with a Submit released then."""
    release = Release(1, until_ms) if until_ms is not None else None
    return Cut(MONITOR, since_ms, since_ms, until_ms, release)


def made(recorded: Recorded, cut: Cut, model: Model | None = MODEL) -> tuple[Probe, str]:
    """Make a probe and wait for it."""
    answers: list[tuple[str, str]] = []

    def load() -> Model:
        if model is None:
            raise ModelError("The model is missing.")
        return model

    maker = ProbeMaker(
        capture=Capture(recorded, recorded), load_model=load, is_straight=lambda events: len(events) == 1
    )
    maker.make(cut, lambda encoded, note: answers.append((encoded, note)))
    maker.close(wait=True)
    return decode(answers[0][0]), answers[0][1]


def test_clicks_are_named_by_what_they_hit() -> None:
    """Face, password, submit and everything else, with the time each was held."""
    rows = [*click(LAYOUT.face, 0, 90), *click(LAYOUT.password, 300, 1500), *click(LAYOUT.submit, 2000, 60)]
    rows[2:2] = [(200, Kind.PRESS, 3, 1, 1), (230, Kind.RELEASE, 3, 1, 1)]
    assert rhythm_of(events_of(*rows), MONITOR) == (
        Click(Target.FACE, 90),
        Click(Target.BACKGROUND, 30),
        Click(Target.PASSWORD, 1500),
        Click(Target.SUBMIT, 60),
    )


def test_targets_follow_the_monitor() -> None:
    """On a second monitor the same click hits the same target."""
    monitor = Rect(1920, 200, 1280, 800)
    moved = Rect(LAYOUT.face.x + 1920, LAYOUT.face.y + 200, LAYOUT.face.width, LAYOUT.face.height)
    assert rhythm_of(events_of(*click(moved, 0, 50)), monitor) == (Click(Target.FACE, 50),)


@given(st.integers(0, 1279), st.integers(0, 799))
def test_a_pixel_has_the_target_whose_rectangle_holds_it(x: int, y: int) -> None:
    """target_at agrees with the layout's rectangles everywhere."""
    rects = {Target.FACE: LAYOUT.face, Target.PASSWORD: LAYOUT.password, Target.SUBMIT: LAYOUT.submit}
    hit = [target for target, rect in rects.items() if rect.contains(x, y)]
    assert target_at(LAYOUT, x, y) is (hit[0] if hit else Target.BACKGROUND)


def test_only_events_of_this_attempt_are_kept() -> None:
    """What came before the mark, and after the Submit, is left out."""
    events = events_of(*((time_ms, Kind.MOVE, 0, 0, 0) for time_ms in range(0, 100, 10)))
    assert cut_events(events, 20, 60, 30_000)["time_ms"].tolist() == [30, 40, 50, 60]


def test_what_came_before_a_long_pause_is_somebody_elses() -> None:
    """Movement and clicks before a pause do not count towards the next person."""
    events = events_of(*((time_ms, Kind.MOVE, 0, 0, 0) for time_ms in (0, 10, 40_000, 40_010)))
    assert cut_events(events, None, None, 30_000)["time_ms"].tolist() == [40_000, 40_010]


@given(st.integers(0, 2**33), st.integers(-(2**20), 2**20))
def test_elapsed_time_is_right_across_the_wrap(start: int, apart: int) -> None:
    """X times wrap after 49 days; the recorder's do not; differences agree all the same."""
    times = np.array([start + apart])
    assert elapsed_ms(times, start % 2**32).tolist() == [apart]


def test_the_probe_holds_rhythm_motion_and_device() -> None:
    """A whole probe, after waiting for the release on Submit."""
    rows = [*click(LAYOUT.face, 0, 90), *click(LAYOUT.submit, 300, 60)]
    recorded = Recorded(events_of(*rows))
    probe, note = made(recorded, cut_at(360))
    assert recorded.waited == [(Kind.RELEASE, 1, 360)]
    assert probe.rhythm == (Click(Target.FACE, 90), Click(Target.SUBMIT, 60))
    assert (probe.model_id, probe.windows, probe.device) == (b"8 bytes!", 3, PointerDevice.TRACKPOINT)
    assert (probe.attack, note) == (AttackFlag.NONE, "")


def test_more_clicks_than_twelve_keep_none() -> None:
    """A rhythm that does not fit is left out whole, and the person is told why."""
    rows = [row for number in range(13) for row in click(LAYOUT.face, 100 * number, 50)]
    probe, note = made(Recorded(events_of(*rows)), cut_at(1250))
    assert probe.rhythm == ()
    assert "12 clicks" in note


def test_without_a_model_the_probe_has_no_embedding() -> None:
    """A missing model is never a match; the note says what to do."""
    probe, note = made(Recorded(events_of(*click(LAYOUT.face, 0, 90))), cut_at(90), model=None)
    assert (probe.model_id, len(probe.embedding)) == (NO_MODEL, 0)
    assert probe.rhythm == (Click(Target.FACE, 90),)
    assert "recovery code" in note


@pytest.mark.parametrize("broken", [ValueError("no"), RuntimeError("worse"), MemoryError()])
def test_a_recorder_that_breaks_gives_an_empty_probe(broken: Exception) -> None:
    """Whatever goes wrong, an answer is given that cannot match."""

    class Broken(Recorded):
        def snapshot(self) -> Events:
            raise broken

    probe, note = made(Broken(empty_events()), cut_at(1))
    assert (probe.rhythm, len(probe.embedding)) == ((), 0)
    assert note


def test_an_embedding_that_is_not_finite_gives_an_empty_probe() -> None:
    """NaN from the network does not travel."""
    nan = Model(b"8 bytes!", lambda _: MeanProbe(np.full(16, np.nan, np.float32), 1, 1.0, 1.0), 1.5)
    probe, note = made(Recorded(events_of(*click(LAYOUT.face, 0, 90))), cut_at(90), nan)
    assert (len(probe.embedding), bool(note)) == (0, True)


def test_clicks_within_one_millisecond_are_no_movement() -> None:
    """A probe without any time in it still holds its rhythm."""
    probe, note = made(Recorded(events_of(*click(LAYOUT.face, 5, 0))), cut_at(5))
    assert (probe.rhythm, note) == ((Click(Target.FACE, 0),), "")


def test_attack_signs_are_flagged() -> None:
    """Synthetic devices and machine-straight movement each set their flag."""
    one = events_of((5, Kind.MOVE, 0, 1, 1))
    probe, _ = made(Recorded(one, synthetic=True), cut_at(10))
    assert probe.attack == AttackFlag.SYNTHETIC_DEVICE | AttackFlag.MACHINE_STRAIGHT


def test_only_events_after_the_count_began_are_compared_with_the_devices() -> None:
    """Records that arrive late do not look like warps of the pointer."""
    recorded = Recorded(events_of(*((time_ms, Kind.MOVE, 0, 0, 0) for time_ms in (10, 20, 30, 40))))
    maker = ProbeMaker(
        capture=Capture(recorded, recorded), load_model=lambda: MODEL, is_straight=lambda events: False
    )
    maker.begin(lambda: 20)
    maker.make(cut_at(None), lambda encoded, note: None)
    maker.close(wait=True)
    assert recorded.counted == [2]


def test_where_nothing_can_be_recorded_the_screen_says_so() -> None:
    """The stand-ins fail closed, and the flaw is both warned of and noted."""
    answers: list[tuple[str, str]] = []
    warnings: list[str] = []
    maker = ProbeMaker(
        capture=Capture(NoSource(), NoDevices(), "No RECORD."),
        load_model=lambda: MODEL,
        is_straight=lambda events: False,
    )
    maker.warm_up(warnings.append)
    maker.make(cut_at(5), lambda encoded, note: answers.append((encoded, note)))
    maker.close(wait=True)
    probe = decode(answers[0][0])
    assert (warnings, answers[0][1]) == (["No RECORD."], "No RECORD.")
    assert AttackFlag.SYNTHETIC_DEVICE in probe.attack


def test_warming_up_goes_through_all_that_a_probe_takes() -> None:
    """The model has embedded whole windows, and movement was judged, before anybody submits."""
    seen: list[int] = []
    judged: list[int] = []

    def embed(windows: Windows) -> MeanProbe:
        seen.append(len(windows))
        return MODEL.embed(windows)

    def is_straight(events: Events) -> bool:
        judged.append(len(events))
        return False

    maker = ProbeMaker(
        capture=Capture(NoSource(), NoDevices()),
        load_model=lambda: replace(MODEL, embed=embed),
        is_straight=is_straight,
    )
    maker.warm_up(lambda _warning: None)
    maker.close(wait=True)
    assert seen[0] >= 1 and judged[0] > 100


def test_windows_of_the_attempt_reach_the_model() -> None:
    """The model sees what was moved since the mark and before the Submit, not more."""
    seen: list[Windows] = []

    def embed(windows: Windows) -> MeanProbe:
        seen.append(windows)
        return MeanProbe(np.zeros(0, np.float32), 0, windows.active_s, 0.0)

    moves = events_of(*((8 * step, Kind.MOVE, 0, step % 900, step % 500) for step in range(1500)))
    made(Recorded(moves), cut_at(9000, since_ms=1000), Model(NO_MODEL, embed, 1.5))
    assert seen[0].active_s == pytest.approx(8.0, abs=0.1)


def moves(count: int, step_ms: int = 20) -> Events:
    """Return `count` movements across the screen."""
    return events_of(*((number * step_ms, Kind.MOVE, 0, 5 * number, 3 * number) for number in range(count)))


def measured(recorded: Recorded, cut: Cut) -> float:
    """Measure how much of the needed movement there is."""
    shares: list[float] = []
    maker = ProbeMaker(
        capture=Capture(recorded, recorded), load_model=lambda: MODEL, is_straight=lambda events: False
    )
    maker.measure(cut, shares.append)
    maker.close(wait=True)
    return shares[0]


def test_the_share_of_movement_grows_to_one_and_says_nothing_of_clicks() -> None:
    """It is the active time over what the model needs; clicks, however long they are held, add nothing."""
    shares = [measured(Recorded(moves(count)), cut_at(None)) for count in (0, 20, 40, 60, 90, 900)]
    assert shares[0] == 0.0 and shares[-2:] == [1.0, 1.0]
    assert shares == sorted(shares)
    for hold_ms in (50, 380):
        held = events_of(*moves(40).tolist(), *click(LAYOUT.face, 800, hold_ms))
        assert measured(Recorded(held), cut_at(None)) == shares[2]


def test_movement_that_was_asked_for_counts_after_the_submit() -> None:
    """With `more` the movement goes on after the Submit, and the clicks do not."""
    events = events_of(*click(LAYOUT.submit, 0, 100), *moves(90).tolist()[10:], *click(LAYOUT.face, 1900, 90))
    first = cut_at(100)
    assert measured(Recorded(events), first) == 0.0
    more = replace(first, more=True)
    assert measured(Recorded(events), more) == 1.0
    probe, _ = made(Recorded(events), more)
    assert probe.active_s > 1.5
    assert [(one.target, one.hold_ms) for one in probe.rhythm] == [(Target.SUBMIT, 100)]


def test_without_a_model_nobody_is_asked_to_move_for_ever() -> None:
    """Where nothing can be measured, what is there is enough to be sent."""
    broken = Recorded(events_of())
    maker = ProbeMaker(
        capture=Capture(broken, broken, "no RECORD"), load_model=lambda: MODEL, is_straight=lambda e: False
    )
    shares: list[float] = []
    maker.measure(cut_at(None), shares.append)
    maker.close(wait=True)
    assert shares == [1.0]
