"""Showing something in a terminal that follows the daemon."""

import signal
from collections.abc import Callable
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

from mousegate.bus.client import DaemonState
from mousegate.errors import MousegateError

LOOK_S: Final = 2


def follow(render: Callable[[DaemonState | None], RenderableType], console: Console | None = None) -> None:
    """Draw what `render` returns whenever the daemon changes and every two seconds, until Ctrl+C.

    render: may raise MousegateError, which is shown in its place; None where no daemon runs.
    """
    import dbus
    import dbus.mainloop.glib
    from gi.repository import GLib

    from mousegate.bus.watch import DaemonWatch

    loop = GLib.MainLoop()
    shown = _Shown(render)
    with Live(shown.drawn(), console=console, auto_refresh=False, vertical_overflow="visible") as live:

        def told(state: DaemonState | None) -> None:
            shown.state = state
            live.update(shown.drawn(), refresh=True)

        def look() -> bool:
            live.update(shown.drawn(), refresh=True)
            return True

        watch = None
        try:
            bus = dbus.SessionBus(mainloop=dbus.mainloop.glib.DBusGMainLoop(), private=True)
            bus.set_exit_on_disconnect(False)
            watch = DaemonWatch(bus, told)
        except dbus.DBusException:
            bus = None
        GLib.timeout_add_seconds(LOOK_S, look)
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
        loop.run()
        if watch is not None:
            watch.close()
            bus.close()


class _Shown:
    """The last state, and how to draw it."""

    def __init__(self, render: Callable[[DaemonState | None], RenderableType]) -> None:
        self._render = render
        self.state: DaemonState | None = None

    def drawn(self) -> RenderableType:
        try:
            return self._render(self.state)
        except MousegateError as error:
            return Text(str(error), style="red")
