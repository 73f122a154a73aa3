"""The input focus: on the base while locked, so that keys reach nobody even if the grabs go with the keeper;
back where it was afterwards. Who had it stands in a root property, for a successor to give it back.
"""

from typing import Final

from Xlib import X, Xatom, error
from Xlib.display import Display

from mousegate.lock.cover import Cover, id_of

FOCUS_PROPERTY: Final = "_MOUSEGATE_FOCUS"


class Focus:
    """Keeps the input focus on the base of `cover`."""

    def __init__(self, display: Display, cover: Cover) -> None:
        self._display, self._cover = display, cover
        self._property = display.intern_atom(FOCUS_PROPERTY)

    def remember(self) -> None:
        """Note who has the focus, unless a predecessor has noted it before."""
        if not self._cover.has_predecessors and (focus := self._holder()) > X.PointerRoot:
            self._cover.root.change_property(self._property, Xatom.WINDOW, 32, [focus])

    def take(self) -> None:
        """Give it to the base."""
        self._cover.base.set_input_focus(X.RevertToParent, X.CurrentTime, onerror=error.CatchError())

    def look_after(self) -> None:
        """Give it to the base where somebody else has it."""
        if self._holder() != self._cover.base.id:
            self.take()

    def restore(self) -> None:
        """Give it back to who had it."""
        found = self._cover.root.get_property(self._property, Xatom.WINDOW, 0, 2)
        self._cover.root.delete_property(self._property)
        if found is not None and len(found.value) == 1:
            window = self._display.create_resource_object("window", int(found.value[0]))
            window.set_input_focus(X.RevertToParent, X.CurrentTime, onerror=error.CatchError())

    def _holder(self) -> int:
        return id_of(self._display.get_input_focus().focus)
