"""What an agent is doing, and what may happen next.

The server owns presence; pages and telephones only report events. `advance` is the one rule: a table from
(presence, event) to the next presence. Signing in never means ready. After a call the agent goes to wrap-up and from
there to what they wanted: ready, or the break they asked for during the call. An unanswered offer leads to `missed`,
which only the agent ends, so that callers do not ring an empty chair (`DOMAIN.md` 3.5, RONA).

An agent who is offered or on a call holds that call's offer id: an event that names another offer is late and
changes nothing (rule 4 of the design). The offer is held until it is released, also by an agent whose page was lost
while it rang (`away` with an offer): so a page that comes back finds the offer ringing still, and nobody is offered
two calls. A page lost in mid-call changes nothing yet, because the talk lives on the line; the agent is `away` once
call and wrap-up are over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from ivr.core.agents import (
    Accepted,
    Agent,
    AgentEvent,
    CalledOut,
    ConsoleClosed,
    FoundTalking,
    HeardFrom,
    LostSight,
    MoreTime,
    NoAnswer,
    Offered,
    Presence,
    Released,
    SignedIn,
    SignedOut,
    TalkEnded,
    WentOnBreak,
    WentReady,
    WrappedUp,
    is_telephone,
)
from ivr.core.consoles import may_lead

SIGNED_IN = "signed_in"
"""Break reason of an agent who has signed in and was never ready yet."""
LOST = "away"
"""Break reason of an agent whose page was away too long to be rung at once when it is back."""
BACK_WITHIN = timedelta(seconds=60)
"""A page that is back within this time goes on where it was; later, the agent says "ready" first."""

Rule = Callable[[Agent, Any], Agent]


def advance(agent: Agent, event: AgentEvent) -> Agent:
    """The next state of the agent. Same agent and event, same answer; an event that does not fit changes nothing."""
    return RULES[agent.presence, type(event)](agent, event)


def nothing(agent: Agent, event: AgentEvent) -> Agent:
    """Pages and carriers repeat and reorder what they say; a late word changes nothing."""
    return agent


def _goes(agent: Agent, presence: Presence, at: datetime, reason: str = "") -> Agent:
    """Into a presence without a call; what was wanted is fulfilled."""
    return replace(
        agent,
        presence=presence,
        since=at,
        reason=reason,
        wanted=presence if presence is Presence.AVAILABLE else Presence.BREAK,
        wanted_reason="",
        offer=None,
        call=None,
        topic="",
        wrap_up_until=None,
    )


def _settle(agent: Agent, at: datetime) -> Agent:
    """The call is over: on to what the agent wanted."""
    if agent.wanted is Presence.AWAY:
        return replace(_goes(agent, Presence.AWAY, at), wanted=Presence.AVAILABLE)
    reason = agent.wanted_reason if agent.wanted is Presence.BREAK else ""
    return _goes(agent, agent.wanted, at, reason)


def sign_in(agent: Agent, event: SignedIn) -> Agent:
    """Signing in never means ready."""
    fresh = replace(know(agent, event), idle_since=event.at)
    return _goes(fresh, Presence.BREAK, event.at, SIGNED_IN)


def know(agent: Agent, event: SignedIn) -> Agent:
    """Signed in again (page opened anew, roster edited): skills are taken over, the presence stays.

    At a console that does not have the desk (`consoles`) it is no sign of life of the one that has it.
    """
    known = replace(agent, skills=event.skills, languages=event.languages, phone=event.phone)
    if not event.take_over and not may_lead(agent, event.console, event.at):
        return known
    return replace(known, console=event.console, seen=None if is_telephone(event.phone) else event.at)


def return_by_sign_in(agent: Agent, event: SignedIn) -> Agent:
    return come_back(know(agent, event), event)


def at_its_console(rule: Rule) -> Rule:
    """A heartbeat counts from the console that has the desk; one that nobody has is its own from now on."""

    def heard(agent: Agent, event: HeardFrom) -> Agent:
        if not may_lead(agent, event.console, event.at):
            return agent
        return rule(replace(agent, console=event.console), event)

    return heard


def close_console(agent: Agent, event: ConsoleClosed) -> Agent:
    """Whoever opens the desk next has it. The agent is away only when no page is heard for too long."""
    return replace(agent, console="") if agent.console == event.console else agent


def see(agent: Agent, event: HeardFrom) -> Agent:
    return replace(agent, seen=event.at)


def see_again(agent: Agent, event: HeardFrom) -> Agent:
    """A page heard again while the agent is busy: it need not be `away` afterwards."""
    wanted = Presence.AVAILABLE if agent.wanted is Presence.AWAY else agent.wanted
    return replace(agent, seen=event.at, wanted=wanted)


def come_back(agent: Agent, event: AgentEvent) -> Agent:
    """The page is back: to the offer that still rings, or to what was before; after long, not straight to ready."""
    agent = replace(agent, seen=event.at)
    if agent.offer is not None:
        return replace(agent, presence=Presence.RESERVED, since=event.at)
    if agent.wanted is Presence.AVAILABLE and event.at - agent.since > BACK_WITHIN:
        return _goes(agent, Presence.BREAK, event.at, LOST)
    return _settle(agent, event.at)


def lose_sight(agent: Agent, event: LostSight) -> Agent:
    """The page is gone: nobody is offered to an empty chair."""
    wanted = Presence.AVAILABLE if agent.presence is Presence.AVAILABLE else Presence.BREAK
    return replace(agent, presence=Presence.AWAY, since=event.at, reason="", wanted=wanted, wanted_reason=agent.reason)


def lose_ringing(agent: Agent, event: LostSight) -> Agent:
    """The page is gone while it rings. The offer is kept until the call lets go of it."""
    return replace(agent, presence=Presence.AWAY, since=event.at)


def away_after(agent: Agent, event: LostSight) -> Agent:
    """The page is gone in mid-call; the line decides about the call, and then the agent is away."""
    if agent.wanted is not Presence.AVAILABLE:
        return agent
    return replace(agent, wanted=Presence.AWAY)


def ready(agent: Agent, event: WentReady) -> Agent:
    """Ready. A break does not cost the place in the idle line; signing in and a missed call do."""
    first = agent.presence is Presence.MISSED or agent.reason == SIGNED_IN
    return replace(_goes(agent, Presence.AVAILABLE, event.at), idle_since=event.at if first else agent.idle_since)


def ready_from_away(agent: Agent, event: WentReady) -> Agent:
    """The agent is here and says so: to the offer that still rings, else ready."""
    if agent.offer is not None:
        return come_back(agent, event)
    return replace(_goes(agent, Presence.AVAILABLE, event.at), seen=event.at if agent.seen else None)


def ready_after(agent: Agent, event: WentReady) -> Agent:
    return replace(agent, wanted=Presence.AVAILABLE, wanted_reason="")


def pause(agent: Agent, event: WentOnBreak) -> Agent:
    return _goes(agent, Presence.BREAK, event.at, event.reason)


def rename_break(agent: Agent, event: WentOnBreak) -> Agent:
    """Another reason for the same break; asked twice it changes nothing."""
    return agent if agent.reason == event.reason else pause(agent, event)


def pause_after(agent: Agent, event: WentOnBreak) -> Agent:
    return replace(agent, wanted=Presence.BREAK, wanted_reason=event.reason)


def pause_from_away(agent: Agent, event: WentOnBreak) -> Agent:
    return pause_after(agent, event) if agent.offer is not None else pause(agent, event)


def leave(agent: Agent, event: SignedOut) -> Agent:
    return replace(_goes(agent, Presence.SIGNED_OUT, event.at), seen=None)


def leave_after(agent: Agent, event: SignedOut) -> Agent:
    return replace(agent, wanted=Presence.SIGNED_OUT, wanted_reason="")


def leave_from_away(agent: Agent, event: SignedOut) -> Agent:
    return leave_after(agent, event) if agent.offer is not None else leave(agent, event)


def reserve(agent: Agent, event: Offered) -> Agent:
    return replace(
        agent,
        presence=Presence.RESERVED,
        since=event.at,
        reason="",
        wanted=Presence.AVAILABLE,
        wanted_reason="",
        offer=event.offer,
        call=event.call,
        topic=event.topic,
    )


def call_out(agent: Agent, event: CalledOut) -> Agent:
    """No other call until this one is over, and then back to what the agent is now (`DOMAIN.md` 4.5)."""
    reserved = reserve(agent, Offered(at=event.at, offer=event.offer, call=event.call, topic=event.topic))
    presence = Presence.ON_CALL if not agent.on_telephone else Presence.RESERVED
    return replace(reserved, presence=presence, wanted=agent.presence, wanted_reason=agent.reason)


def back_on_call(agent: Agent, event: FoundTalking) -> Agent:
    """In a talk that was forgotten: no other call until it is over, and then to what the agent is now."""
    wanted = agent.presence if agent.presence is Presence.AVAILABLE else Presence.BREAK
    reserved = reserve(agent, Offered(at=event.at, offer=event.offer, call=event.call, topic=event.topic))
    return replace(reserved, presence=Presence.ON_CALL, wanted=wanted, wanted_reason=agent.reason)


def back_on_call_from_away(agent: Agent, event: FoundTalking) -> Agent:
    return agent if agent.offer is not None else replace(back_on_call(agent, event), wanted=Presence.AWAY)


def take(agent: Agent, event: Accepted) -> Agent:
    if agent.offer != event.offer:
        return agent
    wanted = agent.wanted
    if agent.presence is Presence.AWAY and wanted is Presence.AVAILABLE:
        wanted = Presence.AWAY
    return replace(agent, presence=Presence.ON_CALL, since=event.at, wanted=wanted)


def release(agent: Agent, event: Released) -> Agent:
    if agent.offer != event.offer:
        return agent
    free = _settle(agent, event.at)
    return free if event.keeps_place else replace(free, idle_since=event.at)


def release_away(agent: Agent, event: Released | NoAnswer) -> Agent:
    """The offer that rang on a lost page is over; the page is still lost."""
    if agent.offer != event.offer:
        return agent
    if agent.wanted is Presence.SIGNED_OUT:
        return _settle(agent, event.at)
    return replace(agent, offer=None, call=None, topic="")


def miss(agent: Agent, event: NoAnswer) -> Agent:
    """Rang and nobody came: no further call until the agent says "I am back"."""
    if agent.offer != event.offer:
        return agent
    if agent.wanted is Presence.AVAILABLE:
        return _goes(agent, Presence.MISSED, event.at)
    return _settle(agent, event.at)


def end_talk(agent: Agent, event: TalkEnded) -> Agent:
    if agent.offer != event.offer:
        return agent
    over = replace(agent, idle_since=event.at)
    if event.wrap_up_until <= event.at:
        return _settle(over, event.at)
    return replace(
        over, presence=Presence.WRAP_UP, since=event.at, reason=event.reason, wrap_up_until=event.wrap_up_until
    )


def end_talk_away(agent: Agent, event: TalkEnded) -> Agent:
    """The talk of an agent thought lost is over all the same; there is nobody to wrap it up."""
    if agent.offer != event.offer:
        return agent
    return release_away(agent, Released(at=event.at, offer=event.offer))


def more_time(agent: Agent, event: MoreTime) -> Agent:
    """Longer, never shorter."""
    until = max(agent.wrap_up_until or event.until, event.until)
    return replace(agent, wrap_up_until=until)


def wrapped_up(agent: Agent, event: WrappedUp) -> Agent:
    """The idle line counts from the end of the call's work."""
    return replace(_settle(agent, event.at), idle_since=event.at)


