"""Ask callers to rate the service: whether a number may be asked, the question by text, and the answers kept.

Each question goes out at most once: that it is asked stands in SQL first. A text that the carrier refused for good
stays asked; one that could not be sent yet is taken back and tried again with its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from ivr.core import facts
from ivr.core.errors import CarrierError
from ivr.core.events import Event, StepAsked
from ivr.core.follow_ups import LowRating
from ivr.core.instructions import Link, SurveyOrder
from ivr.core.speech import plain_text
from ivr.core.survey import LOW, STAGES, asking, survey_of
from ivr.core.survey_orders import AskByText, Asked, NoteRating, SurveyAsking, follow_up_id, survey_id
from ivr.workflows.match_calls import tree_of
from ivr.workflows.ports import Clock, FactStream, Menus, Sessions, Texts


class Askings(Protocol):
    """Who was asked. Raises `Unavailable`."""

    def asked_since(self, number: str, hotline: str, since: datetime) -> bool: ...

    def note(self, asking: SurveyAsking) -> bool:
        """False: the number was asked already, in this call or lately."""

    def take_back(self, survey: str) -> None: ...

    def rate(self, survey: str, *, score: int, solved: str, at: datetime) -> None: ...


class LowRatings(Protocol):
    def note(self, low: LowRating) -> None: ...


@dataclass(frozen=True, kw_only=True)
class TellOfSurveys:
    """Fills the event of the door `bye`."""

    askings: Askings
    sessions: Sessions
    menus: Menus

    def __call__(self, link: Link, event: Event) -> Event:
        """After the talk: may this number be asked? Once it was, the questions need nothing from here."""
        session = self.sessions.find(link.call)
        if not isinstance(event, StepAsked) or session is None or session.closing in STAGES:
            return event
        node = survey_of(tree_of(self.menus, session), session.topic)
        if node is None:
            return event
        number = session.caller.number
        lately = number is not None and self.askings.asked_since(number, session.hotline, event.at - node.every)
        return replace(event, may_ask=not lately)


@dataclass(frozen=True, kw_only=True)
class AskToRate:
    """The dispatcher's side of the survey."""

    askings: Askings
    low_ratings: LowRatings
    sessions: Sessions
    menus: Menus
    texts: Texts
    facts: FactStream
    clock: Clock

    def __call__(self, order: SurveyOrder) -> None:
        """Carry out one order. Raises `CarrierError` when the text could not be sent."""
        match order:
            case AskByText():
                self._ask(order)
            case NoteRating():
                self._note(order)

    def _ask(self, order: AskByText) -> None:
        session = self.sessions.find(order.call)
        if session is None or session.caller.number is None:
            return
        tree = tree_of(self.menus, session)
        node = survey_of(tree, session.topic)
        if node is None:
            return
        now = self.clock.now()
        asked = asking(replace(session, agent=order.agent), node, now, channel="text")
        if not self.askings.note(asked):
            return
        body = plain_text(tree.prompts[node.text], session.language, {}, tree)
        try:
            self.texts.send_text(to=session.caller.number, body=body, sender=tree.own_number(session.dialled))
        except CarrierError as err:
            if err.retry:
                self.askings.take_back(asked.id)
            raise
        told: Sequence[facts.Fact] = (
            facts.SurveyAsked(at=now, call=session.call, channel="text"),
            facts.TextSent(at=now, call=session.call, kind=node.text),
        )
        self.facts.add(told, key=asked.id)

    def _note(self, order: NoteRating) -> None:
        session = self.sessions.find(order.call)
        self.askings.rate(survey_id(order.call), score=order.score, solved=order.solved, at=order.at)
        if order.score <= LOW and session is not None and session.topic is not None:
            self.low_ratings.note(
                LowRating(
                    id=follow_up_id(order.call),
                    call=order.call,
                    hotline=session.hotline,
                    topic=session.topic,
                    agent=order.agent,
                    at=order.at,
                    score=order.score,
                    solved=order.solved,
                )
            )


def low_rating(asked: Asked, *, score: int, comment: str, at: datetime) -> LowRating:
    """The entry of an answer by text."""
    return LowRating(
        id=follow_up_id(asked.call),
        call=asked.call,
        hotline=asked.hotline,
        topic=asked.topic,
        agent=asked.agent,
        at=at,
        score=score,
        comment=comment,
    )
