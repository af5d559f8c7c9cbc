"""What is joined to check us against the carrier. Part of the switchboard."""

from __future__ import annotations

import secrets
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

import structlog

from ivr.core.errors import Unavailable
from ivr.core.facts import CarrierAsked
from ivr.core.ids import CallId
from ivr.storage.sql.carrier_matches import CarrierMatches
from ivr.storage.sql.usage import CarrierUsage
from ivr.web.carrier_doors import CarrierDoors
from ivr.workflows.match_carrier import MatchCarrier
from ivr.workflows.report_cost import ReportCost

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
    def cost(self) -> ReportCost:
        of = self._of
        usage = CarrierUsage(of.engine, of.people.chain)
        return ReportCost(
            rows=usage,
            list=usage,
            clock=of.clock,
            lines=of.settings.twilio_outbound_lines,
            per_second=of.settings.twilio_calls_per_second,
        )

    @cached_property
    def doors(self) -> CarrierDoors:
        return CarrierDoors(matches=self._matches.between, cost=self.cost)

    def note_request(self, what: str) -> None:
        """One request to the carrier, on behalf of the call that the work is about. Losing count stops no call."""
        call = structlog.contextvars.get_contextvars().get("call")
        with suppress(Unavailable):
            asked = CarrierAsked(at=self._of.clock.now(), call=CallId(str(call)) if call else None, what=what)
            self._of.facts.note(asked, key=f"asked-{secrets.token_hex(8)}")
