"""Applications, their tokens, and their users."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0001"
down_revision: Final = None
branch_labels: Final = None
depends_on: Final = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "application",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("created_s", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_application"),
        sa.UniqueConstraint("name", name="uq_application_name"),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.String(12), nullable=False),
        sa.Column("application_id", sa.Integer, nullable=False),
        sa.Column("label", sa.String(64), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("scopes", sa.String(128), nullable=False),
        sa.Column("per_minute", sa.Integer, nullable=False),
        sa.Column("burst", sa.Integer, nullable=False),
        sa.Column("created_s", sa.Float, nullable=False),
        sa.Column("expires_s", sa.Float),
        sa.Column("revoked_s", sa.Float),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        _belongs("token", "application"),
    )
    op.create_index("ix_token_application_id", "token", ["application_id"])
    op.create_table(
        "allowance",
        sa.Column("token_id", sa.String(12), nullable=False),
        sa.Column("due_s", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("token_id", name="pk_allowance"),
        _belongs("allowance", "token"),
    )
    _make_people()


def _make_people() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("application_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(128), nullable=False),
        sa.Column("rhythm", sa.Text),
        sa.Column("motion", sa.LargeBinary),
        sa.Column("motion_salt", sa.LargeBinary(32)),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_s", sa.Float, nullable=False),
        sa.Column("created_s", sa.Float, nullable=False),
        sa.Column("updated_s", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_person"),
        sa.UniqueConstraint("application_id", "name", name="uq_person_application_id"),
        _belongs("person", "application"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "mark",
        sa.Column("person_id", sa.Integer, nullable=False),
        sa.Column("mark", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("seen_s", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "mark", name="pk_mark"),
        _belongs("mark", "person"),
    )


def _belongs(table: str, owner: str) -> sa.ForeignKeyConstraint:
    column = f"{owner}_id"
    return sa.ForeignKeyConstraint([column], [f"{owner}.id"], name=f"fk_{table}_{column}", ondelete="CASCADE")


def downgrade() -> None:
    """Drop them."""
    for table in ("mark", "person", "allowance", "token", "application"):
        op.drop_table(table)
