"""Rate limits that all workers share: one row for each token, one statement for each request.

The generic cell rate algorithm (ITU-T I.371, annex A): `due_s` is when the requests so far would have been
due had they come evenly. A request passes while that is no more than a burst ahead of the clock. Workers
compare their own clocks, so they must agree to well within a burst (NTP does).
"""

from sqlalchemy import case, or_, select, update

from mousegate.web.api.database import Database
from mousegate.web.api.tables import ALLOWANCE
from mousegate.web.api.tokens import Rate


def spend(database: Database, token_id: str, rate: Rate, now_s: float) -> float:
    """Count one request and return 0; where there were too many, count nothing and return in how many
    seconds the next one passes. Raises UnavailableError.
    """
    step_s = 60.0 / rate.per_minute
    ahead_s = step_s * (rate.burst - 1)
    due = ALLOWANCE.c.due_s
    # More than a burst and a step ahead it never gets: then the clock was set back.
    passes = or_(due <= now_s + ahead_s, due > now_s + ahead_s + 2 * step_s)
    start = case((due > now_s + ahead_s, now_s), (due > now_s, due), else_=now_s)
    own = ALLOWANCE.c.token_id == token_id
    with database.writing(durable=False) as connection:
        if connection.execute(update(ALLOWANCE).where(own, passes).values(due_s=start + step_s)).rowcount:
            return 0.0
        due_s = connection.execute(select(due).where(own)).scalar_one_or_none()
    return max(due_s - ahead_s - now_s, 0.001) if due_s is not None else step_s
