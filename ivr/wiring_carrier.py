"""What is joined to check us against the carrier. Part of the switchboard."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ivr.storage.sql.carrier_matches import CarrierMatches
from ivr.web.carrier_doors import CarrierDoors
from ivr.workflows.match_carrier import MatchCarrier

if TYPE_CHECKING:
    from ivr.wiring import Switchboard


class CarrierParts:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of

    @cached_property
    def _matches(self) -> CarrierMatches:
        return CarrierMatches(self._of.engine)

    @cached_property
    def match(self) -> MatchCarrier:
        of = self._of
        return MatchCarrier(
            carrier=lambda: of.carrier,
            own=self._matches,
            kept=self._matches,
            trees=lambda: of.menus.trees,
            agents=lambda: {agent.phone for agent in of.people_roster.all()},
            clock=of.clock,
        )

    @cached_property
    def doors(self) -> CarrierDoors:
        return CarrierDoors(matches=self._matches.between)
