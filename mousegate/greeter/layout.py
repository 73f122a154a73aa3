"""Where everything on the greeter stands: a pure function of the monitor's size, in X pixels.

The window draws by it, the probe names click targets by it, and a driver aims by it
(`mousegate-greeter --layout WIDTHxHEIGHT`), so there is one truth. Nothing here imports Qt or numpy.
"""

import json
import math
import re
from dataclasses import dataclass
from typing import Final

from mousegate.errors import UsageError

MIN_SIDE: Final = 64
MAX_SIDE: Final = 32767
"""X11 coordinates are signed 16-bit (X protocol, section 1)."""

_DESIGN_WIDTH: Final = 640.0
_DESIGN_HEIGHT: Final = 720.0
_SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle in X pixels: left, top, width, height."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, x: int, y: int) -> bool:
        """Return whether the pixel (x, y) lies inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height

    def as_list(self) -> list[int]:
        """Return [x, y, width, height]."""
        return [self.x, self.y, self.width, self.height]


@dataclass(frozen=True, slots=True)
class Layout:
    """Rectangles relative to the monitor's upper left corner; `scale` is X pixels per design unit.

    `row` is password and submit together. `link` and `recovery` share their place: the link opens the second
    field there, and nothing moves. `back` is the link that closes it again. `corner` tells of the machine;
    `switch`, in the other corner, lets another person log in.
    """

    width: int
    height: int
    scale: float
    clock: Rect
    date: Rect
    face: Rect
    name: Rect
    row: Rect
    password: Rect
    submit: Rect
    message: Rect
    link: Rect
    recovery: Rect
    back: Rect
    corner: Rect
    switch: Rect


@dataclass(frozen=True, slots=True)
class _Column:
    """Heights and gaps of the centred column in design units (1/720 of a landscape monitor's height)."""

    clock: float = 100
    date: float = 30
    face: float = 124
    name: float = 34
    row: float = 48
    row_width: float = 300
    message: float = 58
    link: float = 30
    face_gap: float = 14
    name_gap: float = 18
    row_gap: float = 10
    clock_top: float = 0.085
    block_centre: float = 0.615

    @property
    def block(self) -> float:
        """Height from the top of the face to the end of the lowest link."""
        return (
            self.face + self.face_gap + self.name + self.name_gap
            + self.row + self.row_gap + self.message + self.row + self.link
        )  # fmt: skip


def compute(width: int, height: int) -> Layout:
    """Return the layout for a monitor of this size. Raises UsageError for a size that no monitor has."""
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        raise UsageError(f"A monitor of {width}x{height} pixels cannot be laid out; give a real size.")
    scale = min(width / _DESIGN_WIDTH, height / _DESIGN_HEIGHT)
    column = _Column()
    tall, wide, middle = height / scale, width / scale, width / scale / 2

    def place(left: float, top: float, across: float, down: float) -> Rect:
        x, y = math.ceil(left * scale), math.ceil(top * scale)
        if across == down:
            return Rect(x, y, round(across * scale), round(down * scale))
        return Rect(x, y, int((left + across) * scale) - x, int((top + down) * scale) - y)

    def centred(top: float, across: float, down: float) -> Rect:
        return place(middle - across / 2, top, across, down)

    clock_top = column.clock_top * tall
    date_top = clock_top + column.clock
    face_top = max(date_top + column.date + 24, column.block_centre * tall - column.block / 2)
    name_top = face_top + column.face + column.face_gap
    row_top = name_top + column.name + column.name_gap
    message_top = row_top + column.row + column.row_gap
    second_top = message_top + column.message
    whole_row = column.row_width + column.row_gap + column.row
    left = middle - whole_row / 2
    return Layout(
        width=width,
        height=height,
        scale=scale,
        clock=centred(clock_top, 560, column.clock),
        date=centred(date_top, 560, column.date),
        face=centred(face_top, column.face, column.face),
        name=centred(name_top, 520, column.name),
        row=place(left, row_top, whole_row, column.row),
        password=place(left, row_top, column.row_width, column.row),
        submit=place(left + column.row_width + column.row_gap, row_top, column.row, column.row),
        message=centred(message_top, 560, column.message),
        link=centred(second_top + 4, 240, column.link),
        recovery=centred(second_top, whole_row, column.row),
        back=centred(second_top + column.row, 240, column.link),
        corner=place(wide - 24 - 260, tall - 20 - 28, 260, 28),
        switch=place(24, tall - 20 - 28, 150, 28),
    )


@dataclass(frozen=True, slots=True)
class Lobby:
    """What a login screen has besides: the faces left and right of the middle one, nearest first, the names
    below them, and what is chosen at the lower edge.
    """

    before: tuple[Rect, ...]
    after: tuple[Rect, ...]
    session: Rect
    language: Rect
    power: Rect


_NEIGHBOUR: Final = 72.0
_NEIGHBOUR_STEP: Final = 104.0
NAME_BELOW: Final = 26.0
"""Design units below a neighbour's disc that its name takes."""


def lobby(layout: Layout) -> Lobby:
    """Return where a login screen's own parts stand; as many faces as there is room for."""
    scale, face = layout.scale, layout.face
    middle, side = face.x + face.width / 2, round(_NEIGHBOUR * scale)
    top = round(face.y + face.height / 2 - side / 2)
    nearest, step = face.width / 2 + (_NEIGHBOUR_STEP - _NEIGHBOUR / 2) * scale, _NEIGHBOUR_STEP * scale
    room = middle - nearest - (_NEIGHBOUR_STEP / 2) * scale
    steps = [nearest + number * step for number in range(int(room // step) + 1)]

    def disc(centre: float) -> Rect:
        return Rect(round(centre - side / 2), top, side, side)

    corner, switch = layout.corner, layout.switch
    power = round(96 * scale)
    language_x = switch.x + switch.width + round(8 * scale)
    return Lobby(
        before=tuple(disc(middle - step) for step in steps),
        after=tuple(disc(middle + step) for step in steps),
        session=switch,
        language=Rect(language_x, switch.y, round(130 * scale), switch.height),
        power=Rect(corner.x + corner.width - power, switch.y, power, switch.height),
    )


def parse_size(untrusted_size: str) -> tuple[int, int]:
    """Return (width, height) of `WIDTHxHEIGHT`. Raises UsageError with what was expected."""
    match = _SIZE.fullmatch(untrusted_size)
    if match is None:
        raise UsageError(f"--layout takes WIDTHxHEIGHT in pixels, such as 1920x1080, not {untrusted_size!r}.")
    return int(match[1]), int(match[2])


def as_json(layout: Layout) -> str:
    """Return the rectangles that a driver needs to aim: face, password, submit, and the link to recovery."""
    targets = {
        "face": layout.face,
        "password": layout.password,
        "submit": layout.submit,
        "recovery": layout.link,
    }
    return json.dumps({name: rect.as_list() for name, rect in targets.items()})
