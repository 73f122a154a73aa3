"""The window: pages on the left, how it stands above, and the chosen page."""

from functools import partial
from typing import Final, Protocol

from PyQt5.QtCore import QSize, Qt, QTimer
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMainWindow,
    QPushButton,
    QShortcut,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from mousegate.dashboard.icons import Shape, icon
from mousegate.dashboard.model import Span
from mousegate.dashboard.pages.anomalies import Anomalies
from mousegate.dashboard.pages.applications import Applications
from mousegate.dashboard.pages.overview import Overview
from mousegate.dashboard.pages.similarity import Similarity
from mousegate.dashboard.presenter import Content, Header
from mousegate.dashboard.theme import Theme
from mousegate.dashboard.widgets import GAP, label
from mousegate.dashboard.words import Translate

CLASS_HINT: Final = "mousegate-dashboard"
_TICK_MS: Final = 5000
PAGES: Final = ("overview", "anomalies", "similarity", "applications")


class Actions(Protocol):
    """What the window asks of mousegate.dashboard.presenter.Presenter."""

    def choose(self, span: Span) -> None:
        """Look back so far."""

    def tick(self) -> None:
        """Some seconds have passed."""

    def refresh(self, force: bool = False) -> None:
        """Read anew."""

    def pause(self) -> None:
        """Pause for an hour."""

    def resume(self) -> None:
        """Watch again."""

    def lock(self) -> None:
        """Lock the screen."""

    def forget(self, application: str) -> None:
        """Delete the clicks in an application."""


class Window(QMainWindow):
    """Everything that is seen. It decides nothing."""

    def __init__(self, theme: Theme, say: Translate) -> None:
        super().__init__()
        self._theme, self._say = theme, say
        self._actions: Actions | None = None
        self._title, self._sentence = label(name="title"), label(name="quiet", wrap=True)
        self._lamp = label()
        self._problem = label(name="problem", wrap=True)
        self._problem.hide()
        self._pause, self._lock = QPushButton(), QPushButton(say("&Lock now"))
        self._lock.setObjectName("primary")
        self._overview, self._anomalies = Overview(theme, say), Anomalies(theme, say)
        self._similarity = Similarity(theme, say)
        self._applications = Applications(theme, say, self._forget)
        self._pages = QStackedWidget()
        self._pages.setObjectName("pages")
        self._nav = self._navigation()
        self._spans = QButtonGroup(self)
        self._build()
        self._resumes = False
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)

    def serve(self, actions: Actions) -> None:
        """Give what is pressed to `actions`, and the time every few seconds."""
        self._actions = actions
        self._timer.timeout.connect(actions.tick)
        self._timer.start()
        self._pause.clicked.connect(lambda: actions.resume() if self._resumes else actions.pause())
        self._lock.clicked.connect(lambda _: actions.lock())
        for button in self._spans.buttons():
            button.clicked.connect(partial(self.choose, Span[button.objectName()]))
        for keys, call in (("F5", lambda: actions.refresh(True)), ("Ctrl+L", actions.lock)):
            QShortcut(QKeySequence(keys), self, call)
        for keys in ("Ctrl+W", "Ctrl+Q"):
            QShortcut(QKeySequence(keys), self).activated.connect(self.close)

    def open_page(self, name: str) -> None:
        """Go to a page of PAGES."""
        self._nav.setCurrentRow(PAGES.index(name))

    def come_forward(self) -> None:
        """Show the window above the others."""
        self.setWindowState(self.windowState() & ~Qt.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def show_header(self, header: Header) -> None:
        """Show how it stands."""
        colour = self._theme.of_standing(header.standing)
        self._lamp.setPixmap(icon(Shape.of(header.standing), colour).pixmap(QSize(34, 34)))
        self._title.setText(header.title)
        self._sentence.setText(header.sentence)
        self._resumes = header.can_resume
        self._pause.setText(self._say("&Resume") if header.can_resume else self._say("&Pause for an hour"))
        self._pause.setEnabled(header.can_pause or header.can_resume)
        self._lock.setEnabled(header.can_lock)
        self.setWindowTitle(f"mousegate: {header.title}")
        self._overview.show_header(header)

    def show_content(self, content: Content) -> None:
        """Show what happened."""
        for page in (self._overview, self._anomalies, self._similarity, self._applications):
            page.show_content(content)

    def show_problem(self, text: str) -> None:
        """Say what went wrong; empty when all is well again."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def choose(self, span: Span, _checked: bool = True) -> None:
        """Look back so far."""
        for button in self._spans.buttons():
            button.setChecked(button.objectName() == span.name)
        if self._actions is not None:
            self._actions.choose(span)

    def _forget(self, application: str) -> None:
        if self._actions is not None:
            self._actions.forget(application)

    def _navigation(self) -> QListWidget:
        nav = QListWidget()
        nav.setObjectName("nav")
        nav.setAccessibleName(self._say("Pages"))
        nav.setIconSize(QSize(18, 18))
        titles = (
            self._say("Overview"),
            self._say("Anomalies"),
            self._say("Similarity"),
            self._say("Applications"),
        )
        for number, (name, title) in enumerate(zip(PAGES, titles, strict=True)):
            nav.addItem(QListWidgetItem(icon(Shape(name), self._theme.quiet), title))
            QShortcut(QKeySequence(f"Ctrl+{number + 1}"), self, lambda row=number: nav.setCurrentRow(row))
        nav.currentRowChanged.connect(self._pages.setCurrentIndex)
        return nav

    def _build(self) -> None:
        for page in (self._overview, self._anomalies, self._similarity, self._applications):
            self._pages.addWidget(page)
        ground = QWidget()
        ground.setObjectName("ground")
        row = QHBoxLayout(ground)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._side())
        column = QVBoxLayout()
        column.setContentsMargins(22, 18, 22, 20)
        column.setSpacing(GAP)
        column.addLayout(self._header())
        column.addWidget(self._problem)
        column.addLayout(self._span_row())
        column.addWidget(self._pages, 1)
        row.addLayout(column, 1)
        self.setCentralWidget(ground)
        self._nav.setCurrentRow(0)
        self.resize(1180, 760)
        self.setMinimumSize(860, 560)

    def _side(self) -> QWidget:
        side = QWidget()
        side.setObjectName("side")
        side.setFixedWidth(190)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 20, 0, 16)
        brand = QHBoxLayout()
        brand.setContentsMargins(20, 0, 0, 10)
        mark = label()
        mark.setPixmap(icon(Shape.MARK, self._theme.accent).pixmap(QSize(24, 24)))
        brand.addWidget(mark)
        brand.addWidget(label("mousegate", "brand"))
        brand.addStretch()
        column.addLayout(brand)
        column.addWidget(self._nav, 1)
        return side

    def _header(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self._lamp)
        text = QVBoxLayout()
        text.setSpacing(0)
        text.addWidget(self._title)
        text.addWidget(self._sentence)
        row.addLayout(text, 1)
        row.addWidget(self._pause)
        row.addWidget(self._lock)
        return row

    def _span_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(6)
        names = {
            Span.DAY: self._say("24 hours"),
            Span.WEEK: self._say("7 days"),
            Span.MONTH: self._say("30 days"),
            Span.ALL: self._say("All"),
        }
        for span, name in names.items():
            button = QPushButton(name)
            button.setObjectName(span.name)
            button.setCheckable(True)
            button.setChecked(span is Span.DAY)
            self._spans.addButton(button)
            row.addWidget(button)
        row.addStretch()
        return row
