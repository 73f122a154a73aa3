"""The sheet with the recovery codes: on paper, or in a file that only its owner may read."""

import os
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path

from PyQt5.QtGui import QTextDocument
from PyQt5.QtPrintSupport import QPrintDialog, QPrinter
from PyQt5.QtWidgets import QDialog, QWidget

from mousegate.errors import MousegateError

Translate = Callable[[str], str]


def text(codes: Sequence[str], tr: Translate) -> str:
    """Return the sheet as plain text."""
    head = tr("mousegate recovery codes")
    about = tr("Each opens the lock once, with your password, in place of your mouse signature.")
    how = tr("At the lock screen choose “Use a recovery code”. Keep this sheet away from the computer.")
    return f"{head}\n\n{about}\n{how}\n\n" + "\n".join(codes) + "\n"


def save_sheet(path: Path, codes: Sequence[str], tr: Translate) -> None:
    """Write the sheet, readable by its owner alone. Raises MousegateError."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(text(codes, tr))
    except OSError as cause:
        raise MousegateError(f"{path} cannot be written: {cause.strerror}. Choose another place.") from cause


def print_sheet(parent: QWidget, codes: Sequence[str], tr: Translate) -> bool:
    """Let the person choose a printer (or a PDF), and print; return whether it was."""
    printer = QPrinter(QPrinter.HighResolution)
    dialog = QPrintDialog(printer, parent)
    if dialog.exec() != QDialog.Accepted:
        return False
    lines = text(codes, tr).split("\n")
    document = QTextDocument()
    body = "<br>".join(escape(line) for line in lines[2:])
    document.setHtml(f"<h1>{escape(lines[0])}</h1><p style='font-size: 14pt'>{body}</p>")
    document.print(printer)
    return True
