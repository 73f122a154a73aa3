"""Claims about other languages: every text is marked, and what is read from the right is laid out so."""

import ast
import gettext
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import mousegate
from mousegate.core import greetd_ipc
from mousegate.greeter.layout import Rect
from mousegate.storage.translation import DOMAIN, LOCALE
from tests.gui.conftest import Stage, opened
from tests.gui.peer import wait_until

PACKAGE = Path(mousegate.__file__).parent
MARKS = {"_tr", "translate", "marked"}
CATALOGUES = sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))


def texts() -> set[str]:
    """Return every text that greeter and auth mark for translation."""
    found = set()
    for path in [*PACKAGE.glob("greeter/**/*.py"), *PACKAGE.glob("auth/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                name = (
                    node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                )
                found |= {str(node.args[0].value)} if name in MARKS else set()
    return found


def pseudo(text: str) -> str:
    """Return a text as a wordy language might have it: accented, bracketed, two fifths longer."""
    accented = text.translate(str.maketrans("aeiouAEIOUcn", "åéîöûÅÉÎÖÛçñ"))
    return f"[{accented}{'~' * (2 * len(text) // 5)}]"


@pytest.fixture(scope="module")
def pseudo_package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of the program whose Arabic is a pseudo-translation: it is laid out from the right."""
    directory = tmp_path_factory.mktemp("pseudo")
    ignored = shutil.ignore_patterns("__pycache__", "training", "models")
    shutil.copytree(PACKAGE, directory / "mousegate", ignore=ignored, symlinks=True)
    shutil.copytree(PACKAGE.parent / "models", directory / "models", symlinks=True)
    target = directory / "mousegate/data/locale/ar/LC_MESSAGES"
    target.mkdir(parents=True)
    rows = ['msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n']
    rows += [f'msgid "{text}"\nmsgstr "{pseudo(text)}"\n' for text in sorted(texts())]
    (target / "mousegate.po").write_text("\n".join(rows))
    subprocess.run(["msgfmt", "-o", target / "mousegate.mo", target / "mousegate.po"], check=True)
    yield directory


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_each_language_has_every_text(catalogue: Path) -> None:
    """The compiled catalogue holds all texts with all their places; else run `make translations`."""
    with catalogue.open("rb") as file:
        known = gettext.GNUTranslations(file)
    for text in texts():
        translated = known.gettext(text)
        assert translated != text, text
        assert translated.count("{0}") == text.count("{0}")


def drawn_in(stage: Stage, part: Rect) -> bytes:
    """Return what is drawn in a part of the screen."""
    box = (part.x, part.y, part.x + part.width, part.y + part.height)
    return stage.hands.screenshot().crop(box).tobytes()


def test_a_right_to_left_language_is_laid_out_from_the_right(x_server: str, pseudo_package: Path) -> None:
    """The hint stands at the right end of its box, and the states that drivers read stay as they are."""
    with opened(x_server, pseudo_package, LANG="ar_EG.UTF-8", LC_ALL="ar_EG.UTF-8") as stage:
        stage.reach("ready")
        box = stage.layout.password
        half = box.width // 2 - box.height
        left = Rect(box.x + box.height // 2, box.y + 6, half // 2, box.height - 12)
        right = Rect(box.x + box.width - box.height // 2 - half // 2, box.y + 6, half // 2, box.height - 12)
        wait_until(
            lambda: len(set(drawn_in(stage, right))) > 2 * len(set(drawn_in(stage, left))) > 2, "the hint"
        )
        stage.begin("pw")
        stage.running.ask("secret", "Password:")
        stage.running.send(greetd_ipc.error("auth_error", "x"))
        stage.reach("failed")
