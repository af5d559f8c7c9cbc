"""Which page an agent works at: one of them rings and talks, however many are open.

Each page names itself (a console). The first that opens the desk is the agent's console; another one, in the next tab or
on another computer, is told so and asks the agent whether to take over. A console that was closed, or is not heard of any
more, gives the desk up: whoever opens it next has it. Programs name no console; what they ask for counts as ever, but a page that
is there is not kept there by their heartbeat.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.core.agents import Agent, Presence

SILENT = timedelta(seconds=15)
"""Three heartbeats: a page that has not been heard for so long holds no other one up."""
GONE = (Presence.SIGNED_OUT, Presence.AWAY)
"""Presences without a page."""


def may_lead(agent: Agent, console: str, at: datetime) -> bool:
    """Whether the desk is this console's without asking: it has it, or nobody has."""
    if agent.console in ("", console) or agent.presence in GONE:
        return True
    return agent.seen is None or at - agent.seen > SILENT


def may_act(agent: Agent, console: str) -> bool:
    """Whether what is asked for at this console counts."""
    return not console or agent.console in ("", console)
