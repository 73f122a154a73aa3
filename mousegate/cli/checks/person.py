"""Checks of what is one person's: model, settings, store, what is enrolled, history."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from mousegate.cli.finding import Finding, Health, good, hint, problem
from mousegate.core.decision import Policy
from mousegate.core.reference import Reference
from mousegate.storage.paths import data_directory
from mousegate.storage.store import Store


def check_model() -> Iterator[Finding]:
    """The model, its cohort and its manifest are whole."""
    from mousegate.embedding.model import load_recogniser

    recogniser = load_recogniser()
    people = len(set(recogniser.cohort.natural.person.tolist()))
    model_id = recogniser.manifest.model_id.hex()
    yield Finding("model", Health.GOOD, f"{model_id} is whole; cohort of {people} people.")


def check_config() -> Iterator[Finding]:
    """config.toml has known keys and good values."""
    from mousegate.storage import config
    from mousegate.storage.paths import config_file

    settings = config.load()
    where = str(config_file()) if config_file().exists() else "no config.toml, so the defaults hold"
    yield Finding("config", Health.GOOD, f"{where}; policy {settings.policy}.")
    if settings.allow_synthetic:
        yield Finding(
            "config", Health.PROBLEM, "allow_synthetic lets programs move the mouse for you.", "Remove it."
        )
    if settings.background and not Path(settings.background).expanduser().is_file():
        yield hint("config", f"the background {settings.background} is not a file.", "Correct its path.")
    if settings.hook and not os.access(Path(settings.hook).expanduser(), os.X_OK):
        yield problem(
            "config", f"the hook {settings.hook} cannot be run.", f"Correct it, or: chmod +x {settings.hook}"
        )
    if settings.unenrolled == "password":
        yield hint(
            "config", "with nothing enrolled, the password alone unlocks.",
            'Once you are enrolled, set unenrolled = "refuse".',
        )  # fmt: skip


def check_store() -> Iterator[Finding]:
    """The store is private and whole; what is enrolled fits the policy and the model; codes are left."""
    from mousegate.storage import config

    store = Store.open()
    if store is None:
        yield Finding(
            "store", Health.HINT, "nothing is enrolled.", "Run `mousegate enrol --record 60 --rhythm`."
        )
        return
    with store:
        references = store.references.all()
        yield Finding("store", Health.GOOD, f"{store.directory} is private and whole.")
        yield from _check_enrolled(references, Policy(config.load().policy), store.settings.armed)
        codes = store.recovery.count()
        if store.settings.armed and codes < 3:
            yield Finding(
                "recovery", Health.HINT, f"{codes} codes are left.", "Run `mousegate recovery new`."
            )
        else:
            yield Finding("recovery", Health.GOOD, f"{codes} codes are left.")
        yield from _check_attempts(store)


def _check_enrolled(references: list[Reference], policy: Policy, armed: bool) -> Iterator[Finding]:
    from mousegate.embedding.manifest import load_manifest

    worst = Health.PROBLEM if armed else Health.HINT
    if policy is not Policy.MOTION and not any(reference.rhythm for reference in references):
        yield Finding(
            "enrolment", worst, f"policy {policy.value} needs a rhythm.", "Run `mousegate enrol --rhythm`."
        )
    motions = [reference.motion for reference in references if reference.motion]
    if policy is not Policy.RHYTHM and not motions:
        yield Finding(
            "enrolment", worst, f"policy {policy.value} needs movement.", "Run `mousegate enrol --record 60`."
        )
    elif policy is not Policy.RHYTHM:
        current = load_manifest().model_id
        if all(reference.model_id != current for reference in motions):
            yield Finding(
                "enrolment", worst, "movement was enrolled with another model.", "Enrol movement again."
            )
    state = "asks for the signature" if armed else "does not ask for the signature"
    yield Finding("enrolment", Health.GOOD if armed else Health.HINT, f"the lock {state}.")


def _check_attempts(store: Store) -> Iterator[Finding]:
    failures, wait_s = store.attempts.failures(), store.attempts.remaining_s(time.time())
    if wait_s > 60:
        yield hint(
            "attempts", f"after {failures} failed attempts the lock waits {wait_s / 60:.0f} min more.",
            "Wait; a recovery code waits as well. If it was not you, change your password.",
        )  # fmt: skip
    elif failures >= 5:
        yield hint("attempts", f"{failures} in a row have failed.", "Was it you? See `mousegate status`.")


def check_history() -> Iterator[Finding]:
    """Nothing beside the store is damaged, and the last lock had nothing to complain of."""
    directory = data_directory()
    damaged = sorted(directory.glob("*damaged*")) if directory.is_dir() else []
    if damaged:
        yield hint("history", f"{damaged[0]} was damaged and set aside.", "Look at it, then delete it.")
    log = directory / "lock.log"
    if log.is_file() and log.stat().st_size:
        yield hint("history", "the last lock had something to say.", f"Read it: cat {log}")
    if not damaged and not (log.is_file() and log.stat().st_size):
        yield good("history", "nothing was set aside, and the last lock complained of nothing.")