EVENTS: tuple[type[AgentEvent], ...] = tuple(AgentEvent.__subclasses__())


def _row(presence: Presence, **rules: Rule) -> dict[tuple[Presence, type[AgentEvent]], Rule]:
    """One presence: the events it answers, by name; all others change nothing."""
    rules.setdefault(ConsoleClosed.__name__, close_console)
    return {(presence, event): rules.pop(event.__name__, nothing) for event in EVENTS}


WITH_A_CALL: Mapping[str, Rule] = {
    "SignedIn": know,
    "WentReady": ready_after,
    "WentOnBreak": pause_after,
    "SignedOut": leave_after,
}
"""What an agent asks for while a call is in hand comes true afterwards."""

RULES: Mapping[tuple[Presence, type[AgentEvent]], Rule] = MappingProxyType(
    _row(Presence.SIGNED_OUT, SignedIn=sign_in)
    | _row(
        Presence.AVAILABLE,
        CalledOut=call_out,
        FoundTalking=back_on_call,
        SignedIn=know,
        WentOnBreak=pause,
        SignedOut=leave,
        HeardFrom=at_its_console(see),
        LostSight=lose_sight,
        Offered=reserve,
    )
    | _row(
        Presence.RESERVED,
        **WITH_A_CALL,
        HeardFrom=at_its_console(see),
        LostSight=lose_ringing,
        Accepted=take,
        Released=release,
        NoAnswer=miss,
        TalkEnded=end_talk,
    )
    | _row(
        Presence.ON_CALL,
        **WITH_A_CALL,
        HeardFrom=at_its_console(see_again),
        LostSight=away_after,
        Released=release,
        NoAnswer=miss,
        TalkEnded=end_talk,
    )
    | _row(
        Presence.WRAP_UP,
        **WITH_A_CALL,
        HeardFrom=at_its_console(see_again),
        LostSight=away_after,
        MoreTime=more_time,
        WrappedUp=wrapped_up,
    )
    | _row(
        Presence.MISSED,
        FoundTalking=back_on_call,
        SignedIn=know,
        WentReady=ready,
        WentOnBreak=pause,
        SignedOut=leave,
        HeardFrom=at_its_console(see),
        LostSight=lose_sight,
    )
    | _row(
        Presence.BREAK,
        CalledOut=call_out,
        FoundTalking=back_on_call,
        SignedIn=know,
        WentReady=ready,
        WentOnBreak=rename_break,
        SignedOut=leave,
        HeardFrom=at_its_console(see),
        LostSight=lose_sight,
    )
    | _row(
        Presence.AWAY,
        FoundTalking=back_on_call_from_away,
        SignedIn=return_by_sign_in,
        WentReady=ready_from_away,
        WentOnBreak=pause_from_away,
        SignedOut=leave_from_away,
        HeardFrom=at_its_console(come_back),
        Accepted=take,
        Released=release_away,
        NoAnswer=release_away,
        TalkEnded=end_talk_away,
    )
)
