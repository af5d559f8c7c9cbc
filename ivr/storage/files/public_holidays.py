"""Public holidays of a country, as dates.

They come from a maintained library, for a stretch of years that outlives any installation's release; lunar dates of
years that are not announced yet are the library's estimates. The core gets plain dates.
"""

from __future__ import annotations

from datetime import date
from functools import cache

import holidays

YEARS = range(2024, 2041)


@cache
def public_holidays(country: str | None, region: str | None) -> frozenset[date]:
    """All public holidays; none without a country. Raises `LookupError` for a country or region without a calendar."""
    if country is None:
        return frozenset()
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region, years=YEARS))
    except NotImplementedError as err:
        raise LookupError(country) from err


def known(country: str, region: str | None) -> bool:
    """Whether holidays are known for this country and region."""
    try:
        public_holidays(country, region)
    except LookupError:
        return False
    return True
