"""The first page: how sure mousegate was, and what happened."""

import numpy as np
from PyQt5.QtWidgets import QHBoxLayout, QListWidgetItem, QVBoxLayout, QWidget

from mousegate.core.standing import SUSPECT_BELOW
from mousegate.dashboard import words
from mousegate.dashboard.charts import Chart, day_and_time
from mousegate.dashboard.icons import Shape, icon
from mousegate.dashboard.model import Past
from mousegate.dashboard.presenter import Content, Header
from mousegate.dashboard.theme import Theme
from mousegate.dashboard.widgets import GAP, Card, Either, Figure, plain_list
from mousegate.dashboard.words import Translate

_NEWEST = 40


class TrustChart(Chart):
    """Trust over time, with anomalies, locks and pauses."""

    def __init__(self, theme: Theme, say: Translate) -> None:
        super().__init__(theme, say("Trust over time"))
        self._say = say

    def show_past(self, past: Past, begin_s: float, end_s: float) -> None:
        """Draw what happened between two moments."""
        theme, curves = self.theme, past.curves
        self.clear_all()
        self.shade(past.locks, past.end_s, theme.quiet, 38)
        self.shade(past.pauses, past.end_s, theme.pause, 46)
        self.lines((0, 0.2, 0.4, 0.6, 0.8, 1))
        self.dashed(SUSPECT_BELOW, theme.bad, self._say("below: is this you?"))
        if len(curves.times_s):
            self.curve(curves.times_s, curves.trusts, theme.good, fill=0.0)
        anomalies = [one for one in past.incidents if begin_s <= one.time_s <= end_s]
        if anomalies:
            times, trusts = zip(*((one.time_s, one.trust) for one in anomalies), strict=True)
            self.dots(np.array(times), np.array(trusts), theme.bad, 12)
        self.span(begin_s, end_s, 0.0, 1.06)
        lowest = f"{curves.trusts.min():.2f}" if len(curves.trusts) else "-"
        self.setAccessibleDescription(
            f"{day_and_time(begin_s)} - {day_and_time(end_s)}. {len(anomalies)} anomalies, "
            f"lowest trust {lowest}, {len(past.locks)} locks."
        )


class Overview(QWidget):
    """Four figures, the curve of trust, and the newest events."""

    def __init__(self, theme: Theme, say: Translate) -> None:
        super().__init__()
        self._theme, self._say = theme, say
        self._trust = Figure(say("Trust now"))
        self._compared = Figure(say("Compared"))
        self._anomalies = Figure(say("Anomalies"))
        self._unlocks = Figure(say("Unlocked with your signature"))
        self._chart = TrustChart(theme, say)
        self._either = Either(self._chart)
        self._events = plain_list(say("What happened"))
        self._build()

    def show_header(self, header: Header) -> None:
        """Show the present trust."""
        colour = self._theme.of_standing(header.standing)
        if header.trust is None:
            self._trust.tell("-", header.title)
        else:
            remark = self._say("of 1.00; an alert comes below 0.50")
            self._trust.tell(f"{header.trust:.2f}", remark, colour)

    def show_content(self, content: Content) -> None:
        """Show what happened."""
        past, say = content.past, self._say
        self._either.tell(content.trust_empty)
        self._chart.show_past(past, past.begin_s, past.end_s)
        active_s = float(past.curves.active_s.sum())
        count = len(past.curves.times_s)
        self._compared.tell(
            words.duration(active_s), say("of movement, in {count} stretches").format(count=count)
        )
        newest = past.incidents[-1].time_s if past.incidents else None
        remark = say("none in this time") if newest is None else say("the last {time}")
        self._anomalies.tell(
            str(len(past.incidents)),
            remark.format(time=words.moment(newest or 0.0, past.end_s)),
            self._theme.bad if past.incidents else "",
        )
        asked = [one for one in past.decisions if one.place == "lock"]
        passed = sum(one.accepted for one in asked)
        refused = say("{count} refused").format(count=len(asked) - passed)
        self._unlocks.tell(str(passed), refused, "")
        self._list(past)

    def _list(self, past: Past) -> None:
        say = self._say
        bad, good, quiet = (getattr(self._theme, name) for name in ("bad", "good", "quiet"))
        rows = [
            (
                one.time_s,
                Shape.SUSPECT,
                bad,
                f"{say('Somebody else seemed to be at the mouse')}  ·  {words.answer(one, say)}",
            )
            for one in past.incidents
        ]
        rows += [
            (one.time_s, Shape.MARK, good if one.accepted else bad, words.decision(one, say))
            for one in past.decisions
        ]
        rows += [(one.begin_s, Shape.PAUSED, quiet, say("Watching was paused")) for one in past.pauses]
        rows += [(one.begin_s, Shape.LOCKED, quiet, say("The screen was locked")) for one in past.locks]
        self._events.clear()
        for time_s, shape, colour, text in sorted(rows, reverse=True)[:_NEWEST]:
            line = f"{words.moment(time_s, past.end_s)}   {text}"
            self._events.addItem(QListWidgetItem(icon(shape, colour), line))
        if not rows:
            self._events.addItem(QListWidgetItem(say("Nothing has happened in this time.")))

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GAP)
        figures = QHBoxLayout()
        figures.setSpacing(GAP)
        for figure in (self._trust, self._compared, self._anomalies, self._unlocks):
            figures.addWidget(figure, 1)
        layout.addLayout(figures)
        curve = Card(self._say("Trust over time"), self._say("grey: locked · yellow: paused · dot: anomaly"))
        curve.body.addWidget(self._either, 1)
        layout.addWidget(curve, 3)
        events = Card(self._say("What happened"))
        events.body.addWidget(self._events, 1)
        layout.addWidget(events, 2)
