"""Whatever breaks off while login is switched on or off, and wherever: it works as before, or wholly."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from mousegate.storage import files
from mousegate.storage.store import Store
from mousegate.system import disk, lightdm
from mousegate.system.disable import disable
from mousegate.system.disk import MachineError
from mousegate.system.enable import enable
from tests.unit.system.conftest import USER, Computer

CHANGES = ("write", "remove", "discard", "make_folder", "remove_folder", "remove_tree", "move", "exchange")
STEPS = 24
"""More changes than any of the commands below makes; test_no_step_is_forgotten says so."""


class PowerCutError(BaseException):
    """Everything ends here: no handler of the command can change anything any more."""


@contextmanager
def cut(monkeypatch: pytest.MonkeyPatch, at: int, error: type[BaseException]) -> Iterator[list[str]]:
    """Have the change number `at` fail; after a power cut every later one, too. Yields what was changed."""
    made: list[str] = []

    def breaking(name: str, change: Callable[..., Any]) -> Callable[..., Any]:
        def broken(*arguments: Any) -> Any:
            made.append(name)
            if len(made) - 1 == at or (len(made) > at and error is PowerCutError):
                raise error(f"cut off in {name}")
            return change(*arguments)

        return broken

    with monkeypatch.context() as patch:
        for name in CHANGES:
            patch.setattr(disk, name, breaking(name, getattr(disk, name)))
        patch.setattr(files, "make_file", breaking("make_file", files.make_file))
        yield made


def assert_nobody_is_locked_out(computer: Computer) -> None:
    """Either LightDM asks as before, or everything that it then needs is there."""
    machine = computer.machine
    if lightdm.names_service(machine) is not None:
        assert lightdm.is_ours(machine)
        assert machine.service.exists()
        assert machine.entries[0].exists()
        store = Store.open(machine.stores / USER)
        assert store is not None
        with store:
            assert store.references.all()


@pytest.mark.parametrize("at", range(STEPS))
def test_a_step_that_fails_is_undone_with_all_before_it(
    computer: Computer, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """Wherever switching on fails, every file is as it was, and nothing of ours is left."""
    computer.write("etc/lightdm/lightdm.conf", "[Seat:*]\ngreeter-session=other\n")
    before = computer.tree()
    with cut(monkeypatch, at, MachineError) as made:
        try:
            enable(computer.machine, USER)
        except MachineError:
            assert computer.tree() == before
        else:
            assert len(made) <= at


@pytest.mark.parametrize("at", range(STEPS))
def test_power_cut_while_switching_on(computer: Computer, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    """At no moment is anybody locked out; `disable` then puts everything back, and doing it again works."""
    computer.write("etc/lightdm/lightdm.conf", "[Seat:*]\ngreeter-session=other\n")
    before = computer.tree()
    with cut(monkeypatch, at, PowerCutError) as made:
        try:
            enable(computer.machine, USER)
        except PowerCutError:
            assert len(made) > at
    assert_nobody_is_locked_out(computer)
    disable(computer.machine)
    assert computer.tree() == before
    assert enable(computer.machine, USER).codes


@pytest.mark.parametrize("at", range(STEPS))
def test_power_cut_while_a_copy_is_replaced(
    switched_on: Computer, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    """The old copy or the new one is there at every moment: login never falls back to the password."""
    before = switched_on.tree()
    switched_on.person.references.rename(switched_on.person.references.all()[0].label, "new")
    with cut(monkeypatch, at, PowerCutError) as made:
        try:
            enable(switched_on.machine, USER)
        except PowerCutError:
            assert len(made) > at
    assert lightdm.is_ours(switched_on.machine)
    assert_nobody_is_locked_out(switched_on)
    assert not enable(switched_on.machine, USER).codes
    after = switched_on.tree()
    assert {name for name in before if before[name] != after.get(name)} <= {
        f"var/lib/mousegate/{USER}/{name}" for name in ("store.sqlite", "generation")
    }


@pytest.mark.parametrize("at", range(STEPS))
@pytest.mark.parametrize("error", [PowerCutError, MachineError])
def test_switching_off_goes_on_where_it_broke_off(
    computer: Computer, monkeypatch: pytest.MonkeyPatch, at: int, error: type[BaseException]
) -> None:
    """Half switched off nobody is locked out, and `disable` once more does the rest."""
    computer.write("etc/lightdm/lightdm.conf", "[Seat:*]\ngreeter-session=other\n")
    before = computer.tree()
    enable(computer.machine, USER)
    with cut(monkeypatch, at, error) as made:
        try:
            disable(computer.machine)
        except error:
            assert len(made) > at
    assert_nobody_is_locked_out(computer)
    disable(computer.machine)
    assert computer.tree() == before


def test_no_step_is_forgotten(computer: Computer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests above break every step that there is."""
    computer.write("etc/lightdm/lightdm.conf", "[Seat:*]\ngreeter-session=other\n")
    for command in (lambda: enable(computer.machine, USER), lambda: disable(computer.machine)):
        with cut(monkeypatch, STEPS, MachineError) as made:
            command()
        assert 10 < len(made) <= STEPS
