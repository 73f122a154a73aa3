"""The tables of the store, version by version."""

from typing import Final

SCHEMA_VERSION: Final = 2

TABLES: Final = frozenset({"reference", "decision", "attempts", "recovery", "seen", "setting", "revision"})

SCHEMA: Final = (
    """CREATE TABLE reference (
        label TEXT NOT NULL, device INTEGER NOT NULL, rhythm TEXT, motion BLOB, model_id BLOB,
        provenance TEXT NOT NULL, created_s REAL NOT NULL, updated_s REAL NOT NULL,
        PRIMARY KEY (label, device))""",
    """CREATE TABLE decision (
        number INTEGER PRIMARY KEY AUTOINCREMENT, time_s REAL NOT NULL, place TEXT NOT NULL,
        decision TEXT NOT NULL, accepted INTEGER NOT NULL, password INTEGER, rhythm INTEGER, motion_llr REAL,
        attack TEXT NOT NULL,
        label TEXT NOT NULL, policy TEXT NOT NULL, operating_point TEXT NOT NULL, threshold REAL)""",
    """CREATE TABLE attempts (
        only INTEGER PRIMARY KEY CHECK (only = 1), failures INTEGER NOT NULL, last_s REAL NOT NULL)""",
    "INSERT INTO attempts VALUES (1, 0, 0)",
    "CREATE TABLE recovery (salt BLOB NOT NULL, digest BLOB NOT NULL UNIQUE, profile TEXT NOT NULL)",
    """CREATE TABLE seen (
        number INTEGER PRIMARY KEY AUTOINCREMENT, digest BLOB NOT NULL, place TEXT NOT NULL,
        UNIQUE (digest, place))""",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
)

REVISION: Final = """CREATE TABLE revision (
    number INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL, device INTEGER NOT NULL,
    time_s REAL NOT NULL, origin TEXT NOT NULL, detail TEXT NOT NULL, active_s REAL NOT NULL,
    motion BLOB NOT NULL, natural BLOB, natural_weight BLOB, lock BLOB, lock_weight BLOB)"""

UPGRADES: Final = ((1, SCHEMA), (2, (REVISION,)))
"""Version and the statements that lead to it from the one before."""
