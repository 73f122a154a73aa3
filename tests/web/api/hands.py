"""People at a browser: what mousegate.js would have recorded of them."""

from typing import Any

from mousegate.capture import synthetic
from mousegate.core.events import Kind
from mousegate.core.probe import Click, Rhythm, Target

OWNER, STRANGER = 22, 5
RHYTHM: Rhythm = (
    Click(Target.FACE, 140),
    Click(Target.FACE, 150),
    Click(Target.PASSWORD, 620),
    Click(Target.SUBMIT, 330),
)
OTHER_RHYTHM: Rhythm = (Click(Target.FACE, 430), *RHYTHM[1:])

Form = dict[str, Any]


def recorded(hand: int, seed: int, duration_s: float = 12.0, rhythm: Rhythm = RHYTHM) -> Form:
    """Return a person's movement and then a rhythm, as the JSON of a recording."""
    events = synthetic.session(synthetic.hand(hand), duration_s, seed=seed)
    moves = events[events["kind"] == Kind.MOVE]
    start = moves["time_ms"][0]
    rows: list[list[float]] = [[float(t - start), int(x), int(y), 0] for t, _, _, x, y in moves.tolist()]
    time_ms, x, y = rows[-1][:3]
    for click in rhythm:
        rows.append([time_ms + 200.0, x, y, 1, int(click.target)])
        time_ms += 200.0 + click.hold_ms
        rows.append([time_ms, x, y, 0])
    return {"version": 1, "pointer": "mouse", "events": rows}


def clicked(rhythm: Rhythm = RHYTHM, jitter_ms: int = 0) -> Form:
    """Return a rhythm alone, each click held longer by `jitter_ms`."""
    held = [Click(click.target, click.hold_ms + jitter_ms) for click in rhythm]
    form = recorded(OWNER, 1, 1.0, tuple(held))
    clicks = [row for row in form["events"] if row[0] >= form["events"][-2 * len(held)][0]]
    return form | {"events": clicks}
