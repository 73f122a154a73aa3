"""The auth process's loop: one attempt after another, each on what the store and the settings say now."""

import contextlib
import importlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mousegate.auth.attempt import FAILURE_DELAY_S, Attempt, AttemptCancelledError, OpenStack
from mousegate.auth.channel import Channel
from mousegate.auth.libpam import Library
from mousegate.auth.pam import Transaction, find_service
from mousegate.auth.throttle import Throttle
from mousegate.core import greetd_ipc
from mousegate.core.manifest import Manifest
from mousegate.errors import ModelError, MousegateError, NotEnrolled, PamError, ProtocolError
from mousegate.storage import config as configuration
from mousegate.storage.config import Config
from mousegate.storage.hashing import SALT_BYTES, stretch
from mousegate.storage.judge import Judge
from mousegate.storage.store import Store

_LOG: Final = logging.getLogger(__name__)


@dataclass
class AuthService:
    """Serves the greeter on `channel` until the screen unlocks or the greeter goes away.

    unlock: gives the nonce back; find_stack: finds the PAM stack to ask (raises PamError); load_model: raises
    ModelError.
    """

    channel: Channel
    unlock: Callable[[], None]
    find_stack: Callable[[Config], OpenStack]
    load_model: Callable[[], Manifest]
    failure_delay_s: float = FAILURE_DELAY_S
    _manifest: Manifest | None = None
    _throttle: Throttle = field(default_factory=Throttle)

    def warm_up(self) -> None:
        """Load what the first attempt needs, while nobody waits for it; what is wrong is told then."""
        self._model()
        importlib.import_module("numpy.random")  # which numpy itself loads when it is first used
        stretch(b"", bytes(SALT_BYTES), b"")
        with contextlib.suppress(PamError):
            Library()

    def serve(self) -> None:
        """Return after the unlock. Raises PeerGoneError, or ProtocolError on rubbish."""
        while True:
            untrusted = self.channel.receive()
            if untrusted["type"] == "cancel_session":
                continue
            if untrusted["type"] != "create_session":
                raise ProtocolError("The greeter did not begin an attempt.")
            if self._attempt():
                self.unlock()
                self.channel.send(greetd_ipc.success())
                return

    def _attempt(self) -> bool:
        """Make one attempt; whatever goes wrong in it is told in one line, and nothing opens."""
        try:
            return self._run()
        except AttemptCancelledError as error:
            _LOG.info("%s", error)
            self.channel.send(greetd_ipc.error("error", str(error)))
        except ProtocolError:
            raise
        except MousegateError as error:
            _LOG.error("%s", error)
            self.channel.send(greetd_ipc.error("error", str(error)))
        except Exception:  # noqa: BLE001 - whatever it was, nothing opens, and the next attempt may go better
            _LOG.exception("an attempt broke off")
            self.channel.send(greetd_ipc.error("error", "Something unexpected happened. Try again."))
        return False

    def _run(self) -> bool:
        config = configuration.load()
        open_stack = self.find_stack(config)
        with open_store(config) as store:
            judge = Judge(store, config, self._model())
            attempt = Attempt(
                self.channel, judge, self._throttle, open_stack, judge.notice(), self.failure_delay_s
            )
            return attempt.run()

    def _model(self) -> Manifest | None:
        """Return the manifest, read once; a model that is removed while locked is still in memory."""
        if self._manifest is None:
            try:
                self._manifest = self.load_model()
            except ModelError as error:
                _LOG.error("%s", error)
        return self._manifest


def pam_stack(user: str, tty: str) -> Callable[[Config], OpenStack]:
    """Return how to find the configured PAM service for `user`. What it returns raises PamError."""

    def find(config: Config) -> OpenStack:
        service = find_service(config.pam_service)
        return lambda converse: Transaction(service, user, converse, tty)

    return find


def open_store(config: Config) -> Store:
    """Open the store to judge by. Raises StoreError, or NotEnrolled where there is none and that refuses."""
    store = Store.open()
    if store is None:
        if config.unenrolled == "password":
            return Store.create()
        raise NotEnrolled(
            "Nothing is enrolled, so nothing can match. On a text console, run `mousegate disable`."
        )
    return store
