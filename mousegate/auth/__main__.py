"""mousegate-auth: asks PAM, compares, decides, and alone can unlock. Started by the keeper."""

import json
import logging
import os
import pwd
import socket
import sys
from typing import Final

from mousegate.auth.channel import Channel, PeerGoneError
from mousegate.auth.check import check_password, check_service
from mousegate.auth.hardening import harden
from mousegate.auth.keeper import Heartbeat, Unlocker, read_nonce
from mousegate.auth.rehearsal import rehearse
from mousegate.auth.service import AuthService, pam_stack
from mousegate.embedding.manifest import load_manifest
from mousegate.errors import MousegateError, UsageError

_LOG: Final = logging.getLogger("mousegate.auth")


def main() -> None:
    """Serve the lock.

    With --check-password check one password and exit 0 (right) or 1 (wrong); with --check-service print the
    PAM service that would be asked; with --rehearse DIRECTORY SERVICE print what that service asks, as JSON.
    """
    logging.basicConfig(level=logging.INFO, format="mousegate-auth: %(message)s", stream=sys.stderr)
    try:
        sys.exit(_run(sys.argv[1:]))
    except PeerGoneError:
        sys.exit(0)
    except MousegateError as error:
        _LOG.error("%s", error)
        sys.exit(error.exit_status)


def _run(arguments: list[str]) -> int:
    user = pwd.getpwuid(os.getuid()).pw_name
    if arguments == ["--check-password"]:
        harden(die_with_parent=False)
        return 0 if check_password(user) else 1
    if arguments == ["--check-service"]:
        sys.stdout.write(f"{check_service()}\n")
        return 0
    if arguments[:1] == ["--rehearse"] and len(arguments) == 3:
        sys.stdout.write(json.dumps({"asked": rehearse(*arguments[1:])}) + "\n")
        return 0
    if arguments:
        raise UsageError("mousegate-auth takes no arguments; `mousegate lock` starts it.")
    harden(die_with_parent=True)
    unlocker = Unlocker(_descriptor("MOUSEGATE_UNLOCK_FD"), read_nonce(sys.stdin.buffer))
    heartbeat = Heartbeat(_descriptor("MOUSEGATE_KEEPER_FD"))
    channel = Channel(socket.socket(fileno=_descriptor("MOUSEGATE_PEER_FD")), heartbeat.rest)
    heartbeat.start()
    find_stack = pam_stack(user, os.environ.get("DISPLAY", ""))
    service = AuthService(channel, unlocker.unlock, find_stack, load_manifest)
    service.warm_up()
    service.serve()
    return 0


def _descriptor(variable: str) -> int:
    """Return the inherited descriptor that the keeper named. Raises UsageError when there is none."""
    try:
        descriptor = int(os.environ.pop(variable))
        os.set_inheritable(descriptor, False)
    except (KeyError, ValueError, OSError) as cause:
        raise UsageError(
            f"{variable} names no descriptor; `mousegate lock` starts mousegate-auth."
        ) from cause
    return descriptor


if __name__ == "__main__":
    main()
