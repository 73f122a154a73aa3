"""What the window says. Pure: texts go through `Translate`, times come out in the person's locale."""

from collections.abc import Callable
from datetime import datetime
from typing import Final, TypeAlias

from mousegate.core.standing import SENTENCES, TITLES, Standing, marked
from mousegate.dashboard.model import Incident, Past
from mousegate.storage.decisions import LoggedDecision

Translate: TypeAlias = Callable[[str], str]

ANSWERS: Final = {
    "lock": marked("You answered: lock now"),
    "me": marked("You answered: it was me"),
    "pause": marked("You answered: pause for an hour"),
    "": marked("Nobody answered"),
}


def clock(time_s: float) -> str:
    """Return the time of day."""
    return datetime.fromtimestamp(time_s).strftime("%H:%M")


def moment(time_s: float, now_s: float) -> str:
    """Return a moment as briefly as it is clear: 14:05, Mon 14:05 or 3 Nov 14:05."""
    then, now = datetime.fromtimestamp(time_s), datetime.fromtimestamp(now_s)
    if then.date() == now.date():
        return then.strftime("%H:%M")
    if 0 < now_s - time_s < 6 * 86_400:
        return then.strftime("%a %H:%M")
    return f"{then.day} {then.strftime('%b %H:%M')}"


def duration(seconds: float) -> str:
    """Return a span in its largest sensible units: 45 s, 12 min, 3 h 20 min, 2 d 4 h."""
    total = round(max(seconds, 0.0))
    if total < 60:
        return f"{total} s"
    minutes = round(total / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    days, rest = divmod(hours, 24)
    return f"{days} d {rest} h" if rest else f"{days} d"


def headline(standing: Standing, paused_until_s: float, say: Translate) -> tuple[str, str]:
    """Return title and sentence of how it stands."""
    until = clock(paused_until_s) if paused_until_s else ""
    return say(TITLES[standing]), say(SENTENCES[standing]).format(time=until)


def answer(incident: Incident, say: Translate) -> str:
    """Return what came of an anomaly, in one line."""
    words = say(ANSWERS.get(incident.answer, ANSWERS[""]))
    if incident.answer == "lock" or incident.locked_s is None:
        return words
    return f"{words} · {say('the screen was locked')}"


def decision(one: LoggedDecision, say: Translate) -> str:
    """Return a decision in one line."""
    places = {
        "lock": say("Lock screen"),
        "login": say("Login"),
        "verify": say("Verification"),
        "enrol": say("Enrolment"),
    }
    outcome = say("accepted") if one.accepted else say("refused")
    return f"{places.get(one.place, one.place)}: {outcome}"


def trust_empty(past: Past, standing: Standing, say: Translate) -> str:
    """Return why there is no curve of trust; empty where there is one."""
    if len(past.curves.times_s):
        return ""
    if standing is Standing.UNENROLLED:
        return say(
            "Nothing is enrolled yet. mousegate enrol takes two minutes of ordinary mouse use; from then on "
            "you see here how sure mousegate is that it is you."
        )
    if standing is Standing.AWAY:
        return say(
            "The daemon does not run, so nothing was compared. Start it with "
            "systemctl --user start mousegate."
        )
    return say(
        "Nothing was compared in this time. Every five seconds of mouse movement make one point: go on "
        "working, and look again in a few minutes."
    )


def anomalies_empty(past: Past, say: Translate) -> str:
    """Return what stands where there are no anomalies; empty where there are."""
    if past.incidents:
        return ""
    if not len(past.curves.times_s):
        return say("Nothing was compared in this time, so nothing could be noticed.")
    return say("No anomaly in this time: whoever moved the mouse moved it the way you enrolled.")


def applications_empty(switched_on: bool, say: Translate) -> str:
    """Return why there are no click maps."""
    if not switched_on:
        return say(
            "Click maps are off, and nothing is collected. Switched on, mousegate counts for each "
            "application where in its window you click and how long you hold: as daily counts on a "
            "grid of 64 by 64, never titles, contents or keys, never in password dialogs, and kept on this "
            "computer only. To switch them on, put click_maps = true into config.toml and restart the daemon."
        )
    return say("No click has been counted yet. Clicks appear here about a minute after they were made.")
