"""What `mousegate doctor` looks at, one function each. A check yields findings or raises a MousegateError."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mousegate.cli.doctor import Check, Finding, Health
from mousegate.core.decision import Policy
from mousegate.core.reference import Reference

_TIMEOUT_S: Final = 20.0
_EXTENSIONS: Final = {
    "RECORD": "without it no movement is seen: start the X server with '+extension RECORD'.",
    "XInputExtension": "without it the pointer device is not known: update the X server.",
    "RANDR": "without it monitors are not followed: update the X server.",
    "XTEST": "only `mousegate replay` and the tests need it: start the X server with '+extension XTEST'.",
    "MIT-SCREEN-SAVER": "without it the desktop is not locked when idle: update the X server.",
}
_OPTIONAL: Final = frozenset({"XTEST", "MIT-SCREEN-SAVER"})


def check_display() -> Iterator[Finding]:
    """X11, not Wayland; the extensions that capture and the lock need."""
    from mousegate.capture.display import limitation, open_display

    display = open_display()
    try:
        lacking = limitation(display)
        name = display.get_display_name()
        yield Finding("display", Health.PROBLEM if lacking else Health.GOOD, lacking or f"{name} answers.")
        for extension, why in _EXTENSIONS.items():
            if display.has_extension(extension):
                yield Finding("display", Health.GOOD, f"has {extension}.")
            else:
                health = Health.HINT if extension in _OPTIONAL else Health.PROBLEM
                yield Finding("display", health, f"has no {extension};", why)
    finally:
        display.close()


def check_pam() -> Iterator[Finding]:
    """libpam loads and a service file is there, as the auth process itself sees it."""
    found = subprocess.run(
        [sys.executable, "-P", "-m", "mousegate.auth", "--check-service"],
        capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip
    if found.returncode != 0:
        text = found.stderr.strip().removeprefix("mousegate-auth: ") or "auth does not start."
        yield Finding("pam", Health.PROBLEM, text)
        return
    service = found.stdout.strip()
    if service == "login":
        source = Path(__file__).parents[1] / "data/pam.d/mousegate"
        yield Finding("pam", Health.HINT, "uses the service login.", f"Better: sudo cp {source} /etc/pam.d/")
    else:
        yield Finding("pam", Health.GOOD, f"the service {service} is there and libpam loads.")


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
        yield Finding("config", Health.HINT, f"the background {settings.background} is not a file.")


def check_store() -> Iterator[Finding]:
    """The store is private and whole; what is enrolled fits the policy and the model; codes are left."""
    from mousegate.storage import config
    from mousegate.storage.store import Store

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


def check_notifications() -> Iterator[Finding]:
    """A notification server is there to say when something is amiss."""
    import dbus

    name = "org.freedesktop.Notifications"
    try:
        bus = dbus.SessionBus()
        there = bus.name_has_owner(name) or name in bus.list_activatable_names()
    except dbus.DBusException as error:
        yield Finding(
            "notifications", Health.HINT, f"there is no session bus ({error.get_dbus_name()}).",
            "Run this inside your desktop session.",
        )  # fmt: skip
        return
    if there:
        yield Finding("notifications", Health.GOOD, "a notification server answers.")
    else:
        yield Finding(
            "notifications", Health.HINT, "no notification server runs.", "Install dunst, for instance."
        )


def check_units() -> Iterator[Finding]:
    """The systemd user units are installed."""
    if shutil.which("systemctl") is None:
        yield Finding(
            "units", Health.HINT, "there is no systemd here.", "Start `mousegate lock` from your session."
        )
        return
    for unit in ("mousegate-lock.service",):
        shown = subprocess.run(
            ["systemctl", "--user", "show", "--property=LoadState", "--value", unit],
            capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
        )  # fmt: skip
        if shown.stdout.strip() == "loaded":
            yield Finding("units", Health.GOOD, f"{unit} is installed.")
        else:
            yield Finding(
                "units", Health.HINT, f"{unit} is not installed.",
                "Copy it to ~/.config/systemd/user, so that the lock is started again if it is killed.",
            )  # fmt: skip


def check_fonts() -> Iterator[Finding]:
    """There is a font to draw with."""
    if shutil.which("fc-match") is None:
        yield Finding(
            "fonts", Health.HINT, "fontconfig's tools are missing.", "Install the package fontconfig."
        )
        return
    found = subprocess.run(
        ["fc-match", "--format=%{family}", "sans-serif"],
        capture_output=True, text=True, timeout=_TIMEOUT_S, check=False,
    )  # fmt: skip
    if found.returncode == 0 and found.stdout.strip():
        yield Finding("fonts", Health.GOOD, f"sans-serif is {found.stdout.strip()}.")
    else:
        yield Finding(
            "fonts", Health.PROBLEM, "there is no font at all.", "Install the package fonts-dejavu-core."
        )


CHECKS: Final[tuple[Check, ...]] = (
    check_display, check_pam, check_model, check_config, check_store, check_notifications, check_units,
    check_fonts,
)  # fmt: skip
