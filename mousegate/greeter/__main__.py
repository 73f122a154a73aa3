"""mousegate-greeter: reads how it was started, and hands over to who builds that screen."""

import argparse
import logging
import os
import sys
from contextlib import ExitStack
from typing import NoReturn

from mousegate.errors import MousegateError, UsageError
from mousegate.greeter.layout import as_json, compute, parse_size


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}. See mousegate-greeter --help.")


def main() -> None:
    """Entry point of `mousegate-greeter`."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s", stream=sys.stderr)
    try:
        status = _run(sys.argv[1:])
    except MousegateError as error:
        sys.stderr.write(f"mousegate-greeter: {error}\n")
        status = error.exit_status
    sys.exit(status)


def _run(arguments: list[str]) -> int:
    options = _parse(arguments)
    if options.layout is not None:
        sys.stdout.write(as_json(compute(*parse_size(options.layout))) + "\n")
        return 0
    if options.lightdm or options.greetd:
        return _log_in(options.lightdm, only_check=options.check)
    return _show(rehearsal=options.rehearsal)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = _Parser(
        prog="mousegate-greeter",
        description="The screen of mousegate: the keeper starts it to lock, a display manager to log in.",
    )
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--layout", metavar="WIDTHxHEIGHT", help="print where face, password and submit are, and end"
    )
    kind.add_argument(
        "--rehearsal", action="store_true", help="a window of its own, led by whoever is at MOUSEGATE_PEER_FD"
    )
    kind.add_argument("--lightdm", action="store_true", help="the login screen of LightDM, which starts it")
    kind.add_argument("--greetd", action="store_true", help="the login screen of greetd, which starts it")
    parser.add_argument("--check", action="store_true", help="with one of these: whether it could run here")
    return parser.parse_args(arguments)


def _log_in(under_lightdm: bool, only_check: bool) -> int:
    from mousegate.greeter import login, model

    if only_check:
        if under_lightdm:
            from mousegate.greeter.liblightdm import library

            library()
        model.load_model()
        return 0
    with ExitStack() as stack:
        return login.run(stack, login.lightdm if under_lightdm else login.greetd)


def _show(rehearsal: bool) -> int:
    peer_fd = _number("MOUSEGATE_PEER_FD")
    if peer_fd is None:
        raise UsageError("mousegate-greeter is started by the keeper; to lock the screen run: mousegate lock")
    cover, keeper_fd, keys_fd = (
        (None, None, None)
        if rehearsal
        else (_number("MOUSEGATE_COVER"), _number("MOUSEGATE_KEEPER_FD"), _number("MOUSEGATE_KEYS_FD"))
    )
    if not rehearsal and (cover is None or keeper_fd is None):
        raise UsageError("MOUSEGATE_COVER and MOUSEGATE_KEEPER_FD are not set; to lock, run: mousegate lock")
    with ExitStack() as stack:
        return _with_keeper(stack, peer_fd, cover, keeper_fd, keys_fd)


def _number(name: str) -> int | None:
    untrusted_value = os.environ.get(name)
    if untrusted_value is None:
        return None
    if not (untrusted_value.isascii() and untrusted_value.isdecimal()):
        raise UsageError(f"{name} is not a number: {untrusted_value!r}.")
    return int(untrusted_value)


def _with_keeper(
    stack: ExitStack, peer_fd: int, cover: int | None, keeper_fd: int | None, keys_fd: int | None
) -> int:
    """The lock in the keeper's cover, or a rehearsal where there is none."""
    from mousegate.greeter.backends.auth import AuthBackend
    from mousegate.greeter.blanking import NEVER
    from mousegate.greeter.building import build, configuration
    from mousegate.greeter.faces import current_person
    from mousegate.greeter.keeper import KeeperLink, die_with_parent
    from mousegate.greeter.presenter import Manner
    from mousegate.greeter.programs import switch_user_command
    from mousegate.greeter.typed import TypedText

    die_with_parent()
    config, person = configuration(), current_person()
    building = build(stack, config, person)
    window, programs = building.window, building.programs
    if cover is not None and config.switch_user and (command := switch_user_command()) is not None:
        window.offer_switch()
        window.switched.connect(lambda: programs.start(command))
    greeter = building.greeter(
        backend=AuthBackend.from_fd(peer_fd),
        keeper=KeeperLink(keeper_fd) if keeper_fd is not None else None,
        user=person.user,
        manner=Manner(eager=cover is None),
        # xsecurelock blanks by itself; and a rehearsal is no lock.
        blank_s=config.blank_s if cover is not None and keys_fd is None else NEVER,
    )
    if cover is not None:
        window.embed(cover)
    if keys_fd is not None:
        window.draw_pointer()
    building.place()
    window.present(alone=cover is None)
    greeter.start()
    typed = TypedText(keys_fd, window, building.desk.server_time_ms) if keys_fd is not None else None
    status = building.run()
    del typed
    return status


if __name__ == "__main__":
    main()
