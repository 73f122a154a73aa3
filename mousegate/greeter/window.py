"""The window: it draws what the presenter says and hands on what the person does. It decides nothing."""

from collections.abc import Callable
from datetime import datetime
from itertools import pairwise
from typing import Final

from PyQt5.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt, pyqtSignal
from PyQt5.QtGui import (
    QFont,
    QKeyEvent,
    QMouseEvent,
    QMoveEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWindow,
)
from PyQt5.QtWidgets import QWidget
from PyQt5.sip import voidptr

from mousegate.greeter import layout as layouts
from mousegate.greeter.arrow import Arrow
from mousegate.greeter.backdrop import backdrop
from mousegate.greeter.battery import Battery
from mousegate.greeter.buttons import FaceDisc, Link, SubmitButton
from mousegate.greeter.cut import Release
from mousegate.greeter.desk import Keyboard
from mousegate.greeter.faces import Person, disc_colour, load_face
from mousegate.greeter.field import Field
from mousegate.greeter.keyclock import KeyClock
from mousegate.greeter.keys import MEDIA_KEYS, TURNS, X_BUTTONS
from mousegate.greeter.labels import BatteryGauge, Clock, Label, Part
from mousegate.greeter.layout import Layout, Rect
from mousegate.greeter.ripples import Ripples
from mousegate.greeter.screen import Phase, Screen, Tone
from mousegate.greeter.theme import Theme

CLASS_HINT: Final = "mousegate-greeter"


