"""The end of one agent's talk, whatever follows for the caller."""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.core import consult, facts, hold, returning, taping, visits
from ivr.core.agents import TalkEnded
from ivr.core.draft import Draft

PUT_DOWN = "put_down"
"""Closing of a call that a supervisor ended before anybody spoke to the caller."""
SURVEY_PULSE = timedelta(seconds=60)
"""Longest silence of a line after the talk before the carrier is asked about it."""


def talk_over(draft: Draft, ended_by: str, *, tape_goes_on: bool = False, at: datetime | None = None) -> None:
    """The talk of the present agent is over: wrap-up for them, and nothing of it goes on. `at`: when the two were last
    together, if that is some time ago.
    """
    returning.met_again(draft)
    visits.over(draft)
    consult.dissolve(draft)
    hold.over(draft)
    if not tape_goes_on:
        taping.stop(draft)
    session = draft.session
    assert session.offer is not None
    assert session.agent is not None
    topic = draft.tree.topics.get(session.topic) if session.topic else None
    wrap_up = topic.wrap_up if topic else timedelta(seconds=30)
    draft.agent(session.agent, TalkEnded(at=draft.at, offer=session.offer, wrap_up_until=draft.at + wrap_up))
    draft.fact(
        facts.TalkOver(
            at=at or draft.at,
            call=session.call,
            segment=session.segment,
            offer=session.offer,
            agent=session.agent,
            ended_by=ended_by,
        )
    )
