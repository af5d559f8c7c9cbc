"""An agent sends the caller a text that the operator prepared, verified or not (`DOMAIN.md` C29)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.core.desk_texts import needs_of, texts_of
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId, OfferId
from ivr.core.session import CallSession
from ivr.core.talk_events import TextWanted
from ivr.workflows.match_calls import tree_of
from ivr.workflows.own_talk import own_talk
from ivr.workflows.ports import Clock, Menus, Presences, Sessions
from ivr.workflows.receive_evidence import FreshLink
from ivr.workflows.take_call import TakeCall


@dataclass(frozen=True, kw_only=True)
class TextCaller:
    take_call: TakeCall
    presences: Presences
    sessions: Sessions
    menus: Menus
    clock: Clock
    fresh_link: Callable[[CallSession, datetime], FreshLink]
    """A link and the case it is about; stored with the step that sends it."""

    def __call__(self, agent: AgentId, offer: OfferId, text: str) -> None:
        """Sent before: nothing more is sent. Raises RequestError (409 no such talk, 422 no such text for this caller, 409 not
        sent) and `Unavailable`, with nothing sent.
        """
        session = own_talk(self.presences, self.sessions, agent, offer)
        tree = tree_of(self.menus, session)
        one = next((one for one in texts_of(session, tree) if one.name == text), None)
        if one is None:
            raise RequestError("no such text can be sent to this caller", status=422, error_id="no_text")
        now = self.clock.now()
        event = TextWanted(at=now, offer=offer, text=text)
        if needs_of(tree, one.prompt):
            fresh = self.fresh_link(session, now)
            event = replace(event, url=fresh.url, key=fresh.key, case=fresh.case)
        step = self.take_call.tell(session.call, event)
        if step is None or text not in step.session.texts_sent:
            raise RequestError("the text could not be sent in this call", status=409, error_id="text_not_sent")
