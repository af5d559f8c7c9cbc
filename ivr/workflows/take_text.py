"""A text message comes in: a rating, a callback to cancel, or something for which this number has only one answer.

The answer goes back with the carrier's request, so no message is sent that was not asked for. A request that comes
twice gets the same answer and has no second effect; a machine that answers our answers gets one a day.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from ivr.core import facts
from ivr.core.callback_events import CallbackWithdrawn
from ivr.core.callback_metrics import CallbackResult
from ivr.core.callback_rules import OpenCallback, Promise
from ivr.core.errors import Unavailable
from ivr.core.events import Caller
from ivr.core.follow_ups import LowRating
from ivr.core.ids import E164, Language, PromptId
from ivr.core.menus import MenuTree
from ivr.core.speech import plain_text
from ivr.core.survey import LOW
from ivr.core.survey_orders import Asked
from ivr.core.text_words import Meaning, Means, meaning
from ivr.workflows.ask_to_rate import low_rating
from ivr.workflows.ports import Clock, FactStream, Memory, Menus
from ivr.workflows.take_call import TakeCall

RATED_WITHIN = timedelta(days=7)
"""A mark that comes later is no answer to our question."""
ONE_ANSWER = timedelta(hours=24)
"""One polite answer for so long: two machines do not write to each other for ever."""
THANKS, CANCELLED, NONE_OPEN, ELSEWHERE, TROUBLE = (
    PromptId(name) for name in ("sms_thanks", "sms_cancelled", "sms_no_callback", "sms_elsewhere", "sms_trouble")
)


class TextedAskings(Protocol):
    """Who was asked by text. Raises `Unavailable`."""

    def texted(self, number: str, hotline: str, since: datetime) -> Asked | None: ...

    def rate(self, survey: str, *, score: int, solved: str, at: datetime) -> None: ...


class LowRatings(Protocol):
    def note(self, low: LowRating) -> None: ...


class OpenPromises(Protocol):
    def open_of(self, number: str, hotline: str) -> Sequence[OpenCallback]: ...

    def find(self, callback: str) -> Promise | None: ...

    def close(self, callback: str, result: CallbackResult, reason: str, at: datetime) -> bool: ...


class TextLog(Protocol):
    """Which message was answered how. No text and no number is kept."""

    def answer_of(self, message: str) -> str | None: ...

    def answered_since(self, number: str, hotline: str, answer: str, since: datetime) -> bool: ...

    def note(self, message: str, *, number: str, hotline: str, answer: str, at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class TakeText:
    """One text message from outside."""

    askings: TextedAskings
    low_ratings: LowRatings
    promises: OpenPromises
    log: TextLog
    take_call: TakeCall
    menus: Menus
    memory: Memory
    facts: FactStream
    clock: Clock

    def __call__(self, message: str, caller: Caller, dialled: str, body: str) -> str:
        """What the sender is answered; empty: nothing."""
        tree = self.menus.by_number(dialled)
        if caller.number is None:
            return ""
        try:
            kind = self.log.answer_of(message)
            if kind is None:
                kind = self._take(caller.number, tree, meaning(body))
                at = self.clock.now()
                self.log.note(message, number=caller.number, hotline=tree.hotline, answer=kind, at=at)
        except Unavailable:
            kind = TROUBLE
        prompt = tree.prompts.get(PromptId(kind))
        if prompt is None:
            return ""
        return plain_text(prompt, self._language(caller, tree), {"number": tree.own_number(dialled)}, tree)

    def _take(self, number: E164, tree: MenuTree, said: Meaning) -> str:
        """Do what the text asks for. The prompt of the answer; empty: none."""
        match said.what:
            case Means.SCORE:
                return self._rate(number, tree, said) or self._elsewhere(number, tree)
            case Means.CANCEL:
                return CANCELLED if self._cancel(number, tree) else NONE_OPEN
            case Means.STOP:
                return CANCELLED if self._cancel(number, tree) else ""
            case Means.START:
                return ""
        return self._elsewhere(number, tree)

    def _rate(self, number: E164, tree: MenuTree, said: Meaning) -> str:
        now = self.clock.now()
        asked = self.askings.texted(number, tree.hotline, now - RATED_WITHIN)
        if asked is None:
            return ""
        if asked.score is None:
            self.askings.rate(asked.id, score=said.score, solved="", at=now)
            if said.score <= LOW or said.comment:
                self.low_ratings.note(low_rating(asked, score=said.score, comment=said.comment, at=now))
            told = facts.SurveyAnswered(at=now, call=asked.call, channel="text", score=said.score)
            self.facts.add([told], key=f"{asked.id}-answer")
        return THANKS

    def _cancel(self, number: E164, tree: MenuTree) -> bool:
        """Every open promise to this number ends; a telephone that rings for one is put down."""
        now = self.clock.now()
        done = False
        for found in self.promises.open_of(number, tree.hotline):
            promise = self.promises.find(found.id)
            if self.promises.close(found.id, CallbackResult.CANCELLED, "cancelled by text", now):
                done = True
                if promise is not None and promise.attempts:
                    self.take_call.tell(promise.attempt_call, CallbackWithdrawn(at=now, reason="closed"))
        return done

    def _elsewhere(self, number: E164, tree: MenuTree) -> str:
        since = self.clock.now() - ONE_ANSWER
        return "" if self.log.answered_since(number, tree.hotline, ELSEWHERE, since) else ELSEWHERE

    def _language(self, caller: Caller, tree: MenuTree) -> Language:
        assert caller.number is not None
        try:
            known = self.memory.recall(caller.number).language
        except Unavailable:
            known = None
        return tree.language_for(known, caller.country)
