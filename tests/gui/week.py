"""A made-up working week in a person's history and store: for pictures and tests of the dashboard."""

import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from mousegate.core.places import PlacedClick
from mousegate.core.trust import ALARM_POINTS, TrustState, dismiss, observe, renew
from mousegate.storage.decisions import LoggedDecision
from mousegate.storage.history import Entry, History, Stretch, What
from mousegate.storage.history_places import Places
from mousegate.storage.store import Store
from tests.unit.people import Person, reference

POINT: Final = ALARM_POINTS["balanced"]
REASON: Final = "the mouse is not moved the way it was enrolled as 'me'"
HOT_SPOTS: Final = {
    "firefox": (
        1600, 1000, 97,
        ((0.12, 0.05, 0.05, 6), (0.30, 0.09, 0.09, 4), (0.38, 0.52, 0.14, 8), (0.985, 0.55, 0.008, 2)),
    ),
    "Code": (
        1600, 1000, 84,
        ((0.015, 0.22, 0.012, 4), (0.13, 0.38, 0.06, 6), (0.52, 0.45, 0.13, 8), (0.5, 0.78, 0.1, 2)),
    ),
    "XTerm": (820, 560, 118, ((0.35, 0.75, 0.16, 5), (0.3, 0.3, 0.15, 2))),
    "libreoffice-writer": (
        1400, 900, 104,
        ((0.22, 0.09, 0.12, 7), (0.5, 0.5, 0.13, 6), (0.97, 0.5, 0.02, 1)),
    ),
    "Gimp-2.10": (1500, 900, 141, ((0.05, 0.16, 0.04, 6), (0.47, 0.5, 0.14, 8), (0.92, 0.62, 0.05, 4))),
}  # fmt: skip
"""Application: width, height, usual hold in ms, and (across, down, spread, weight) of where it is clicked."""


class Week:
    """Writes seven days that end at `now_s` (Unix seconds) into `directory`."""

    def __init__(self, directory: Path, now_s: float, seed: int = 5) -> None:
        self._directory = directory
        self._now_s = now_s
        self._random = np.random.default_rng(seed)
        self._trust = TrustState(variance=0.45)
        self._history = History(directory)
        self._caught = False

    def write(self) -> None:
        """Write all of it."""
        with Store.create(self._directory) as store:
            store.references.put(reference(Person(1), store.key), "")
            store.settings.arm()
            store.recovery.renew()
            today = datetime.fromtimestamp(self._now_s).replace(hour=0, minute=0, second=0, microsecond=0)
            days = [today - timedelta(days=back) for back in range(6, -1, -1)]
            working = [day for day in days if day.weekday() < 5 or day == today]
            for number, day in enumerate(working):
                self._day(store, day, len(working) - 1 - number)
        self._clicks()

    def _day(self, store: Store, day: datetime, back: int) -> None:
        begin_s = (day + timedelta(hours=8, minutes=int(self._random.integers(20, 75)))).timestamp()
        end_s = min((day + timedelta(hours=17, minutes=20)).timestamp(), self._now_s)
        if back == 0:
            begin_s = min(begin_s, self._now_s - 5 * 3600)
            end_s = self._now_s
        lunch_s = begin_s + 4.05 * 3600
        self._note(begin_s - 4, What.STARTED)
        self._unlock(store, begin_s)
        stretches: list[Stretch] = []
        for now_s in self._moments(begin_s, end_s, lunch_s):
            stranger = back == 1 and now_s - begin_s > 5.6 * 3600 and not self._caught
            odd = back == 3 and 2.1 * 3600 < now_s - begin_s < 2.1 * 3600 + 400
            stretches += self._stretch(store, now_s, stranger, odd)
        self._history.append_stretches(stretches)
        if lunch_s < end_s - 3600:
            self._note(lunch_s, What.LOCKED)
            self._unlock(store, lunch_s + 47 * 60, refused_first=back == 2)
        if back == 2:
            self._note(begin_s + 7 * 3600, What.PAUSED, f"{begin_s + 8 * 3600:.0f}")
            self._note(begin_s + 8 * 3600, What.RESUMED)
        if back:
            self._note(end_s, What.LOCKED)

    def _moments(self, begin_s: float, end_s: float, lunch_s: float) -> Iterator[float]:
        now_s = begin_s
        while now_s < end_s:
            now_s += float(self._random.gamma(1.3, 22)) + 5
            if self._random.random() < 0.004:
                now_s += float(self._random.uniform(600, 2400))
            if not lunch_s < now_s < lunch_s + 47 * 60 and now_s < end_s:
                yield now_s

    def _stretch(self, store: Store, now_s: float, stranger: bool, odd: bool) -> list[Stretch]:
        mean = -1.4 if stranger else 0.1 if odd else 1.75 + 0.1 * np.sin(now_s / 5400)
        llr = float(self._random.normal(mean, 0.5))
        before = self._trust.alarmed
        self._trust = observe(self._trust, llr, 5.0, now_s, POINT)
        one = Stretch(now_s, llr, 5.0, self._trust.trust, self._trust.usual_nats, "me", "mouse")
        if self._trust.alarmed and not before:
            since_s = self._trust.onset_s or now_s
            self._history.append(Entry(now_s, What.ANOMALY, self._trust.trust, REASON, since_s))
            answer = "lock" if stranger else "me"
            self._note(now_s + 7, What.ANSWER, answer)
            if stranger:
                self._caught = True
                self._note(now_s + 8, What.LOCKED)
                self._unlock(store, now_s + 340, refused_first=True)
            else:
                self._trust = dismiss(self._trust)
        return [one]

    def _unlock(self, store: Store, time_s: float, refused_first: bool = False) -> None:
        good = LoggedDecision(
            time_s, "lock", "match", True, True, True, float(self._random.normal(4.5, 1)), "", "me", "all",
            "fnmr3", 1.2,
        )  # fmt: skip
        if refused_first:
            store.decisions.append(
                LoggedDecision(time_s - 20, "lock", "non-match", False, True, False, -2.1, "", "me", "all",
                               "fnmr3", 1.2)
            )  # fmt: skip
        store.decisions.append(good)
        self._note(time_s, What.UNLOCKED)
        self._trust = renew(self._trust)

    def _clicks(self) -> None:
        places = Places(self._history)
        for number, (name, (width, height, hold_ms, spots)) in enumerate(HOT_SPOTS.items()):
            weights = np.array([spot[3] for spot in spots], float)
            count = int(1900 / (1 + number) ** 0.8)
            chosen = self._random.choice(len(spots), count, p=weights / weights.sum())
            clicks = [
                PlacedClick(
                    name,
                    float(self._random.normal(spots[spot][0], spots[spot][2])),
                    float(self._random.normal(spots[spot][1], spots[spot][2])),
                    int(self._random.lognormal(np.log(hold_ms), 0.28)),
                    width,
                    height,
                )
                for spot in chosen
            ]
            places.add([one for one in clicks if 0 <= one.across < 1 and 0 <= one.down < 1], self._now_s - 60)

    def _note(self, time_s: float, what: What, detail: str = "") -> None:
        if time_s <= self._now_s:
            self._history.append(Entry(time_s, what, self._trust.trust, detail))


def main() -> None:
    """Write a week that ends now into the directory that is named."""
    Week(Path(sys.argv[1]), time.time()).write()


if __name__ == "__main__":
    main()
