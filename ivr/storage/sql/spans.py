"""Seconds between two instants, counted by the database, the same in both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from ivr.storage.sql.engine import UTCDateTime


class seconds_between(FunctionElement[float]):  # noqa: N801 - reads as the function that it is in SQL
    """From the first to the second; exact to a millisecond."""

    type = sa.Double()
    inherit_cache = True
    name = "seconds_between"


@compiles(seconds_between, "sqlite")
def _sqlite(element: seconds_between, compiler: Any, **more: Any) -> str:
    first, second = [compiler.process(clause, **more) for clause in element.clauses]
    return f"round((julianday({second}) - julianday({first})) * 86400.0, 3)"


@compiles(seconds_between, "postgresql")
def _postgresql(element: seconds_between, compiler: Any, **more: Any) -> str:
    first, second = [compiler.process(clause, **more) for clause in element.clauses]
    return f"CAST(extract(epoch FROM ({second}) - ({first})) AS double precision)"


class whole_seconds(FunctionElement[int]):  # noqa: N801 - reads as the function that it is in SQL
    """Since 1970, rounded down."""

    type = sa.BigInteger()
    inherit_cache = True
    name = "whole_seconds"


@compiles(whole_seconds, "sqlite")
def _whole_sqlite(element: whole_seconds, compiler: Any, **more: Any) -> str:
    (at,) = [compiler.process(clause, **more) for clause in element.clauses]
    return f"CAST(strftime('%s', {at}) AS INTEGER)"


@compiles(whole_seconds, "postgresql")
def _whole_postgresql(element: whole_seconds, compiler: Any, **more: Any) -> str:
    (at,) = [compiler.process(clause, **more) for clause in element.clauses]
    return f"CAST(floor(extract(epoch FROM {at})) AS bigint)"


def instant(at: datetime) -> sa.ColumnElement[Any]:
    """An instant of ours in a statement."""
    return sa.literal(at, UTCDateTime)


def earlier(first: sa.ColumnElement[Any], at: datetime) -> sa.ColumnElement[Any]:
    """The earlier of a column, empty meaning never, and an instant."""
    return sa.case((sa.or_(first.is_(None), first > instant(at)), instant(at)), else_=first)


def later(first: sa.ColumnElement[Any], at: datetime) -> sa.ColumnElement[Any]:
    return sa.case((first < instant(at), instant(at)), else_=first)


def counted(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    """How many rows of a group fulfil this."""
    return sa.func.coalesce(sa.func.sum(sa.case((condition, 1), else_=0)), 0)
