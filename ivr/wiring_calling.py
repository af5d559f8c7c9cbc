"""What calls people: promises to call back, and agents who call out. Part of the switchboard."""

from __future__ import annotations

import secrets
from functools import cached_property
from typing import TYPE_CHECKING

from ivr.storage.redis.tallies import Tallies
from ivr.telephony import policy
from ivr.telephony.numbers import masked
from ivr.wiring_caller import draw_code
from ivr.workflows.call_back import CallBack
from ivr.workflows.call_out import CallSomebody
from ivr.workflows.dial_back import DialBack
from ivr.workflows.dial_house import DialHouseOnce
from ivr.workflows.dial_once import DialOnce
from ivr.workflows.dial_out import DialOut

if TYPE_CHECKING:
    from ivr.storage.sql.calls_out import CallsOut
    from ivr.wiring import Switchboard


class CallingOut:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of

    @cached_property
    def call_back(self) -> CallBack:
        of = self._of
        stored = of.promises_of(of.engine)
        return CallBack(
            book=stored,
            tries=stored,
            outcomes=stored,
            owners=of.room.rows,
            presences=of.presences,
            sessions=of.sessions,
            menus=of.menus,
            carrier=of.carrier,
            texts=of.evidence.texts,
            dial=DialBack(
                book=stored,
                permits=stored,
                sessions=of.sessions,
                menus=of.menus,
                policy=policy,
                dial=self._dial,
                take_call=of.take_call,
                clock=of.clock,
            ),
            dial_out=DialOut(rows=self._calls_out, sessions=of.sessions, dial=self._dial, clock=of.clock),
            take_call=of.take_call,
            clock=of.clock,
            draw=draw_code,
        )

    @cached_property
    def _dial(self) -> DialOnce:
        of = self._of
        return DialOnce(carrier=of.carrier, take_call=of.take_call, pace=of.pace, clock=of.clock)

    @cached_property
    def dial_house(self) -> DialHouseOnce:
        """A house outside that an agent asks while the caller is on hold."""
        of = self._of
        return DialHouseOnce(
            sessions=of.sessions,
            menus=of.menus,
            carrier=of.carrier,
            take_call=of.take_call,
            pace=of.pace,
            clock=of.clock,
        )

    @cached_property
    def _calls_out(self) -> CallsOut:
        from ivr.storage.sql.calls_out import CallsOut

        return CallsOut(self._of.engine, self._of.seals)

    @cached_property
    def call_somebody(self) -> CallSomebody:
        """An agent calls out from the desk."""
        from ivr.storage.sql.own_numbers import OwnNumbers

        of = self._of
        return CallSomebody(
            presences=of.presences,
            sessions=of.sessions,
            trees=lambda: of.menus.trees,
            own=OwnNumbers(of.engine, of.seals),
            rows=self._calls_out,
            policy=policy,
            tallies=Tallies(of.link, of.settings.secret),
            audit=of.people.audit,
            take_call=of.take_call,
            clock=of.clock,
            mask=masked,
            draw=lambda: secrets.token_hex(8),
        )
