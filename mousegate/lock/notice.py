"""A line of text on a cover that has no greeter, so that a person knows that the screen is locked.

It is drawn with the core font "fixed", which every X server has unless it was set up without fonts; then the
cover stays plain black.
"""

from typing import Any, Final

from Xlib.display import Display

from mousegate.lock.cover import Cover

STARTING: Final = b"This screen is locked. The unlock screen is being started."
ELSEWHERE: Final = b"This screen is locked. It is unlocked on another one."
GREY: Final = 0xA0A0A0


def write_notice(display: Display, cover: Cover, text: bytes) -> None:
    """Write it in the middle of the screen. Writing it again over itself changes nothing."""
    font: Any = display.open_font("fixed")  # Xlib's stubs call it a mere resource
    if font is None:
        return
    size = cover.root.get_geometry()
    width = int(font.query_text_extents(text).overall_width)
    gc: Any = cover.host.create_gc(foreground=GREY, background=0, font=font)
    line: Any = text
    cover.host.image_text(gc, (size.width - width) // 2, size.height // 2, line)
    gc.free()
    font.close()
