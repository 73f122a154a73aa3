"""A page that opens the copy of the lock screen, with the coach beside it until that ends."""

from mousegate.wizard.coach import Coach
from mousegate.wizard.page import Page


class CoachedPage(Page):
    """The base of such pages. `_coach` is None while no copy is open."""

    _coach: Coach | None = None

    def _open_coach(self) -> None:
        self._coach = Coach(self.look, self._tr)

    def _ended(self) -> None:
        if self._coach is not None:
            self._coach.close()
            self._coach.deleteLater()
            self._coach = None
        window = self.window()
        window.raise_()
        window.activateWindow()
