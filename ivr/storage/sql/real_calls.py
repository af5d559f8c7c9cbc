"""Which calls count: test calls stand in the records, flagged, and in no figure (`DOMAIN.md` 3.1)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from ivr.storage.sql.tables import calls

_known = calls.alias("tested")
_TESTS = sa.select(_known.c.call).where(sa.text("tested.test")).correlate(None)
"""Few, and found by an index of their own."""


def real(call: Any) -> sa.ColumnElement[bool]:
    """That this column names no test call; where it may be empty, an empty one names none."""
    apart: sa.ColumnElement[bool] = call.not_in(_TESTS)
    return sa.or_(call.is_(None), apart) if call.nullable else apart
