"""What the API is told by its environment, since `uvicorn` starts it and passes no options."""

import fcntl
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from mousegate.errors import ConfigurationError, StoreError
from mousegate.storage.files import KEY_BYTES, check_file, make_directory, make_file, read_key
from mousegate.storage.paths import data_directory


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost.

    body_bytes: an enrolment of five minutes at 125 events/s is some 800 kB; body_s: until all of it must have
    arrived; recordings: in one enrolment; page: users in one page of the list.
    """

    body_bytes: int = 4 << 20
    body_s: float = 20.0
    recordings: int = 32
    page: int = 200


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Settings:
    """database: where everything is kept. key: 32 secret bytes, kept apart from it, under which references
    are stored. origins: of pages whose scripts may call the API themselves (CORS); usually none.
    """

    database: URL
    key: bytes = field(repr=False)
    origins: tuple[str, ...] = ()
    limits: Limits = LIMITS


def load(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read MOUSEGATE_API_DATABASE, MOUSEGATE_API_KEY_FILE and MOUSEGATE_API_ORIGINS.

    Without them everything lies in `$XDG_DATA_HOME/mousegate/api/`, which is made (0700), and nothing may
    come from another origin. Raises ConfigurationError that names the variable.
    """
    folder = data_directory() / "api"
    url = environment.get("MOUSEGATE_API_DATABASE", "")
    key_file = environment.get("MOUSEGATE_API_KEY_FILE", "")
    if not (url and key_file):
        make_directory(folder)
    origins = environment.get("MOUSEGATE_API_ORIGINS", "").split()
    return Settings(
        database=parse_database(url or f"sqlite:///{folder}/api.sqlite"),
        key=_read_key(Path(key_file)) if key_file else own_key(folder / "key"),
        origins=tuple(_check_origin(origin) for origin in origins),
    )


def parse_database(untrusted_url: str) -> URL:
    """Return a database URL. Raises ConfigurationError, without repeating a password, where it is none."""
    try:
        url = make_url(untrusted_url)
    except ArgumentError as cause:
        raise ConfigurationError("MOUSEGATE_API_DATABASE is not a database URL.") from cause
    backend = url.get_backend_name()
    if backend == "sqlite" and url.database and Path(url.database).is_absolute():
        return url
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    raise ConfigurationError(
        "MOUSEGATE_API_DATABASE must be sqlite:////an/absolute/path or postgresql://user@host/name."
    )


def own_key(path: Path) -> bytes:
    """Return the key in a private file, made if there is none: workers that start at once agree on one.

    Raises ConfigurationError.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            if not check_file(path):
                make_file(path, secrets.token_bytes(KEY_BYTES))
        finally:
            os.close(folder)
    except OSError as cause:
        raise ConfigurationError(f"The folder of {path} cannot be opened: {cause.strerror}.") from cause
    except StoreError as cause:
        raise ConfigurationError(str(cause)) from cause
    return _read_key(path)


def _read_key(path: Path) -> bytes:
    try:
        return read_key(path)
    except StoreError as cause:
        hint = f"`(umask 77; head -c {KEY_BYTES} /dev/urandom > {path})` makes a new one."
        raise ConfigurationError(f"The key of the API: {cause} {hint}") from cause


def _check_origin(untrusted_origin: str) -> str:
    try:
        parts = urlsplit(untrusted_origin)
        sound = parts.scheme in ("http", "https") and parts.hostname and "*" not in untrusted_origin
        if sound and untrusted_origin == f"{parts.scheme}://{parts.netloc}" and "@" not in parts.netloc:
            return untrusted_origin
    except ValueError:
        pass
    raise ConfigurationError(f"MOUSEGATE_API_ORIGINS: {untrusted_origin!r} is not like https://example.org.")
