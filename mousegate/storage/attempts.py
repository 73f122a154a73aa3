"""One persistent counter of failed attempts for all factors, and a back-off that grows with it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mousegate.storage.store import Store


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait after how many failures in a row.

    free: failures that cost no wait. first_s: the wait after the next; it doubles from there up to longest_s.
    NIST SP 800-63B (2017), 5.2.2, asks for throttling and names growing waits from 30 s to an hour; a person
    at a locked desk should not have to wait that long, so it starts at 5 s and ends at 5 min: at most about
    300 guesses a day, at password and signature together.
    """

    free: int = 5
    first_s: float = 5.0
    longest_s: float = 300.0

    def wait_s(self, failures: int) -> float:
        """Return the seconds to wait after this many failures in a row."""
        if failures < self.free:
            return 0.0
        return min(self.longest_s, self.first_s * 2.0 ** min(failures - self.free, 30))


BACK_OFF: Final = BackOff()


class Attempts:
    """The counter. It is raised before an attempt is judged, so that killing the judge does not help."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def charge(self, now_s: float) -> None:
        """Count an attempt that begins at Unix time `now_s` as failed, until `clear` says otherwise."""
        with self._store.transaction() as connection:
            connection.execute("UPDATE attempts SET failures = failures + 1, last_s = ?", (now_s,))

    def clear(self) -> None:
        """Forget the failures, after a success."""
        with self._store.transaction() as connection:
            connection.execute("UPDATE attempts SET failures = 0")

    def take_over(self, other: "Attempts") -> None:
        """Count on from what another store has counted."""
        counted = other._store.query("SELECT failures, last_s FROM attempts")[0]
        with self._store.transaction() as connection:
            connection.execute("UPDATE attempts SET failures = ?, last_s = ?", counted)

    def failures(self) -> int:
        """Return the number of failures in a row."""
        return int(self._store.query("SELECT failures FROM attempts")[0][0])

    def remaining_s(self, now_s: float, back_off: BackOff = BACK_OFF) -> float:
        """Return the seconds to wait before the next attempt at Unix time `now_s`.

        A clock that was set back cannot make the wait longer than the back-off itself.
        """
        failures, last_s = self._store.query("SELECT failures, last_s FROM attempts")[0]
        wait_s = back_off.wait_s(int(failures))
        return max(0.0, min(wait_s, float(last_s) + wait_s - now_s))
