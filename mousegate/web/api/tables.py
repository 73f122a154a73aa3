"""The tables of the API. `mousegate/web/migrations` makes them; a test keeps the two alike."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

METADATA: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

APPLICATION: Final = Table(
    "application",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("created_s", Float, nullable=False),
)
"""One tenant. Its users are seen by its own tokens only."""

TOKEN: Final = Table(
    "token",
    METADATA,
    Column("id", String(12), primary_key=True),
    Column("application_id", ForeignKey("application.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("label", String(64), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("scopes", String(128), nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("burst", Integer, nullable=False),
    Column("created_s", Float, nullable=False),
    Column("expires_s", Float),
    Column("revoked_s", Float),
)
"""digest: SHA-256 of the secret, which has 256 random bits: a slow hash would protect it no better."""

ALLOWANCE: Final = Table(
    "allowance",
    METADATA,
    Column("token_id", ForeignKey("token.id", ondelete="CASCADE"), primary_key=True),
    Column("due_s", Float, nullable=False),
)
"""The rate limit of each token: see api.allowance. Apart from `token`, because every request writes it."""

PERSON: Final = Table(
    "person",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("application_id", ForeignKey("application.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(128), nullable=False),
    Column("rhythm", Text),
    Column("motion", LargeBinary),
    Column("motion_salt", LargeBinary(32)),
    Column("revision", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_s", Float, nullable=False),
    Column("created_s", Float, nullable=False),
    Column("updated_s", Float, nullable=False),
    UniqueConstraint("application_id", "name"),
    sqlite_autoincrement=True,
)
"""A user of an application, with the reference. id: never given again, so that what was begun for somebody
deleted does not end with somebody else; revision: raised by each change of the reference; failures, last_s:
the attempt counter; motion_salt: with the server's key it makes the secret that the movement is kept under.
"""

MARK: Final = Table(
    "mark",
    METADATA,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("mark", BigInteger, primary_key=True, autoincrement=False),
    Column("seen_s", Float, nullable=False),
)
"""Fingerprints of movement that a person already presented (core.replays), so that its replay is known."""
