"""One line of text on the cover while there is no greeter, so that a person knows that the screen is locked.

It is drawn with the core font "fixed", which every X server has unless it was set up without fonts; then the
cover stays plain black.
"""

from typing import Any, Final

from Xlib.display import Display
from Xlib.xobject.drawable import Window

TEXT: Final = b"This screen is locked. The unlock screen is being started."
GREY: Final = 0xA0A0A0


class Notice:
    """Draws the line in the middle of the screen."""

    def __init__(self, display: Display, root: Window) -> None:
        self._root = root
        self._font: Any = display.open_font("fixed")  # Xlib's stubs call it a mere resource

    def draw(self, host: Window) -> None:
        """Draw it in `host`. Drawing again over itself changes nothing."""
        if self._font is None:
            return
        size = self._root.get_geometry()
        width = int(self._font.query_text_extents(TEXT).overall_width)
        gc: Any = host.create_gc(foreground=GREY, background=0, font=self._font)
        text: Any = TEXT
        host.image_text(gc, (size.width - width) // 2, size.height // 2, text)
        gc.free()