class GreeterWindow(QWidget):
    """The whole screen on one monitor.

    submitted: what was typed (bytearray) and the recovery code (str). escaped: Escape with nothing typed.
    started_over: what had been typed was thrown away. recovery_toggled: the link was used.
    keyed: a key or the pointer was used; caps lock, layout or monitor may have changed.
    edited: what is typed has changed. switched: another person wants to log in. media_pressed: a MediaKey.
    lit: the first touch after the screen was dark; it does nothing else. shown: a Screen is drawn now.
    laid_out: everything stands by this Layout. turned: Up (-1) or Down (1) with nothing typed.

    Its title is "mousegate: STATE" (Screen.state), for whoever drives or watches it.
    """

    submitted = pyqtSignal(object, str)
    escaped = pyqtSignal()
    started_over = pyqtSignal()
    recovery_toggled = pyqtSignal()
    keyed = pyqtSignal()
    edited = pyqtSignal()
    switched = pyqtSignal()
    media_pressed = pyqtSignal(object)
    lit = pyqtSignal()
    shown = pyqtSignal(object)
    laid_out = pyqtSignal(object)
    turned = pyqtSignal(int)

    def __init__(self, person: Person, theme: Theme, translate: Callable[[str], str] = str) -> None:
        super().__init__()
        self._person, self._theme, self._tr = person, theme, translate
        self._backdrop = QPixmap()
        self._screen = Screen()
        self._keyboard = Keyboard()
        self._layout: Layout | None = None
        self._monitor: Rect | None = None
        self.last_input_ms: int | None = None
        self.last_release: Release | None = None
        self.touched = False
        self.is_dark = False
        self._alone = False
        self._arrow: Arrow | None = None
        self.setWindowTitle("mousegate")
        self.setAttribute(Qt.WA_OpaquePaintEvent)
        self.setAttribute(Qt.WA_NoSystemBackground)
        self._build()
        self._connect()

    def _build(self) -> None:
        theme, person = self._theme, self._person
        self._clock = Clock(self, theme, datetime.now)
        self._face = FaceDisc(self, theme, person.initials, disc_colour(person.user))
        self._name = Label(self, theme, 23, QFont.DemiBold)
        self._key_clock = KeyClock()
        self._answer = Field(self, theme, self._key_clock)
        self._submit = SubmitButton(self, theme)
        self._message = Label(self, theme, 14.5, QFont.Medium)
        self._message.align(int(Qt.AlignHCenter | Qt.AlignTop | Qt.TextWordWrap))
        self._link = Link(self, theme)
        self._code = Field(self, theme, self._key_clock)
        self._back = Link(self, theme)
        self._gauge = BatteryGauge(self, theme)
        self._welcome = Label(self, theme, 22, QFont.Medium)
        self._welcome.hide()
        self._switch = Link(self, theme)
        self._switch.setText(self._tr("Switch user"))
        self._switch.hide()
        self._ripples = Ripples(self, theme)
        self._say_person()
        self._submit.setAccessibleName(self._tr("Submit"))
        self._submit.setText(self._tr("Submit"))
        self._message.setObjectName("message")
        self._link.setText(self._tr("Use a recovery code"))
        self._back.setText(self._tr("Use my mouse signature"))
        self._code.ask(self._tr("Recovery code"), secret=False)

    def _connect(self) -> None:
        self._answer.submitted.connect(self._submitted)
        self._code.submitted.connect(self._submitted)
        self._answer.edited.connect(self.edited)
        self._submit.clicked.connect(self._submitted)
        self._link.clicked.connect(self.recovery_toggled)
        self._back.clicked.connect(self.recovery_toggled)
        self._switch.clicked.connect(self.switched)
        self._face.pressed.connect(self._answer.setFocus)
        parts = (self._answer, self._code, self._submit, self._link, self._back, self._switch)
        for earlier, later in pairwise(parts):
            self.setTabOrder(earlier, later)

    def show_person(self, person: Person) -> None:
        """Show whose attempt it is now."""
        self._person = person
        self._face.set_person(person.initials, disc_colour(person.user))
        if self._layout is not None:
            self._face.set_face(load_face(person, self._layout.face.height))
        self._say_person()

    def _say_person(self) -> None:
        self._name.say(self._person.real_name)
        self._face.setAccessibleName(self._tr("Picture of {0}").format(self._person.real_name))

    def offer_switch(self) -> None:
        """Let another person log in from here."""
        self._switch.show()

    def draw_pointer(self) -> None:
        """Draw the pointer, because whoever holds the grabs hides it."""
        self._arrow = Arrow(self)
        self._arrow.show()

    # ---- where it stands

    def embed(self, cover: int) -> None:
        """Become a child of the keeper's cover window, whose upper left corner is the root's."""
        self.winId()
        handle = self.windowHandle()
        assert handle is not None
        handle.setParent(QWindow.fromWinId(voidptr(cover)))

    def receive(self) -> None:
        """Show the window where nothing else is: no cover holds it, and nobody manages windows."""
        self.setWindowFlags(Qt.FramelessWindowHint)
        self.setGeometry(*self.monitor.as_list())
        self.show()
        self.activateWindow()
        self._watch_input()

    def present(self, alone: bool) -> None:
        """Show the window; `alone`: no cover holds it, so that it stands above the desktop itself."""
        if alone:
            self.setWindowFlags(Qt.FramelessWindowHint | Qt.WindowStaysOnTopHint)
            self._alone = True
            self.setGeometry(*self.monitor.as_list())
            self.showFullScreen()
            self.activateWindow()
            self.raise_()
        else:
            self.show()
        self._watch_input()

    def place(self, monitor: Rect) -> bool:
        """Cover this monitor (root coordinates). Return whether anything changed."""
        if monitor == self._monitor:
            return False
        resized = self._monitor is None or (monitor.width, monitor.height) != (
            self._monitor.width,
            self._monitor.height,
        )
        self._monitor = monitor
        if resized:
            self._lay_out(layouts.compute(monitor.width, monitor.height))
        self.setGeometry(*monitor.as_list())
        handle = self.windowHandle()
        if handle is not None:
            handle.setGeometry(*monitor.as_list())
        return True

    @property
    def monitor(self) -> Rect:
        """Return what it covers, in root coordinates. Only after place()."""
        assert self._monitor is not None
        return self._monitor

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Follow a window manager that has other ideas about the size of a window that stands alone."""
        super().resizeEvent(event)
        self._settle()

    def moveEvent(self, event: QMoveEvent) -> None:
        """Follow a window manager that has put it elsewhere."""
        super().moveEvent(event)
        self._settle()

    def _settle(self) -> None:
        if self._alone and self._monitor is not None:
            self.place(Rect(self.x(), self.y(), self.width(), self.height()))

    def is_begun(self) -> bool:
        """Whether something has been typed or clicked in this attempt."""
        return self.touched or not self._answer.is_empty() or not self._code.is_empty()

    def _lay_out(self, layout: Layout) -> None:
        self._layout = layout
        self._backdrop = backdrop(self._theme, layout.width, layout.height)
        places: tuple[tuple[QWidget, Rect], ...] = (
            (self._clock.time, layout.clock),
            (self._clock.date, layout.date),
            (self._face, layout.face),
            (self._name, layout.name),
            (self._answer, layout.password),
            (self._submit, layout.submit),
            (self._message, layout.message),
            (self._link, layout.link),
            (self._code, layout.recovery),
            (self._back, layout.back),
            (self._gauge, layout.corner),
            (self._welcome, layout.row),
            (self._switch, layout.switch),
            (self._ripples, Rect(0, 0, layout.width, layout.height)),
            *([(self._arrow, Rect(0, 0, layout.width, layout.height))] if self._arrow else []),
        )
        for widget, rect in places:
            widget.setGeometry(*rect.as_list())
            if isinstance(widget, Part | Field | Link | Ripples | Arrow):
                widget.set_unit(layout.scale)
        self._face.set_face(load_face(self._person, layout.face.height))
        self._clock.tick()
        self.laid_out.emit(layout)
        self.update()

    def _watch_input(self) -> None:
        """Look at the window's raw input from now on: for the ripples and the time of the last release."""
        self.winId()
        handle = self.windowHandle()
        assert handle is not None
        handle.installEventFilter(self)
        application = QCoreApplication.instance()
        assert application is not None
        application.installNativeEventFilter(self._key_clock)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note presses and releases before the parts get them; keep none of them back."""
        if isinstance(event, QMouseEvent | QKeyEvent):
            self.last_input_ms = int(event.timestamp())
            self.keyed.emit()
            if self.is_dark and event.type() != QEvent.ShortcutOverride and self._lights(event):
                return True
        if isinstance(event, QKeyEvent) and event.key() in MEDIA_KEYS:
            if event.type() == QEvent.KeyPress:
                self.media_pressed.emit(MEDIA_KEYS[event.key()])
            return True
        if isinstance(event, QMouseEvent):
            if self._arrow is not None:
                self._arrow.point(QPoint(event.pos()))
            if event.type() == QEvent.MouseButtonPress:
                self.touched = True
                self._ripples.start(QPoint(event.pos()))
            elif event.type() == QEvent.MouseButtonRelease and event.button() in X_BUTTONS:
                self.last_release = Release(X_BUTTONS[event.button()], int(event.timestamp()))
        return super().eventFilter(watched, event)

    def _lights(self, event: QMouseEvent | QKeyEvent) -> bool:
        """The screen was dark: nobody could see what a key or click would do, so it lights it, and no more.

        Whoever types a password on a dark screen may be typing it elsewhere (xsecurelock drops that key too).
        """
        self.is_dark = False
        self.lit.emit()
        return event.type() in {QEvent.KeyPress, QEvent.MouseButtonPress}

    # ---- what it shows

    def show_screen(self, screen: Screen) -> None:
        """Draw what the presenter says. The title tells it to screen readers and to tests."""
        self._screen = screen
        self.setWindowTitle(f"mousegate: {screen.state}")
        open_for_input = screen.phase in {Phase.READY, Phase.PROMPT}
        self._answer.set_open(open_for_input)
        self._answer.show_progress(screen.gathered if screen.phase is Phase.MOVING else None)
        self._code.set_open(open_for_input)
        self._answer.ask(self._field_hint(screen), screen.secret)
        self._submit.set_busy(screen.busy)
        leaving = screen.phase is Phase.WELCOME
        for part in (self._answer, self._submit, self._message):
            part.setVisible(not leaving)
        self._welcome.setVisible(leaving)
        self._welcome.say(screen.message if leaving else "")
        self._link.setVisible(screen.recovery_offered and not screen.recovery)
        self._code.setVisible(screen.recovery)
        self._back.setVisible(screen.recovery and screen.recovery_offered)
        self._say_message()
        if open_for_input and not self._code.hasFocus() and not self._link.hasFocus():
            self._answer.setFocus(Qt.OtherFocusReason)
        if screen.recovery and not self._answer.is_empty():
            self._code.setFocus(Qt.OtherFocusReason)
        self.shown.emit(screen)

    def clear_fields(self) -> None:
        """Wipe what has been typed."""
        self._answer.clear()
        self._code.clear()

    def show_keyboard(self, keyboard: Keyboard) -> None:
        """Show caps lock and layout."""
        if keyboard != self._keyboard:
            self._keyboard = keyboard
            self._answer.show_keyboard(keyboard)
            self._say_message()

    def tick(self) -> None:
        """Show the present time."""
        self._clock.tick()

    def show_battery(self, battery: Battery | None) -> None:
        """Show the battery's charge in the corner."""
        self._gauge.say(battery if self._theme.show_battery else None)

    def _field_hint(self, screen: Screen) -> str:
        if screen.phase is Phase.MOVING:
            return self._tr("Move the mouse…")
        if screen.busy:
            return self._tr("Checking…")
        return screen.prompt.rstrip(" :") or self._tr("Password")

    def _say_message(self) -> None:
        text, colour = self._screen.message, self._theme.text
        if self._screen.tone is Tone.ERROR:
            colour = self._theme.error
        if not text and self._screen.phase is Phase.PROMPT:
            text = self._screen.prompt
        if not text and self._keyboard.caps_lock and self._screen.secret:
            text = self._tr("Caps Lock is on")
        self._message.say(text, colour)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the background."""
        painter = QPainter(self)
        painter.drawPixmap(event.rect(), self._backdrop, event.rect())
        painter.end()

    # ---- what the person does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape starts over; letters typed anywhere go to the first field."""
        if event.key() == Qt.Key_Escape:
            self._escape()
        elif event.key() in TURNS and self._answer.is_empty() and self._code.is_empty():
            self.turned.emit(TURNS[event.key()])
        elif event.text() and not self._answer.hasFocus() and not self._code.hasFocus():
            self._answer.setFocus(Qt.OtherFocusReason)
            self._answer.keyPressEvent(event)

    def _escape(self) -> None:
        if self._answer.is_empty() and self._code.is_empty():
            self.escaped.emit()
            return
        self.clear_fields()
        self.touched = False
        self.started_over.emit()

    def _submitted(self) -> None:
        if self._screen.phase not in {Phase.READY, Phase.PROMPT}:
            return
        code = self._code.take()
        self.submitted.emit(self._answer.take(), code.decode("utf-8", "replace"))
        code[:] = bytes(len(code))
