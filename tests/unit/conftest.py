"""Fixtures of several packages: a store in which somebody is enrolled, made once and copied for each test."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from mousegate.storage.store import Store
from tests.unit.people import Person, reference


@pytest.fixture(scope="session")
def enrolled_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The directory of a store in which Person(1) is enrolled and the lock is armed; not to be changed."""
    directory = tmp_path_factory.mktemp("enrolled") / "mousegate"
    with Store.create(directory) as store:
        store.references.put(reference(Person(1), store.key), "test")
        store.settings.arm()
    return directory


@pytest.fixture
def store(tmp_path: Path, enrolled_directory: Path) -> Iterator[Store]:
    """A store of its own in which Person(1) is enrolled and the lock is armed."""
    shutil.copytree(enrolled_directory, tmp_path / "mousegate")
    with Store.create(tmp_path / "mousegate") as store:
        yield store
