"""`mousegate history`: what happened, for a person or a program, and forgetting it."""

import click

from mousegate.cli.output import Facts, json_option, moment, print_json, print_line, print_table
from mousegate.cli.since import HINT, since

_WORDS = {"lock": "lock now", "me": "it was me", "pause": "pause for an hour"}


@click.command("history")
@click.option(
    "--since", "since_words", default="7d", show_default=True, metavar="WHEN", help=f"From when: {HINT}."
)
@click.option(
    "--scores", is_flag=True, help="Show every comparison too: the score of each stretch of movement."
)
@click.option("--erase", is_flag=True, help="Delete all of it, decisions and click maps included.")
@click.option("--yes", is_flag=True, help="Do not ask before erasing.")
@json_option
def history_command(since_words: str, scores: bool, erase: bool, yes: bool, as_json: bool) -> int:
    """Show anomalies, answers, locks, pauses and decisions, oldest first."""
    if erase:
        return _erase(yes)
    found = _facts(since(since_words), scores)
    if as_json:
        print_json(list[Facts](found))
    elif found:
        rows = [[moment(_number(one["time_s"])), str(one["kind"]), *_cells(one)] for one in found]
        print_table("History", ["when", "what", "trust", "score", "detail"], rows)
    else:
        print_line(f"Nothing has happened since {moment(since(since_words))}.")
    return 0


def _facts(begin_s: float, scores: bool) -> list[dict[str, Facts]]:
    """Return everything since then in one order, each with the same names."""
    from mousegate.storage.history import History
    from mousegate.storage.store import Store

    history = History()
    found: list[dict[str, Facts]] = [
        _fact(one.time_s, one.kind, trust=one.trust, detail=one.detail, since_s=one.since_s)
        for one in history.since(begin_s)
    ]
    store = Store.open()
    if store is not None:
        with store:
            decisions = [one for one in store.decisions.newest(5000) if one.time_s >= begin_s]
        found += [
            _fact(one.time_s, "decision", score=one.motion_llr, place=one.place, decision=one.decision,
                  accepted=one.accepted, detail=one.attack)
            for one in decisions
        ]  # fmt: skip
    if scores:
        found += [
            _fact(one.time_s, "stretch", trust=one.trust, score=one.llr, detail=one.label)
            for one in history.stretches(begin_s)
        ]
    return sorted(found, key=lambda one: _number(one["time_s"]))


def _fact(time_s: float, kind: str, **values: Facts) -> dict[str, Facts]:
    blank: dict[str, Facts] = {
        "trust": None, "score": None, "detail": "", "since_s": None, "place": None, "decision": None,
        "accepted": None,
    }  # fmt: skip
    named: dict[str, Facts] = {"time_s": time_s, "kind": str(kind)}
    return named | blank | values


def _cells(one: dict[str, Facts]) -> list[str]:
    """Return trust, score and detail in words."""
    trust, score = ("" if one[name] is None else f"{_number(one[name]):.2f}" for name in ("trust", "score"))
    detail = str(one["detail"])
    match one["kind"]:
        case "answer":
            detail = _WORDS.get(detail, detail)
        case "anomaly" if one["since_s"]:
            detail = f"{detail}, since {moment(_number(one['since_s']))}"
        case "paused" if detail.isdigit():
            detail = f"until {moment(float(detail))}"
        case "decision":
            outcome = "accepted" if one["accepted"] else "refused"
            detail = ", ".join(
                word for word in (f"{one['place']}: {one['decision']}", outcome, detail) if word
            )
    return [trust, score, detail]


def _number(value: Facts) -> float:
    return value if isinstance(value, float) else 0.0


def _erase(yes: bool) -> int:
    from mousegate.storage.history import History
    from mousegate.storage.store import Store

    if not yes:
        click.confirm("Delete the whole history, decisions and click maps included?", abort=True)
    History().erase()
    store = Store.open()
    if store is not None:
        with store:
            store.decisions.erase()
    print_line("The history is erased. What is enrolled stays.")
    return 0
