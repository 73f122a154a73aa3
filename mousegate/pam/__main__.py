"""mousegate-verify: judges one answer for pam_mousegate.so, on standard input and output.

Runs as root for logins and as the session's user for locks; trusts nothing that it reads. Loads no
onnxruntime, and numpy only for an enrolled person.
"""

import argparse
import logging
import os
import pwd
import resource
import signal
import sys
import syslog
import time
from pathlib import Path
from typing import Final

from mousegate.errors import MousegateError
from mousegate.pam.place import find_place

LIFETIME_S: Final = 180
"""The longest that a person may take to answer; the module gives up on a silent helper much sooner."""
LINE_MAX: Final = 32 + 1 + 512 + 1
"""Token, space, the longest answer that PAM carries, newline."""
_LOG: Final = logging.getLogger("mousegate.verify")


class _Syslog(logging.Handler):
    """Writes to the system log where login problems are looked for (authpriv)."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        level = syslog.LOG_ERR if record.levelno >= logging.ERROR else syslog.LOG_INFO
        syslog.syslog(level, self.format(record))


def main() -> None:
    """Serve one attempt, or --clear. Says nothing, and exits with 1, when anything is wrong."""
    syslog.openlog("mousegate-verify", syslog.LOG_PID, syslog.LOG_AUTHPRIV)
    logging.basicConfig(level=logging.INFO, handlers=[_Syslog()], format="%(message)s")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    signal.alarm(LIFETIME_S)
    try:
        _run(_arguments().parse_args())
    except MousegateError as error:
        _LOG.error("%s", error)
        sys.exit(1)
    except Exception:  # noqa: BLE001 - whatever it was, nothing is said, so nobody is let in
        _LOG.exception("the attempt broke off")
        sys.exit(1)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mousegate-verify", description="Started by pam_mousegate.so.")
    parser.add_argument("--user", required=True)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--clear", action="store_true")
    return parser


def _run(arguments: argparse.Namespace) -> None:
    is_root = os.geteuid() == 0
    if not is_root and arguments.user != pwd.getpwuid(os.geteuid()).pw_name:
        raise MousegateError(f"Only root may judge {arguments.user!r} besides that user.")
    place = find_place(arguments.user, is_root, arguments.store)
    if not place.exists():
        _say("unknown")
        return
    from mousegate.pam import verify
    from mousegate.storage import proof

    peer = verify.Peer(_read_line, _say)
    if arguments.clear:
        is_login = is_root and arguments.store is None
        verify.clear(place, peer, time.time(), lambda: proof.leave(arguments.user) if is_login else None)
    else:
        verify.verify(place, peer, time.time())


def _read_line() -> bytes:
    line = b""
    while len(line) <= LINE_MAX and not line.endswith(b"\n"):
        if not (part := os.read(0, LINE_MAX + 1 - len(line))):
            break
        line += part
    return line


def _say(line: str) -> None:
    os.write(1, line.encode("ascii") + b"\n")


if __name__ == "__main__":
    main()
