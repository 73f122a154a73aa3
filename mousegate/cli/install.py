"""`make install` and `make uninstall`: put everything around the programs in its place, or take it away.

Run by the installed environment's own Python: `python -m mousegate.cli.install me|everybody|package`. What is
written is listed in the environment; `--remove` removes exactly that, and directories which that leaves
empty.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Final

from mousegate.cli.places import KINDS, Places
from mousegate.errors import MousegateError

DATA: Final = Path(str(files("mousegate"))) / "data"
_PROGRAM: Final = re.compile(r"^(Exec(?:Start)?=)(?:/usr/bin/env )?(mousegate[a-z-]*)(?= |$)", re.MULTILINE)
"""A program of ours at the start of an Exec= or ExecStart= line."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of an installation, or a link where `link` is not empty."""

    path: Path
    content: bytes = b""
    link: str = ""


def pieces(places: Places) -> Iterator[Piece]:
    """Return everything that belongs around the environment, generated or rendered for `places`."""
    for name in sorted({"mousegate", *entry_points(group="console_scripts").names}):
        if name.startswith("mousegate"):
            yield Piece(places.bin / name, link=str(places.program / "bin" / name))
    yield from _desktop(places)
    yield from _services(places)
    yield from _manuals(places)
    yield from _completions(places)


def _desktop(places: Places) -> Iterator[Piece]:
    for source in sorted(DATA.glob("*.desktop")):
        started = source.name.endswith("-autostart.desktop")
        folder = places.autostart if started else places.share / "applications"
        yield Piece(folder / source.name, _rendered(source, places))
    for source in sorted(DATA.glob("icons/*.svg")):
        context = "symbolic" if source.stem.endswith("-symbolic") else "scalable"
        yield Piece(places.share / "icons/hicolor" / context / "apps" / source.name, source.read_bytes())
    for source in sorted(DATA.glob("*.metainfo.xml")):
        yield Piece(places.share / "metainfo" / source.name, source.read_bytes())


def _services(places: Places) -> Iterator[Piece]:
    for source in sorted(DATA.glob("systemd/*.service")):
        yield Piece(places.units / source.name, _rendered(source, places))
    for source in sorted(DATA.glob("org.*.service")):
        yield Piece(places.dbus / source.name, _rendered(source, places))
    for source in sorted(DATA.glob("org.*1.xml")):
        yield Piece(places.share / "dbus-1/interfaces" / source.name, source.read_bytes())
    if places.catalog:
        for source in sorted(DATA.glob("systemd/*.catalog")):
            yield Piece(places.catalog / source.name, source.read_bytes())
    if places.pam:
        yield Piece(places.pam / "mousegate", (DATA / "pam.d/mousegate").read_bytes())


def _manuals(places: Places) -> Iterator[Piece]:
    from mousegate.cli import manual

    for page in manual.pages():
        yield Piece(places.share / f"man/man{page.section}/{page.name}.{page.section}", page.roff.encode())
    documentation = places.share / "doc/mousegate"
    for source in sorted(DATA.glob("doc/*.md")):
        yield Piece(documentation / source.name, source.read_bytes())
    yield Piece(documentation / "examples/config.toml", manual.sample().encode())


def _completions(places: Places) -> Iterator[Piece]:
    from mousegate.cli.completion import script

    yield Piece(places.bash / "mousegate", script("bash").encode())
    yield Piece(places.zsh / "_mousegate", script("zsh").encode())
    yield Piece(places.fish / "mousegate.fish", script("fish").encode())


def _rendered(source: Path, places: Places) -> bytes:
    """Return a file with absolute paths of our programs: not every session has ~/.local/bin in PATH."""
    return _PROGRAM.sub(
        lambda found: f"{found[1]}{places.bin / found[2]}", source.read_text("utf-8")
    ).encode()


