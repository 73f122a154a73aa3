"""Where the raw data lies, and the recordings in it: archives are unpacked once into a cache."""

import logging
import shutil
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mousegate.errors import BadInput
from mousegate.training.datasets import (
    DefectLog,
    Recording,
    read_balabit,
    read_hbrs,
    read_sapimouse,
)

LOG = logging.getLogger(__name__)
DATASETS = ("sapimouse", "balabit", "hbrs")
_READERS = {"sapimouse": read_sapimouse, "balabit": read_balabit, "hbrs": read_hbrs}


@dataclass(frozen=True, slots=True)
class Corpus:
    """Every recording read, and how often each defect was met in each data set."""

    recordings: tuple[Recording, ...]
    defects: dict[str, DefectLog]


def load(data: Path, cache: Path, names: Iterable[str] = DATASETS) -> Corpus:
    """Read the data sets `names` of folder `data`, each a folder or a NAME.tar.xz archive.

    Raises BadInput when none is there, an archive is damaged or the cache cannot be written. A missing data
    set is told and left out.
    """
    recordings: list[Recording] = []
    defects: dict[str, DefectLog] = {}
    for name in names:
        folder = locate(data, cache, name)
        if folder is None:
            LOG.warning("%s has neither %s nor %s.tar.xz; going on without", data, name, name)
            continue
        defects[name] = DefectLog()
        recordings += _READERS[name](folder, defects[name])
        for defect, count in sorted(defects[name].counts.items()):
            LOG.info("%s: %d times %s", name, count, defect)
    if not recordings:
        raise BadInput(
            f"{data} holds none of the data sets {', '.join(names)} (folders or .tar.xz archives)."
        )
    return Corpus(tuple(recordings), defects)


def locate(data: Path, cache: Path, name: str) -> Path | None:
    """Return the folder of data set `name`, unpacking its archive into `cache` if need be; None when there is
    none.
    """
    for root in (data, cache):
        if (root / name).is_dir():
            return root / name
    archive = data / f"{name}.tar.xz"
    if not archive.is_file():
        return None
    target = cache / f"{name}.part"
    try:
        target.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as stream:
            for untrusted_member in stream:
                _unpack(stream, untrusted_member, target)
        inner = target / name if (target / name).is_dir() else target
        inner.rename(cache / name)
    except (OSError, tarfile.TarError, EOFError) as error:
        raise BadInput(
            f"{archive} cannot be unpacked into {cache} ({error}). Free some space or fetch it again."
        ) from error
    return cache / name


def _unpack(stream: tarfile.TarFile, untrusted_member: tarfile.TarInfo, target: Path) -> None:
    """Write one plain file below `target`; links, devices and names that lead elsewhere are refused.

    tarfile's own filters came with Python 3.11.4, which Debian 12 has not.
    """
    path = target / untrusted_member.name
    if untrusted_member.isdir():
        return
    if not untrusted_member.isfile() or not path.resolve().is_relative_to(target.resolve()):
        raise tarfile.TarError(f"{untrusted_member.name!r} is no plain file of the data set")
    content = stream.extractfile(untrusted_member)
    if content is None:
        raise tarfile.TarError(f"{untrusted_member.name!r} has no content")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(content, file)
