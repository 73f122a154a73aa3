"""Tokens and their allowance."""

import re

import pytest
from sqlalchemy import select
from sqlalchemy.engine import URL

from mousegate.errors import BadInput, NotEnrolled
from mousegate.web.api.allowance import spend
from mousegate.web.api.database import Database
from mousegate.web.api.tables import TOKEN
from mousegate.web.api.tokens import Rate, Scope, Tokens, Wanted, scopes_of

WANTED = Wanted("shop", "front", frozenset({Scope.VERIFY}))


def test_a_token_is_found_and_only_its_digest_is_stored(database: Database) -> None:
    """Whoever reads the database cannot call the API."""
    tokens = Tokens(database)
    token = tokens.add(WANTED, 1.0)
    assert re.fullmatch(r"mg_[0-9a-f]{12}_[\w-]{43}", token)
    caller = tokens.find(token, 2.0)
    assert caller is not None and caller.scopes == {Scope.VERIFY}
    with database.reading() as connection:
        row = connection.execute(select(TOKEN)).one()
    assert token.rpartition("_")[2].encode() not in repr(tuple(row)).encode()


def test_nearly_right_tokens_are_none(database: Database) -> None:
    """Another secret, another id, other forms."""
    tokens = Tokens(database)
    token, other = tokens.add(WANTED, 1.0), tokens.add(WANTED, 1.0)
    mixed = token[:16] + other[16:]
    wrong = [
        mixed,
        token[:-1],
        token + "A",
        token.upper(),
        "",
        "mg_",
        token + "\n",
        "mg_" + "0" * 12 + token[15:],
    ]
    assert [tokens.find(one, 2.0) for one in wrong] == [None] * len(wrong)


def test_expired_and_revoked_tokens_are_none(database: Database) -> None:
    """Both end at once; the other tokens of the application go on."""
    tokens = Tokens(database)
    short = tokens.add(Wanted("shop", "short", frozenset({Scope.READ}), expires_s=10.0), 1.0)
    long = tokens.add(WANTED, 1.5)
    assert tokens.find(short, 9.9) and not tokens.find(short, 10.0)
    assert [one.state(11.0) for one in tokens.all()] == ["expired", "active"]
    tokens.revoke(long.split("_")[1], 11.0)
    assert not tokens.find(long, 11.0)
    with pytest.raises(NotEnrolled):
        tokens.revoke(long.split("_")[1], 12.0)


def test_one_application_has_several_tokens(database: Database) -> None:
    """A second token of the same name belongs to the same tenant, of another name to another."""
    tokens = Tokens(database)
    made = [tokens.add(WANTED, 1.0), tokens.add(WANTED, 1.0)]
    made.append(tokens.add(Wanted("bank", "x", frozenset(Scope)), 1.0))
    first, second, third = (caller.application_id for token in made if (caller := tokens.find(token, 2.0)))
    assert first == second != third


def test_what_is_no_token_is_refused(database: Database) -> None:
    """Nothing without a scope, of an unknown one, or with a name that cannot be shown."""
    with pytest.raises(BadInput):
        Tokens(database).add(Wanted("shop", "x", frozenset()), 1.0)
    with pytest.raises(BadInput):
        Tokens(database).add(Wanted("sh\nop", "x", frozenset(Scope)), 1.0)
    with pytest.raises(BadInput, match="admin"):
        scopes_of(["verify", "admin"])


def test_the_allowance_is_a_burst_and_then_a_rate(database: Database, database_url: URL) -> None:
    """Three at once at 60 a minute: then one a second, whichever worker asks."""
    token_id = Tokens(database).add(WANTED, 1.0).split("_")[1]
    rate = Rate(per_minute=60, burst=3)
    other = Database(database_url)
    workers = [database, other]
    assert [spend(workers[n % 2], token_id, rate, 100.0) for n in range(3)] == [0.0] * 3
    assert spend(other, token_id, rate, 100.0) == pytest.approx(1.0)
    assert spend(database, token_id, rate, 101.0) == 0.0
    assert spend(other, token_id, rate, 101.5) == pytest.approx(0.5)
    other.close()


def test_a_clock_set_back_shuts_nobody_out(database: Database) -> None:
    """The allowance begins anew, rather than hours later."""
    token_id = Tokens(database).add(WANTED, 1.0).split("_")[1]
    rate = Rate(per_minute=60, burst=3)
    assert spend(database, token_id, rate, 10_000.0) == 0.0
    assert [spend(database, token_id, rate, 100.0) for _ in range(3)] == [0.0] * 3
    assert spend(database, token_id, rate, 100.0) > 0.0