def install(places: Places, root: Path = Path("/")) -> list[Path]:
    """Write every piece under `root`, list them in the environment, and return their final paths.

    A PAM service file that is there already is the administrator's, and stays.
    """
    written: list[Path] = []
    record = _under(root, places.record)
    # Directories of an earlier installation are still ours.
    made = (
        [Path(name) for name in json.loads(record.read_text("utf-8"))["directories"]]
        if record.exists()
        else []
    )
    for piece in pieces(places):
        target = _under(root, piece.path)
        if piece.path.parent == places.pam and target.exists():
            continue
        made += _make_directory(target.parent, root)
        target.unlink(missing_ok=True)
        if piece.link:
            target.symlink_to(piece.link)
        else:
            target.write_bytes(piece.content)
            target.chmod(0o644)
        written.append(piece.path)
    listed = {"files": [str(path) for path in written], "directories": [str(path) for path in made]}
    record.write_text(json.dumps(listed, indent=1) + "\n")
    return written


def remove(places: Places) -> list[Path]:
    """Take away what `install` listed and the links by which units were enabled; return what is gone.

    Raises MousegateError where nothing is installed.
    """
    try:
        record = json.loads(places.record.read_text("utf-8"))
    except FileNotFoundError as cause:
        raise MousegateError(f"mousegate is not installed in {places.program}.") from cause
    gone = []
    for path in [Path(name) for name in record["files"]] + list(_enabled(places)):
        if path.is_symlink() or path.exists():
            path.unlink()
            gone.append(path)
    for folder in sorted({path.parent for path in gone} & _made(record, gone), reverse=True):
        _prune(folder, _made(record, gone))
    return gone


def _made(record: dict[str, list[str]], gone: list[Path]) -> set[Path]:
    """Return directories to prune: those the installation made, and systemd's for our enabled units."""
    made = {Path(name) for name in record["directories"]}
    return made | {path.parent for path in gone if path.parent.name.endswith(".wants")}


def _prune(folder: Path, made: set[Path]) -> None:
    """Remove `folder` and those above it while they are empty and were made by the installation."""
    while folder in made and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _enabled(places: Places) -> Iterator[Path]:
    """Return the links of enabled units, for the person who uninstalls."""
    if places.pam is not None:
        return
    for link in (places.autostart.parent / "systemd/user").glob("*.wants/mousegate*.service"):
        if link.is_symlink():
            yield link


def refresh(places: Places) -> None:
    """Tell the desktop what has changed, where its tools are there. Nothing depends on it."""
    commands = [
        ["update-desktop-database", "-q", str(places.share / "applications")],
        ["gtk-update-icon-cache", "-q", "-t", "-f", str(places.share / "icons/hicolor")],
        ["systemctl", "--user", "daemon-reload"],
    ]
    if places.catalog:
        commands.append(["journalctl", "--update-catalog"])
    for command in commands:
        if shutil.which(command[0]) and (len(command) < 5 or Path(command[-1], "index.theme").exists()):
            subprocess.run(command, check=False, timeout=60, stderr=subprocess.DEVNULL)


def _make_directory(folder: Path, root: Path) -> list[Path]:
    """Make a directory; return the final paths of those that were not there."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return [Path("/") / one.relative_to(root) for one in missing]


def _under(root: Path, path: Path) -> Path:
    return root / path.relative_to("/")


def main() -> None:
    """Install around the environment that runs this, or remove what was installed."""
    parser = argparse.ArgumentParser(prog="mousegate-install", description=__doc__)
    parser.add_argument("kind", choices=tuple(KINDS))
    parser.add_argument("--root", type=Path, default=Path("/"), help="where the package is put together")
    parser.add_argument("--remove", action="store_true")
    wanted = parser.parse_args()
    places = KINDS[wanted.kind]()
    try:
        changed = remove(places) if wanted.remove else install(places, wanted.root)
    except (MousegateError, OSError) as error:
        sys.exit(f"mousegate: {error}")
    if wanted.root == Path("/"):
        refresh(places)
    sys.stdout.write(f"{len(changed)} files {'removed' if wanted.remove else 'installed'}.\n")


if __name__ == "__main__":
    main()
