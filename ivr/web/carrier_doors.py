"""What the pages about the carrier need from the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ivr.core.carrier_match import CarrierMatch
from ivr.workflows.report_cost import ReportCost


@dataclass(frozen=True, kw_only=True)
class CarrierDoors:
    matches: Callable[[str, str], Sequence[CarrierMatch]]
    """Of the days from and to (ISO dates), newest first. Raises `Unavailable`."""
    cost: ReportCost
