"""Until when a message is answered, and what is left of it when the promise cannot be stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from ivr.core.callback_words import deadline_words
from ivr.core.calls import advance
from ivr.core.events import MessageRecorded, NotKept, ReviewAsked, StepAsked
from ivr.core.facts import MessageLeft
from ivr.core.hours import ALWAYS, Calendar
from ivr.core.ids import Language, PromptId
from ivr.core.instructions import RecordMessage
from ivr.core.menus import Voicemail
from ivr.core.message_orders import KeepMessage, MessagePromised
from ivr.core.messages import due_at
from ivr.core.session import CallSession, State
from ivr.storage.files.fields import to_days, to_spans
from tests.builders import START, after, heard, started, tree

SHANGHAI = "Asia/Shanghai"
OFFICE = Calendar(name="office", zone=SHANGHAI, weekly={day: to_spans("09:00-18:00") for day in to_days("mon-fri")})
DAY = timedelta(hours=24)


def local(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


@pytest.mark.parametrize(
    ("left", "due"),
    [
        ("2026-11-23T10:07", "2026-11-24T10:30"),  # Monday: the next day, rounded up
        ("2026-11-22T03:10", "2026-11-24T09:00"),  # Sunday night: counted from Monday's opening
        ("2026-11-27T17:00", "2026-11-30T18:00"),  # Friday: the desk is closed a day later, until Monday evening
    ],
)
def test_an_answer_is_due_in_the_hours_of_the_desk(left: str, due: str) -> None:
    assert due_at(local(left), DAY, OFFICE) == local(due)


def test_a_desk_that_never_closes_answers_within_the_time_itself() -> None:
    assert due_at(local("2026-11-22T03:00"), DAY, ALWAYS) == local("2026-11-23T03:00")


def test_the_time_is_named_in_the_callers_language() -> None:
    now, due = local("2026-11-23T10:07"), local("2026-11-24T10:30")
    assert deadline_words(due, Language("zh"), now=now, zone=SHANGHAI) == "明天10点半"
    assert deadline_words(due, Language("en"), now=now, zone=SHANGHAI) == "10:30 a.m. tomorrow"


def recording() -> tuple[CallSession, MessageRecorded]:
    session, _ = started()
    step = after(session, StepAsked(at=START, keys="5"))
    assert step.session.state is State.VOICEMAIL
    return step.session, MessageRecorded(at=START, duration_s=9, recording="RE1")


def test_the_promise_is_committed_before_the_time_is_named() -> None:
    session, message = recording()
    step = advance(session, message, tree())
    [promise] = [one for one in step.commitments if isinstance(one, MessagePromised)]
    assert (promise.recording, promise.duration_s, promise.topic) == ("RE1", 9, "billing")
    assert "[done:" in heard(step)


def test_without_sql_no_time_is_named_and_the_message_is_written_down_later() -> None:
    session, message = recording()
    refused = advance(session, message, tree()).commitments
    step = advance(session, NotKept(at=START, refused=refused), tree())
    assert "[done:" not in heard(step)
    assert [order.message.recording for order in step.orders if isinstance(order, KeepMessage)] == ["RE1"]
    assert step.session.state is State.ENDED


REVIEWED = replace(
    tree(),
    nodes={
        name: replace(node, review=PromptId("options")) if isinstance(node, Voicemail) else node
        for name, node in tree().nodes.items()
    },
)


@pytest.mark.parametrize(
    "keys", [*product(["1", "2", "5", ""], repeat=3)], ids=lambda keys: "".join(key or "-" for key in keys)
)
def test_whatever_is_pressed_one_message_is_sent_with_the_latest_recording(keys: tuple[str, ...]) -> None:
    session, message = recording()
    step = advance(session, message, REVIEWED)
    recordings, told, stored = ["RE1"], list(step.facts), list(step.commitments)
    for number, key in enumerate((*keys, "#")):
        step = advance(step.session, ReviewAsked(at=START, keys=key), REVIEWED)
        told, stored = [*told, *step.facts], [*stored, *step.commitments]
        if any(isinstance(instruction, RecordMessage) for instruction in step.instructions):
            recordings.append(f"RE{number}again")
            again = MessageRecorded(at=START, duration_s=4, recording=recordings[-1])
            step = advance(step.session, again, REVIEWED)
            told, stored = [*told, *step.facts], [*stored, *step.commitments]
        if step.session.state is not State.VOICEMAIL:
            break
    assert [fact.recording for fact in told if isinstance(fact, MessageLeft)] == [recordings[-1]]
    promises = [one for one in stored if isinstance(one, MessagePromised)]
    assert len({one.id for one in promises}) == 1, "one row"
    assert promises[-1].recording == recordings[-1]
    assert step.session.unsent is None


def test_a_review_without_sql_is_not_offered_and_the_message_is_kept() -> None:
    session, message = recording()
    refused = advance(session, message, REVIEWED).commitments
    step = advance(session, NotKept(at=START, refused=refused), REVIEWED)
    assert [order.message.recording for order in step.orders if isinstance(order, KeepMessage)] == ["RE1"]
    assert step.session.state is State.ENDED
