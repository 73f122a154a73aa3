"""What mousegate-verify does for one attempt: greet, read the answer, judge it, say the verdict.

The lines are those at the top of pam_mousegate.c. Whatever is not understood, missing or broken raises, and
then nothing is said: the module takes silence for a failure of the system, and lets nobody in.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import Final

from mousegate.core.manifest import Manifest
from mousegate.embedding.manifest import load_manifest
from mousegate.errors import ModelError, ProtocolError
from mousegate.pam.place import Place
from mousegate.storage import config as configuration
from mousegate.storage.judge import Judge
from mousegate.storage.store import Store

_LOG: Final = logging.getLogger(__name__)
_ATTEMPT_S: Final = 60.0
"""From the verdict to the end of the stack behind it."""
_LINE: Final = re.compile(r"([0-9a-f]{32}) ([ -~]*)\n")


@dataclass(frozen=True, slots=True)
class Peer:
    """The PAM module. read_line: returns what the module sent, up to its newline; say: sends one line."""

    read_line: Callable[[], bytes]
    say: Callable[[str], None]


def load_model() -> Manifest | None:
    """Return the model's manifest; None, which never matches, where it is missing or altered."""
    try:
        return load_manifest()
    except ModelError as error:
        _LOG.error("%s", error)
        return None


def verify(place: Place, peer: Peer, now_s: float, model: Callable[[], Manifest | None] = load_model) -> None:
    """Serve one attempt at Unix time `now_s`. Raises MousegateError; then nothing more has been said."""
    store = Store.open(place.store)
    if store is None:
        peer.say("unknown")
        return
    with store:
        if store.settings.disarmed:
            peer.say("unknown")
        elif (wait_s := store.attempts.remaining_s(now_s)) > 0:
            peer.say(f"wait {ceil(wait_s)}")
        else:
            config = configuration.load(place.config)
            peer.say("ask")
            _judge(Judge(store, config, model(), place.name), peer, now_s)


def clear(place: Place, peer: Peer, now_s: float, prove: Callable[[], None]) -> None:
    """Forget the failures of a person for whom the whole PAM stack was satisfied. Raises StoreError.

    `prove` is called where that was a login, and the signature was part of it.
    """
    if (store := Store.open(place.store)) is not None:
        with store:
            store.attempts.clear()
            if place.name == "login" and _was_signature(store, now_s):
                prove()
    peer.say("cleared")


def parse(untrusted_line: bytes) -> tuple[str, str]:
    """Return the token and the answer, which is printable ASCII. Raises ProtocolError."""
    match = _LINE.fullmatch(untrusted_line.decode("latin-1"))
    if match is None:
        raise ProtocolError("The PAM module did not say what this version expects: install both anew.")
    return match[1], match[2]


def _was_signature(store: Store, now_s: float) -> bool:
    """Return whether the last decision let somebody in by the signature, within one attempt's time."""
    return any(
        entry.accepted and entry.decision == "match" and 0 <= now_s - entry.time_s <= _ATTEMPT_S
        for entry in store.decisions.newest(1)
    )


def _judge(judge: Judge, peer: Peer, now_s: float) -> None:
    token, answer = parse(peer.read_line())
    judge.store.attempts.charge(now_s)
    # The password is another module's business, which has its own say in the stack.
    verdict = judge.judge(True, answer, now_s)
    judge.note(replace(verdict, entry=replace(verdict.entry, password=None)))
    peer.say(f"{token} {'match' if verdict.unlocks is True else 'no'}")
