"""Everything that is summed and kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ivr.storage.sql.sum_calls import OF_CALLS
from ivr.storage.sql.sum_menu import OF_MENU, ways
from ivr.storage.sql.sum_presence import OF_PRESENCE
from ivr.storage.sql.sum_promises import OF_PROMISES
from ivr.storage.sql.sum_ratings import RATED
from ivr.storage.sql.sum_returns import Short, returns
from ivr.storage.sql.sum_served import SERVED_AGAIN
from ivr.storage.sql.sums import Source


def sources(short: Short, stops: Iterable[Sequence[str]]) -> Sequence[Source]:
    """`short`: limits of a short abandon by topic; `stops`: of each menu in use."""
    found = [
        *OF_CALLS,
        *OF_MENU,
        *OF_PRESENCE,
        *OF_PROMISES,
        RATED,
        SERVED_AGAIN,
        returns(short),
        *(ways(one) for one in stops if one),
    ]
    return list({source.name: source for source in found}.values())
