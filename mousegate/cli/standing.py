"""What `mousegate status` knows: the store, the configuration, and the daemon if it runs."""

import time
from dataclasses import asdict, dataclass, fields

from mousegate.bus.client import DaemonState
from mousegate.cli.output import Facts
from mousegate.core.standing import Standing, StandingFacts, standing
from mousegate.storage.decisions import LoggedDecision


@dataclass(frozen=True, slots=True)
class StoredFacts:
    """What lies in the store and the configuration. references: as mousegate.cli.references tells them;
    wait_s: until the next attempt is allowed; decisions: newest first.
    """

    armed: bool
    policy: str
    operating_point: str
    references: tuple[dict[str, Facts], ...] = ()
    recovery_codes: int = 0
    failures: int = 0
    wait_s: float = 0.0
    decisions: tuple[LoggedDecision, ...] = ()

    @property
    def watched(self) -> bool:
        """Whether a reference holds movement, which is what the daemon compares."""
        return any(one.get("movement_s") for one in self.references)


def stored(last: int) -> StoredFacts:
    """Read store and configuration, with up to `last` decisions. Raises StoreError or ConfigurationError."""
    from mousegate.cli.references import reference_facts
    from mousegate.storage import config as configuration
    from mousegate.storage.store import Store

    config = configuration.load()
    store = Store.open()
    if store is None:
        return StoredFacts(False, config.policy, config.operating_point)
    with store:
        return StoredFacts(
            armed=store.settings.armed,
            policy=config.policy,
            operating_point=config.operating_point,
            references=tuple(reference_facts(reference) for reference in store.references.all()),
            recovery_codes=store.recovery.count(),
            failures=store.attempts.failures(),
            wait_s=store.attempts.remaining_s(time.time()),
            decisions=tuple(store.decisions.newest(last)),
        )


def standing_of(facts: StoredFacts, daemon: DaemonState | None) -> Standing:
    """Return how this desktop stands."""
    if daemon is None:
        return standing(StandingFacts(running=False, enrolled=facts.watched))
    return standing(
        StandingFacts(
            True, facts.watched, daemon.monitoring, daemon.locked, daemon.trust, daemon.paused_until_s
        )
    )


def as_json(facts: StoredFacts, daemon: DaemonState | None) -> dict[str, Facts]:
    """Return everything for a program."""
    return {
        "standing": standing_of(facts, daemon).value,
        "armed": facts.armed,
        "policy": facts.policy,
        "operating_point": facts.operating_point,
        "references": list(facts.references),
        "recovery_codes": facts.recovery_codes,
        "failures": facts.failures,
        "wait_s": facts.wait_s,
        "daemon": None if daemon is None else asdict(daemon),
        "decisions": [
            {field.name: getattr(one, field.name) for field in fields(one)} for one in facts.decisions
        ],
    }
