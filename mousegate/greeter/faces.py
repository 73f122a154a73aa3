"""Who is at the screen: real name, picture, initials, and the colour of the disc behind them."""

import os
import pwd
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtGui import QColor, QImageReader, QPixmap

from mousegate.errors import UsageError
from mousegate.storage.paths import home_directory

ACCOUNTS_ICONS: Final = Path("/var/lib/AccountsService/icons")
MAX_FACE_BYTES: Final = 8 * 1024 * 1024
_DISC_HUES: Final = (210, 262, 330, 14, 38, 150, 178)


@dataclass(frozen=True, slots=True)
class Person:
    """Whose session this is; user "": somebody who is still to be named. home: where ~/.face is looked for.
    is_logged_in: has a session on this machine.
    """

    user: str
    real_name: str
    home: Path
    is_logged_in: bool = False

    @property
    def initials(self) -> str:
        """Return one or two letters of the real name, a question mark for nobody in particular."""
        if not self.user:
            return "?"
        words = [word for word in self.real_name.split() if word[0].isalnum()]
        ends = (words or [self.real_name])[:1] + words[1:][-1:]
        return "".join(word[:1] for word in ends).upper()


def current_person(untrusted_user: str | None = None) -> Person:
    """Return who runs this process, or `untrusted_user`. Raises UsageError for an unknown name."""
    try:
        entry = pwd.getpwnam(untrusted_user) if untrusted_user else pwd.getpwuid(os.getuid())
    except (KeyError, ValueError) as error:
        name = untrusted_user or f"number {os.getuid()}"
        raise UsageError(f"There is no user {name} on this machine.") from error
    home = Path(entry.pw_dir) if untrusted_user else home_directory()
    return Person(entry.pw_name, real_name_of(entry), home)


def real_name_of(entry: pwd.struct_passwd) -> str:
    """Return the first field of GECOS, in which & stands for the user's name (passwd(5)); else that name."""
    real_name = entry.pw_gecos.split(",")[0].replace("&", entry.pw_name.capitalize()).strip()
    return real_name or entry.pw_name


def face_files(person: Person, icons: Path = ACCOUNTS_ICONS) -> tuple[Path, ...]:
    """Return where a picture may be, best first."""
    if not person.user or "/" in person.user:
        return ()
    return (person.home / ".face", person.home / ".face.icon", icons / person.user)


def load_face(person: Person, side_px: int, icons: Path = ACCOUNTS_ICONS) -> QPixmap | None:
    """Return the person's picture, square and `side_px` wide; None where there is none that can be read."""
    for path in face_files(person, icons):
        if _is_reasonable(path):
            face = _read_square(path, side_px)
            if face is not None:
                return face
    return None


def disc_colour(user: str) -> QColor:
    """Return the colour behind the initials: always the same one for the same person."""
    return QColor.fromHsv(_DISC_HUES[zlib.crc32(user.encode()) % len(_DISC_HUES)], 120, 170)


def _is_reasonable(path: Path) -> bool:
    try:
        return path.is_file() and 0 < path.stat().st_size <= MAX_FACE_BYTES
    except OSError:
        return False


def _read_square(path: Path, side_px: int) -> QPixmap | None:
    reader = QImageReader(str(path))
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid():
        reader.setScaledSize(size.scaled(QSize(side_px, side_px), Qt.KeepAspectRatioByExpanding))
    image = reader.read()
    if image.isNull():
        return None
    image = image.scaled(side_px, side_px, Qt.KeepAspectRatioByExpanding, Qt.SmoothTransformation)
    left, top = (image.width() - side_px) // 2, (image.height() - side_px) // 2
    return QPixmap.fromImage(image.copy(left, top, side_px, side_px))
