"""The keeper's part of the screen, as small as it can be: a cover, both grabs, and forwarding."""

import threading

from Xlib import XK, X
from Xlib.display import Display
from Xlib.protocol import event as x_event
from Xlib.xobject.drawable import Window

STOP_KEYCODE = 255
"""A key that no keyboard of the tests has: it ends the forwarding thread."""

_INPUT = {X.KeyPress, X.KeyRelease, X.ButtonPress, X.ButtonRelease, X.MotionNotify}


class FakeKeeper:
    """Holds both grabs over an override-redirect cover and re-sends input to the greeter's window."""

    def __init__(self, display_name: str) -> None:
        self._display = Display(display_name)
        screen = self._display.screen()
        self._root = screen.root
        size = self._root.get_geometry()
        self.cover = self._root.create_window(
            0, 0, size.width, size.height, 0, screen.root_depth, background_pixel=0, override_redirect=True
        )
        self.cover.map()
        self._display.sync()
        mask = X.ButtonPressMask | X.ButtonReleaseMask | X.PointerMotionMask
        modes = (X.GrabModeAsync, X.GrabModeAsync)
        assert self.cover.grab_keyboard(False, *modes, X.CurrentTime) == X.GrabSuccess
        assert self.cover.grab_pointer(False, mask, *modes, X.NONE, X.NONE, X.CurrentTime) == X.GrabSuccess
        self._thread = threading.Thread(target=self._forward, daemon=True)
        self._target = 0

    def focus(self, window_id: int) -> Window:
        """Tell the greeter's window that it has the focus, and return it."""
        window = self._display.create_resource_object("window", window_id)
        window.send_event(
            x_event.FocusIn(window=window, mode=X.NotifyNormal, detail=X.NotifyNonlinear), event_mask=0
        )
        self._display.flush()
        return window

    def forward_to(self, window_id: int) -> None:
        """Forward all input from now on."""
        self._target = window_id
        self.focus(window_id)
        self._thread.start()

    def press(self, window_id: int, *names: str) -> None:
        """Send these keys without any device: for servers that have no XTEST."""
        window = self.focus(window_id)
        for name in names:
            code = self._display.keysym_to_keycode(XK.string_to_keysym(name))
            for kind in (x_event.KeyPress, x_event.KeyRelease):
                key = kind(
                    detail=code,
                    time=X.CurrentTime,
                    root=self._root,
                    window=window,
                    child=X.NONE,
                    root_x=0,
                    root_y=0,
                    event_x=0,
                    event_y=0,
                    state=0,
                    same_screen=1,
                )
                window.send_event(key, event_mask=0)
        self._display.flush()

    def _forward(self) -> None:
        window = self._display.create_resource_object("window", self._target)
        while True:
            event = self._display.next_event()
            if event.type not in _INPUT:
                continue
            if event.type == X.KeyPress and event.detail == STOP_KEYCODE:
                return
            place = self._root.translate_coords(window, 0, 0)
            copy = type(event)(
                detail=event.detail,
                time=event.time,
                root=self._root,
                window=window,
                child=X.NONE,
                root_x=event.root_x,
                root_y=event.root_y,
                event_x=event.root_x - place.x,
                event_y=event.root_y - place.y,
                state=event.state,
                same_screen=1,
            )
            window.send_event(copy, event_mask=0)
            self._display.flush()

    def close(self) -> None:
        """Let go of everything; only after STOP_KEYCODE was pressed or before forwarding."""
        if self._target:
            self._thread.join(5)
        self._display.close()
