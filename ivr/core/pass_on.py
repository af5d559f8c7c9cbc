"""A caller is passed on to a house outside that the menu file names (`destinations`).

The agent is done and the caller's line dials on. When nobody answers there the caller is first in line again, at the desk
they came from: who was given away is not put down.
"""

from __future__ import annotations

from ivr.core import case_talk, consult, facts, supervision, survey, talk, with_house
from ivr.core.draft import Draft
from ivr.core.events import Event, OutsideDialled
from ivr.core.fence import of_offer
from ivr.core.first_in_line import first_in_line
from ivr.core.ids import PromptId
from ivr.core.instructions import DialOut
from ivr.core.queueing import topic_of
from ivr.core.talk_over import PUT_DOWN, talk_over
from ivr.core.transfer_events import PassedOn
from ivr.core.transfers import TRANSFER, note_transfer
from ivr.core.walk import finish

RING_S = 30
WORDS = PromptId("passed_on")


@of_offer(PassedOn)
def asked(draft: Draft, event: PassedOn) -> None:
    """The agent gives the caller away, to wrap up."""
    if draft.tree.destination(event.destination) is None:
        return
    consult.note(draft, event.note)  # for whoever speaks to the caller next, should they come back
    note_transfer(draft, topic_of(draft), how="outside", outside=event.destination)
    talk_over(draft, TRANSFER)
    draft.set(outside=event.destination)
    talk.close(draft)


def closing(draft: Draft, event: Event) -> None:
    """After the talk: the line of a caller who was passed on dials, one who talks to a house in the room goes back there,
    and all others hear the closing words; those who have talked to a house are rated by text, if at all.
    """
    if draft.session.house is not None:
        with_house.back(draft)
        return
    if draft.session.closing == with_house.OUTSIDE:
        survey.ask_by_text(draft)
        talk.goodbye(draft, hung_up_by="service")
        return
    if draft.session.closing == PUT_DOWN:
        supervision.last_words(draft)
        return
    one = draft.tree.destination(draft.session.outside)
    if one is None:
        talk.closing(draft, event)
        return
    draft.say_if_there(WORDS, where=one.names.get(draft.session.language, one.name))
    draft.then(DialOut(number=one.number, link=draft.link("dialled"), timeout_s=RING_S))


def dialled(draft: Draft, event: Event) -> None:
    """The other house answered and is done, or did not answer."""
    assert isinstance(event, OutsideDialled)
    if not draft.session.outside:
        closing(draft, event)
        return
    draft.set(outside="")
    if event.answered:
        case_talk.send(draft)
        survey.ask_by_text(draft)
        finish(draft, hung_up_by="service", end=facts.CallEnd.ANSWERED)
    else:
        first_in_line(draft, move=False)
