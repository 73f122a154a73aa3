"""Bearer tokens (RFC 6750): made, looked up, listed and revoked. Only a digest of each is stored."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Row, insert, select, update

from mousegate.errors import BadInput, NotEnrolled
from mousegate.storage.references import check_label
from mousegate.web.api.database import ConflictError, Database
from mousegate.web.api.tables import ALLOWANCE, APPLICATION, TOKEN

_FORM: Final = re.compile(r"mg_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_SECRET_BYTES: Final = 32


class Scope(StrEnum):
    """What a token may do."""

    ENROL = "enrol"
    VERIFY = "verify"
    READ = "read"
    DELETE = "delete"
    METRICS = "metrics"


@dataclass(frozen=True, slots=True)
class Rate:
    """per_minute: requests that a token may make in the long run; burst: how many of them at once."""

    per_minute: int = 600
    burst: int = 60

    def __post_init__(self) -> None:
        """Raise BadInput where it is none."""
        if not (1 <= self.per_minute <= 1_000_000 and 1 <= self.burst <= 1_000_000):
            raise BadInput("A rate has 1 to 1000000 requests a minute, and as many at once.")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a token, and the application (tenant) that it belongs to."""

    token_id: str
    application_id: int
    scopes: frozenset[Scope]
    rate: Rate


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What may be shown of a token. Times are Unix seconds, None where there is none."""

    token_id: str
    application: str
    label: str
    scopes: tuple[Scope, ...]
    rate: Rate
    created_s: float
    expires_s: float | None
    revoked_s: float | None

    def state(self, now_s: float) -> str:
        """Return `active`, `expired` or `revoked`."""
        if self.revoked_s is not None:
            return "revoked"
        return "expired" if self.expires_s is not None and self.expires_s <= now_s else "active"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A token to be made; the application is made with its first."""

    application: str
    label: str
    scopes: frozenset[Scope]
    rate: Rate = Rate()
    expires_s: float | None = None


class Tokens:
    """The tokens of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, wanted: Wanted, now_s: float) -> str:
        """Store a new token and return it; it cannot be shown again. Raises BadInput or UnavailableError."""
        check_label(wanted.application)
        check_label(wanted.label)
        if not wanted.scopes:
            raise BadInput(f"A token needs a scope: {', '.join(Scope)}.")
        token_id, secret = secrets.token_hex(6), secrets.token_urlsafe(_SECRET_BYTES)
        row = {
            "id": token_id,
            "label": wanted.label,
            "digest": _digest(secret),
            "scopes": " ".join(sorted(wanted.scopes)),
            "per_minute": wanted.rate.per_minute,
            "burst": wanted.rate.burst,
            "created_s": now_s,
            "expires_s": wanted.expires_s,
        }
        application_id = self._application(wanted.application, now_s)
        with self._database.writing() as connection:
            connection.execute(insert(TOKEN).values(row | {"application_id": application_id}))
            connection.execute(insert(ALLOWANCE).values(token_id=token_id, due_s=0.0))
        return f"mg_{token_id}_{secret}"

    def find(self, untrusted_token: str, now_s: float) -> Caller | None:
        """Return whose token it is; None where it is not one, expired or revoked. Raises UnavailableError.

        The row is found by the public part; the secret part is compared in constant time.
        """
        form = _FORM.fullmatch(untrusted_token)
        if form is None:
            return None
        with self._database.reading() as connection:
            row = connection.execute(select(TOKEN).where(TOKEN.c.id == form[1])).one_or_none()
        stored = bytes(row.digest) if row else bytes(_SECRET_BYTES)
        right = hmac.compare_digest(_digest(form[2]), stored)
        if row is None or not right or row.revoked_s is not None:
            return None
        if row.expires_s is not None and row.expires_s <= now_s:
            return None
        rate = Rate(row.per_minute, row.burst)
        return Caller(row.id, row.application_id, frozenset(_scopes(row.scopes)), rate)

    def all(self) -> list[TokenFacts]:
        """Return every token that was made, in that order. Raises UnavailableError."""
        joined = TOKEN.join(APPLICATION)
        columns = [*TOKEN.c, APPLICATION.c.name.label("application")]
        statement = select(*columns).select_from(joined).order_by(TOKEN.c.created_s, TOKEN.c.id)
        with self._database.reading() as connection:
            return [_facts(row) for row in connection.execute(statement)]

    def revoke(self, token_id: str, now_s: float) -> None:
        """End a token at once, for every worker. Raises NotEnrolled where there is none that still holds."""
        open_one = (TOKEN.c.id == token_id) & TOKEN.c.revoked_s.is_(None)
        with self._database.writing() as connection:
            changed = connection.execute(update(TOKEN).where(open_one).values(revoked_s=now_s)).rowcount
        if not changed:
            raise NotEnrolled(
                f"There is no token {token_id!r} to revoke: `mousegate api token list` shows them."
            )

    def _application(self, name: str, now_s: float) -> int:
        """Return the id of an application, which is made where there is none."""
        found = select(APPLICATION.c.id).where(APPLICATION.c.name == name)
        try:
            with self._database.writing() as connection:
                known = connection.execute(found).scalar_one_or_none()
                if known is not None:
                    return int(known)
                row = {"name": name, "created_s": now_s}
                made = connection.execute(insert(APPLICATION).values(row)).inserted_primary_key
                assert made is not None
                return int(made[0])
        except ConflictError:  # made by somebody else meanwhile
            with self._database.reading() as connection:
                return int(connection.execute(found).scalar_one())


def scopes_of(untrusted_names: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes of these names. Raises BadInput naming one that is none."""
    names = list(untrusted_names)
    for name in names:
        if name not in list(Scope):
            raise BadInput(f"There is no scope {name!r}: choose from {', '.join(Scope)}.")
    return frozenset(Scope(name) for name in names)


def _facts(row: Row[tuple[object, ...]]) -> TokenFacts:
    return TokenFacts(
        token_id=row.id,
        application=row.application,
        label=row.label,
        scopes=_scopes(row.scopes),
        rate=Rate(row.per_minute, row.burst),
        created_s=row.created_s,
        expires_s=row.expires_s,
        revoked_s=row.revoked_s,
    )


def _scopes(stored: str) -> tuple[Scope, ...]:
    return tuple(Scope(name) for name in stored.split())


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("ascii")).digest()
