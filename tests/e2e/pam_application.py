"""A PAM application for the tests: runs one stack under pam_wrapper with any conversation.

Run as a program (in an environment that preloads pam_wrapper) it reads a script as JSON from standard input
and writes an Outcome as JSON: the answers may be bytes that no honest application would send.
"""

import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from mousegate.auth.libpam import CONVERSE, DELAY, FAIL_DELAY, Library, PamConv, PamResponse, Style

SUCCESS: Final = 0
SYSTEM_ERR: Final = 4
AUTH_ERR: Final = 7
AUTHINFO_UNAVAIL: Final = 9
USER_UNKNOWN: Final = 10
CONV_ERR: Final = 19
RHOST: Final = 4
ESTABLISH_CRED: Final = 2
REFUSES: Final = "refuses"
"""In place of an answer: the conversation fails."""


@dataclass(frozen=True)
class Outcome:
    """Result codes of pam_authenticate and, after a success, pam_setcred; what was shown as (style, text).

    judged_ms: from the last answer to the result; the time before it is the person's.
    """

    result: int
    credentials: int | None
    judged_ms: float
    shown: list[tuple[int, str]] = field(default_factory=list)

    @property
    def prompts(self) -> list[str]:
        """What was asked."""
        return [text for style, text in self.shown if style in (Style.ECHO_OFF, Style.ECHO_ON)]


def run_stack(
    environment: Mapping[str, str], user: str, answers: Sequence[bytes | str | None], host: str = ""
) -> Outcome:
    """Run the service `mousegate` for `user`, answering prompts in order; None answers with no text."""
    script = {
        "user": user,
        "host": host,
        "answers": [answer.hex() if isinstance(answer, bytes) else [answer] for answer in answers],
    }
    ran = subprocess.run(
        [sys.executable, "-m", "tests.e2e.pam_application"],
        input=json.dumps(script),
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    return Outcome(
        told["result"],
        told["credentials"],
        told["judged_ms"],
        [(style, text) for style, text in told["shown"]],
    )


def _main() -> None:
    script = json.load(sys.stdin)
    outcome = _Application(script["answers"]).run(script["user"].encode(), script["host"].encode())
    json.dump(asdict(outcome), sys.stdout)


class _Application:
    def __init__(self, answers: list[Any]) -> None:
        self._answers = answers
        self._shown: list[tuple[int, str]] = []
        self._answered_s = 0.0
        self._pam = Library()

    def run(self, user: bytes, host: bytes) -> Outcome:
        conversation = PamConv(CONVERSE(self._converse), None)
        no_delay = DELAY(lambda status, delay_us, data: None)
        handle = ctypes.c_void_p()
        assert self._pam.start(b"mousegate", user, ctypes.byref(conversation), ctypes.byref(handle)) == 0
        self._pam.set_item(handle, FAIL_DELAY, ctypes.cast(no_delay, ctypes.c_void_p))
        if host:
            self._pam.set_item(handle, RHOST, ctypes.cast(ctypes.c_char_p(host), ctypes.c_void_p))
        self._answered_s = time.perf_counter()
        result = self._pam.authenticate(handle, 0)
        judged_ms = 1000 * (time.perf_counter() - self._answered_s)
        credentials = self._pam.setcred(handle, ESTABLISH_CRED) if result == SUCCESS else None
        self._pam.end(handle, result)
        return Outcome(result, credentials, judged_ms, self._shown)

    def _converse(self, count: int, messages: Any, responses: Any, data: Any) -> int:
        block = self._pam.calloc(count, ctypes.sizeof(PamResponse))
        replies = ctypes.cast(block, ctypes.POINTER(PamResponse))
        for index in range(count):
            style, text = messages[index].contents.style, messages[index].contents.text
            self._shown.append((style, text.decode("utf-8", "replace")))
            if style not in (Style.ECHO_OFF, Style.ECHO_ON):
                continue
            answer = self._answers.pop(0)
            if answer == [REFUSES]:
                return CONV_ERR
            if isinstance(answer, str):
                replies[index].text = self._pam.copy(bytearray(bytes.fromhex(answer)))
        responses[0] = replies
        self._answered_s = time.perf_counter()
        return SUCCESS


def module_environment(
    environment: Mapping[str, str], module: Path, helper: Path, *arguments: str
) -> dict[str, str]:
    """Return the environment with a stack of this module alone, so that its own result is the stack's."""
    services = Path(environment["PAM_WRAPPER_SERVICE_DIR"])
    line = " ".join(["auth required", str(module), f"helper={helper}", *arguments])
    (services / "mousegate").write_text(line + "\n")
    return {**environment, "LANG": os.environ.get("LANG", "C.UTF-8")}


if __name__ == "__main__":
    _main()
