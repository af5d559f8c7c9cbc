"""What an agent does at the desk: sign in, be ready, take a break, take a call, end it, wrap up.

The server owns the agent's state; a page only asks. Every action is safe to repeat and to come late: an event that does not
fit the present state changes nothing, and the answer is always the view as it now is. Whatever makes an agent free
is followed at once by a search for a caller, in this process (`agent_ready`); the dispatcher's sweep is only the
backstop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.agents import (
    Agent,
    AgentEvent,
    ConsoleClosed,
    HeardFrom,
    MoreTime,
    Presence,
    SignedIn,
    SignedOut,
    WentOnBreak,
    WentReady,
    WrappedUp,
    is_telephone,
)
from ivr.core.card_numbers import masked_cards
from ivr.core.consoles import may_act
from ivr.core.errors import RequestError, Unavailable
from ivr.core.evidence import Evidence
from ivr.core.facts import Disposed
from ivr.core.ids import AgentId, CallId, Language, OfferId, TopicId
from ivr.core.menus import MenuTree
from ivr.core.notes import LONGEST
from ivr.core.offering import DECLINED
from ivr.core.people import RosterAgent
from ivr.core.room import SupervisorNote
from ivr.core.session import CallSession
from ivr.workflows import dispositions
from ivr.workflows.agent_view import (
    AgentView,
    AllMenus,
    Mask,
    NamedAgent,
    Roster,
    Shown,
    is_urgent,
    offer_view,
    talk_view,
    topic_of,
    topics_served,
)
from ivr.workflows.case_desk import CaseDesk, Matter, Result, checked_day, checked_standing
from ivr.workflows.own_talk import TALKING, agent_with_call
from ivr.workflows.ports import Clock, FactStream, Presences, Sessions
from ivr.workflows.take_notes import TakeNotes
from ivr.workflows.wrap_up_view import wrap_up_view

MORE_TIME = timedelta(seconds=60)
LONGEST_WRAP_UP = timedelta(minutes=30)
"""Asking for more time ends here: an agent who needs longer takes a break."""

BREAK_REASONS = ("", "lunch", "rest", "training", "meeting", "technical")
PAGE_REASONS = ("no_microphone",)
"""Of breaks that the page asks for by itself."""
RINGING = (Presence.RESERVED, Presence.AWAY)
"""The presences in which an offer may still ring."""
WITH_CALL = (*TALKING, Presence.WRAP_UP)


class CallActions(Protocol):
    """What an agent may do to a call."""

    def accept(self, agent: AgentId, offer: OfferId) -> bool:
        """False: the offer is over, or was never this agent's."""

    def decline(self, agent: AgentId, offer: OfferId) -> None: ...

    def end(self, agent: AgentId, offer: OfferId) -> None: ...

    def record(self, agent: AgentId, offer: OfferId, *, on: bool) -> None: ...

    def renew_line(self, agent: AgentId, offer: OfferId) -> None:
        """The agent goes on with the talk at another page, which dials in itself."""

    def leave(self, agent: AgentId, offer: OfferId) -> None:
        """The agent signed out while this offer rang."""

    def agent_ready(self, agent: AgentId) -> None:
        """This agent became free: look for a caller now."""


class Given(Protocol):
    """What callers gave in writing. Raises `Unavailable`."""

    def of_call(self, call: CallId) -> Sequence[Evidence]: ...


def disposed_key(call: CallId, offer: OfferId) -> str:
    """Key of the one `Disposed` fact of a talk: the agent's own and the default share it, so only the first counts."""
    return f"disposed-{call}-{offer}"


