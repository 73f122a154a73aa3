"""What the greeter asks the X server itself: monitors, where the pointer is, keyboard layout and locks.

Qt knows outputs but not RandR 1.5 monitors, and nothing about locks before the first key. The core
protocol tells both: QueryPointer's mask carries the Lock modifier and, in bits 13 and 14, the XKB group
(X Keyboard Extension protocol, section 2.2.2), and _XKB_RULES_NAMES on the root names the layouts.
"""

from dataclasses import dataclass
from typing import Any, Final

from Xlib import X, Xatom, Xcursorfont
from Xlib.ext import randr

from mousegate.capture.display import open_display
from mousegate.greeter.layout import Rect

_GROUP_SHIFT: Final = 13
_GROUP_MASK: Final = 3
_LONGEST_RULES: Final = 4096


@dataclass(frozen=True, slots=True)
class Keyboard:
    """What the keyboard will type now. `layouts` are XKB names such as "us"; `group` chooses one."""

    caps_lock: bool = False
    group: int = 0
    layouts: tuple[str, ...] = ()

    @property
    def layout(self) -> str:
        """The active layout's name, or nothing where there is no choice."""
        return self.layouts[min(self.group, len(self.layouts) - 1)] if len(self.layouts) > 1 else ""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is, in root coordinates."""

    x: int
    y: int


def keyboard_of_state(state: int, layouts: tuple[str, ...]) -> Keyboard:
    """Read an X event's or QueryPointer's state field (16 bits)."""
    return Keyboard(bool(state & X.LockMask), (state >> _GROUP_SHIFT) & _GROUP_MASK, layouts)


def parse_rules_names(untrusted_value: bytes) -> tuple[str, ...]:
    """Return the layouts in _XKB_RULES_NAMES: rules, model, layout, variant, options, each ended by NUL."""
    parts = untrusted_value.decode("latin-1").split("\0")
    if len(parts) < 3:
        return ()
    return tuple(name for name in parts[2].split(",") if name.isalnum())


def monitor_of(pointer: Pointer, monitors: tuple[Rect, ...]) -> Rect:
    """Return the monitor under the pointer, else the nearest one. `monitors` holds one at least."""

    def distance(monitor: Rect) -> int:
        right, bottom = monitor.x + monitor.width - 1, monitor.y + monitor.height - 1
        return max(monitor.x - pointer.x, pointer.x - right, 0) + max(
            monitor.y - pointer.y, pointer.y - bottom, 0
        )

    return min(monitors, key=distance)


class Desk:
    """One connection for questions only."""

    def __init__(self, display_name: str | None = None) -> None:
        """Connect. Raises DisplayError where there is no X display."""
        self._display = open_display(display_name)
        self._root = self._display.screen().root
        self._rules_names = self._display.intern_atom("_XKB_RULES_NAMES")
        self._own = self._root.create_window(
            -1, -1, 1, 1, 0, X.CopyFromParent, X.InputOnly, X.CopyFromParent, event_mask=X.PropertyChangeMask
        )
        self._has_monitors = self._randr_version() >= (1, 5)

    def pointer(self) -> Pointer:
        """Return where the pointer is."""
        reply = self._root.query_pointer()
        return Pointer(reply.root_x, reply.root_y)

    def keyboard(self) -> Keyboard:
        """Return locks and layout as they are now."""
        value = self._root.get_property(self._rules_names, Xatom.STRING, 0, _LONGEST_RULES // 4)
        raw = value.value if value is not None else b""
        layouts = parse_rules_names(raw.encode("latin-1") if isinstance(raw, str) else bytes(raw))
        return keyboard_of_state(self._root.query_pointer().mask, layouts)

    def monitors(self) -> tuple[Rect, ...]:
        """Return the active monitors, or the whole root where there is none."""
        found: tuple[Rect, ...] = ()
        if self._has_monitors:
            reply = randr.get_monitors(self._root)
            found = tuple(Rect(m.x, m.y, m.width_in_pixels, m.height_in_pixels) for m in reply.monitors)
        usable = tuple(monitor for monitor in found if monitor.width and monitor.height)
        if usable:
            return usable
        size = self._root.get_geometry()
        return (Rect(0, 0, size.width, size.height),)

    def dress(self) -> None:
        """Make the root black with an arrow over it: what is seen of a display that nothing else is on."""
        font: Any = self._display.open_font("cursor")
        black, white = (0, 0, 0), (0xFFFF, 0xFFFF, 0xFFFF)
        arrow = font.create_glyph_cursor(font, Xcursorfont.left_ptr, Xcursorfont.left_ptr + 1, white, black)
        self._root.change_attributes(background_pixel=self._display.screen().black_pixel, cursor=arrow)
        self._root.clear_area()
        self._display.sync()

    def server_time_ms(self) -> int:
        """Return the X server's time now (CARD32 ms): that of a property change of our own (ICCCM 2.1)."""
        self._own.change_property(Xatom.CUT_BUFFER0, Xatom.STRING, 8, b"")
        while True:
            event = self._display.next_event()
            if event.type == X.PropertyNotify:
                return int(event.time)

    def close(self) -> None:
        """Close the connection."""
        self._display.close()

    def _randr_version(self) -> tuple[int, int]:
        if not self._display.has_extension("RANDR"):
            return (0, 0)
        reply = randr.query_version(self._display)
        return (reply.major_version, reply.minor_version)
