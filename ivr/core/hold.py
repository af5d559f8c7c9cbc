"""Hold: the caller hears words and music in place of the agent.

The session says whether the caller is on hold; the room at the carrier is made to follow (`HoldCaller`), and compared now
and then, so that a request that was lost leaves nobody with music for ever. What a held caller hears needs no
session: it is drawn from the link alone and goes on without any store.
"""

from __future__ import annotations

from dataclasses import replace

from ivr.core import taping
from ivr.core.draft import Draft
from ivr.core.fence import of_offer
from ivr.core.ids import Language, PromptId, TopicId
from ivr.core.instructions import GoOn, HoldCaller, Instruction, Link, Speak, Spoken, Wait
from ivr.core.menus import MenuTree
from ivr.core.queueing import piece
from ivr.core.speech import fill
from ivr.core.transfer_events import HoldAsked
from ivr.core.transfer_facts import HoldEnded, HoldStarted

WORDS = PromptId("hold")
EVERY = 4
"""The words come again after so many pieces of music, about once a minute."""
SILENT_S = 10
"""A turn without music."""


@of_offer(HoldAsked)
def asked(draft: Draft, event: HoldAsked) -> None:
    """The agent's button. Who is not with the agent now is kept company otherwise (`returning`)."""
    if draft.session.lost_at is not None:
        return
    if event.on:
        start(draft)
    else:
        stop(draft)
        taping.strangers_in(draft)


def start(draft: Draft) -> None:
    session = draft.session
    if session.held_at is None and session.agent is not None:
        draft.set(held_at=draft.at, was_held=True, holds=session.holds + 1)
        draft.fact(HoldStarted(at=draft.at, call=session.call, segment=session.segment, agent=session.agent))
        follow(draft)


def stop(draft: Draft) -> None:
    over(draft)
    follow(draft)


def over(draft: Draft) -> None:
    """The hold ends with the talk: the caller's leg is led elsewhere by other means."""
    session = draft.session
    if session.held_at is not None and session.agent is not None:
        draft.set(held_at=None)
        draft.fact(HoldEnded(at=draft.at, call=session.call, segment=session.segment, agent=session.agent))


def follow(draft: Draft) -> None:
    """The room is to be as the session says."""
    session = draft.session
    if session.together and session.was_held and session.offer is not None:
        link = draft.link("held", step="1")
        draft.order(HoldCaller(call=session.call, offer=session.offer, link=link))


def heard(link: Link, tree: MenuTree) -> tuple[Instruction, ...]:
    """One turn of what a caller on hold hears."""
    language = Language(link.language) if link.language in tree.voices else tree.default_language
    turn = int(link.step) if link.step.isdigit() else 1
    topic = tree.topics.get(TopicId(link.topic))
    words: tuple[Spoken, ...] = ()
    if WORDS in tree.prompts and turn % EVERY == 1:
        words = tuple(fill(tree.prompts[WORDS], language, {}, tree))
    music = piece(topic.music, turn) if topic else None
    sounds = (*words, Spoken(language=language, audio=music)) if music else words
    spoken: tuple[Instruction, ...] = (Speak(sounds=sounds),) if sounds else ()
    pause: tuple[Instruction, ...] = () if music else (Wait(seconds=SILENT_S),)
    return (*spoken, *pause, GoOn(link=replace(link, step=str(turn + 1))))