@dataclass(frozen=True, kw_only=True)
class AgentDesk:
    """Every action of an agent, and the view that answers it."""

    presences: Presences
    sessions: Sessions
    menus: AllMenus
    roster: Roster
    facts: FactStream
    calls: CallActions
    clock: Clock
    mask: Mask
    cases: CaseDesk
    notes: TakeNotes
    evidence: Given | None = None
    note_for: Callable[[AgentId], SupervisorNote | None] | None = None
    line: str = "simulator"

    def open(self, agent: AgentId, console: str = "", *, take_over: bool = False) -> None:
        """The page was opened: sign in (never ready). Opened again in mid-call it takes over the roster, no more.

        Where another console has the desk, this one gets it only with `take_over`: the view says whose it is.
        """
        known = self._roster(agent)
        event = SignedIn(
            at=self._now(),
            skills=known.skills,
            languages=known.languages,
            phone=known.phone,
            console=console,
            take_over=take_over,
        )
        before = self.presences.find(agent)
        after = self._change(agent, event)
        moved = before is not None and before.console != after.console == console
        if moved and console and after.presence is Presence.ON_CALL and after.offer is not None:
            self.calls.renew_line(agent, after.offer)

    def close(self, agent: AgentId, console: str) -> None:
        """The page goes, and holds the desk no longer."""
        self._change(agent, ConsoleClosed(at=self._now(), console=console))

    def admit(self, agent: AgentId, console: str) -> None:
        """Refuse what is asked for at a console that does not have the desk."""
        present = self.presences.find(agent)
        if present is not None and not may_act(present, console):
            raise RequestError("this desk is open at another console", status=409, error_id="not_this_console")

    def ready(self, agent: AgentId) -> None:
        """Ready, or "I am back"; during a call or wrap-up: ready afterwards."""
        self._change(agent, WentReady(at=self._now()))

    def take_break(self, agent: AgentId, reason: str) -> None:
        """A break now, or after the present call."""
        if reason not in BREAK_REASONS + PAGE_REASONS:
            raise RequestError(f"break reason {reason!r} is not known", status=422, error_id="unknown_break_reason")
        self._change(agent, WentOnBreak(at=self._now(), reason=reason))

    def sign_out(self, agent: AgentId) -> None:
        """Now; after the talk when there is one. An offer that rings goes on to the next agent at once."""
        self._change(agent, SignedOut(at=self._now()))
        present = self.presences.find(agent)
        if present is not None and present.presence in RINGING and present.offer is not None:
            self.calls.leave(agent, present.offer)

    def heard(self, agent: AgentId, console: str = "") -> None:
        """The page's heartbeat. After a lost Redis it also signs the agent in again, on break."""
        present = self.presences.find(agent)
        if present is None or present.presence is Presence.SIGNED_OUT:
            self.open(agent, console)
        else:
            self._change(agent, HeardFrom(at=self._now(), console=console))

    def accept(self, agent: AgentId, offer: OfferId) -> None:
        if not self.calls.accept(agent, offer):
            raise RequestError("this offer is over", status=409, error_id="offer_over")

    def decline(self, agent: AgentId, offer: OfferId) -> None:
        self.calls.decline(agent, offer)

    def end(self, agent: AgentId, offer: OfferId) -> None:
        self.calls.end(agent, offer)

    def record(self, agent: AgentId, offer: OfferId, *, on: bool) -> None:
        """Start or stop recording; what the topic or the caller does not allow stays off."""
        self.calls.record(agent, offer, on=on)

    def finish(  # noqa: PLR0913 - what an agent says at the end of wrap-up, each a field of the form
        self,
        agent: AgentId,
        offer: OfferId,
        *,
        disposition: str,
        disposition_reason: str = "",
        notes: str = "",
        topic: str = "",
        follow_up: str = "",
        account_changed: bool = False,
        standing: str = "",
    ) -> None:
        """Wrap-up is done; `topic` is what the call was about (a topic or a reason), empty when the agent did not say.
        `standing` is what callers who ask are told of the case; empty: what follows from the result.
        That the account was changed can only be said of a verified caller.
        Late (the time had run out, the default was taken): changes nothing.
        """
        present = self.presences.find(agent)
        if present is None or present.presence is not Presence.WRAP_UP or present.offer not in (offer, None):
            return
        session = self._session_of(present)
        tree = self._tree_of(session)
        dispositions.check(topic_of(tree, TopicId(present.topic)), disposition, disposition_reason)
        _check(tree, notes, topic)
        if account_changed and not (session and session.verified):
            raise RequestError("an account is changed only for a verified caller", status=422, error_id="not_verified")
        told = checked_standing(standing)
        if follow_up:
            checked_day(follow_up, self._now().astimezone(ZoneInfo(tree.zone)).date())
        notes = masked_cards(notes)
        if present.call is not None and present.reason != DECLINED:  # a call passed on was never this agent's
            fact = Disposed(
                at=self._now(),
                call=present.call,
                offer=offer,
                agent=agent,
                disposition=disposition,
                disposition_reason=disposition_reason,
                notes=notes,
                topic=topic,
                account_changed=account_changed,
            )
            self.facts.add([fact], key=disposed_key(present.call, offer))
            result = Result(
                at=fact.at, agent=agent, disposition=disposition, notes=notes, follow_up=follow_up, standing=told
            )
            self.cases.settle(present.call, tree, result)
            self.notes.kept.drop(offer)
        self._change(agent, WrappedUp(at=self._now()))

    def more_time(self, agent: AgentId) -> None:
        present = self.presences.find(agent)
        if present is None or present.wrap_up_until is None or present.presence is not Presence.WRAP_UP:
            return
        until = min(present.wrap_up_until + MORE_TIME, present.since + LONGEST_WRAP_UP)
        self._change(agent, MoreTime(at=self._now(), until=until))

    def view(self, agent: AgentId, language: Language) -> AgentView:
        """Everything the agent's page shows."""
        known = self._roster(agent)
        now = self._now()
        found, session = agent_with_call(self.presences, self.sessions, agent)
        present = found or Agent(id=agent, since=now, idle_since=now)
        tree = self._tree_of(session)
        live = self._live(session, present, tree, language)
        return AgentView(
            agent=NamedAgent(id=agent, name=known.name),
            console=present.console,
            presence=present.presence,
            since=present.since,
            reason=present.reason,
            wanted=present.wanted,
            wanted_reason=present.wanted_reason,
            offer=offer_view(live, present.offer) if live and present.offer else None,
            call=talk_view(live, present.offer) if live and present.offer else None,
            wrap_up=wrap_up_view(present, tree, language, verified=session.verified if session else ""),
            evidence=self._given(present),
            matter=self._matter(session, present, tree, language),
            note=self._note(agent),
            topics=topics_served(self.menus.trees, known.skills, language),
            line="phone" if is_telephone(known.phone) else self.line,
            server_now=now,
        )

    def _live(self, session: CallSession | None, present: Agent, tree: MenuTree, language: Language) -> Shown | None:
        """The call, while it holds this agent by the very offer that the agent holds."""
        if session is None or present.offer not in session.offers_held or present.presence not in TALKING:
            return None
        return Shown(session=session, tree=tree, language=language, mask=self.mask, names=self._name)

    def _note(self, agent: AgentId) -> SupervisorNote | None:
        return self.note_for(agent) if self.note_for else None

    def _name(self, agent: AgentId) -> str:
        known = self.roster.find(agent)
        return known.name if known else agent

    def _given(self, present: Agent) -> Sequence[Evidence]:
        """What came in for the agent's call, until wrap-up is done. Without SQL nothing is shown; the call goes on."""
        if self.evidence is None or present.call is None or present.presence not in WITH_CALL:
            return ()
        try:
            return self.evidence.of_call(present.call)
        except Unavailable:
            return ()

    def _matter(self, session: CallSession | None, present: Agent, tree: MenuTree, language: Language) -> Matter | None:
        """Of the call that rings, is talked about or was: until wrap-up is over."""
        if session is None or present.presence not in WITH_CALL or present.reason == DECLINED:
            return None
        found = self.cases.matter(session, tree, language, urgent=is_urgent(session))
        if found is None:
            return None
        named = tuple(replace(one, agent=self._name(AgentId(one.agent)) if one.agent else "") for one in found.earlier)
        return replace(found, earlier=named)

    def _change(self, agent: AgentId, event: AgentEvent) -> Agent:
        before = self.presences.find(agent)
        after = self.presences.change(agent, event)
        if after.free and (before is None or not before.free):
            self.calls.agent_ready(agent)
        return after

    def _tree_of(self, session: CallSession | None) -> MenuTree:
        tree = self.menus.by_version(session.menu_version) if session else None
        return tree or self.menus.by_number("")

    def _session_of(self, present: Agent) -> CallSession | None:
        return self.sessions.find(present.call) if present.call else None

    def _roster(self, agent: AgentId) -> RosterAgent:
        known = self.roster.find(agent)
        if known is None:
            raise RequestError("this account is on no roster", status=404, error_id="not_on_roster")
        if known.disabled:
            raise RequestError("this agent is disabled", status=403, error_id="agent_disabled")
        return known

    def _now(self) -> datetime:
        return self.clock.now()


def _check(tree: MenuTree, notes: str, about: str) -> None:
    """Raises RequestError for what the form cannot hold."""
    if about and about not in tree.topics and about not in tree.reasons:
        raise RequestError(f"topic {about!r} is not known", status=422, error_id="unknown_topic")
    if len(notes) > LONGEST:
        raise RequestError(f"notes are longer than {LONGEST}", status=422, error_id="notes_too_long")
