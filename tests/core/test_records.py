"""The record of a call is a function of the set of its facts."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from ivr.core import facts
from ivr.core.facts import CallEnd, Fact, Outcome
from ivr.core.ids import AgentId, CallId, Language, OfferId, PromptId, TopicId
from ivr.core.records import fold, natural

CALL = CallId("CA01")
ZH, EN = Language("zh"), Language("en")
SECURITY, REFUNDS = TopicId("security"), TopicId("refunds")
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def s(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def started(at: float = 0) -> Fact:
    return facts.CallStarted(
        at=s(at), call=CALL, hotline="wallet", dialled="+85230001000", kind="number", number="+8613800138000",
        country="CN", menu_version="v1", language=ZH,
    )  # fmt: skip


def queued(at: float, *, segment: int = 1, topic: TopicId = SECURITY, first: float | None = None) -> Fact:
    return facts.SegmentStarted(
        at=s(at), call=CALL, segment=segment, topic=topic, path=("account", "unknown"), language=EN, priority=60,
        queued_at=s(at if first is None else first),
    )  # fmt: skip


def offered(at: float, offer: str, *, segment: int = 1, agent: str = "a1") -> Fact:
    return facts.OfferMade(
        at=s(at), call=CALL, segment=segment, offer=OfferId(offer), agent=AgentId(agent), topic=SECURITY,
        reason={"considered": 2},
    )  # fmt: skip


def offer_over(at: float, offer: str, result: str, *, agent: str = "a1") -> Fact:
    return facts.OfferEnded(at=s(at), call=CALL, offer=OfferId(offer), agent=AgentId(agent), result=result)


def answered(at: float, offer: str, *, segment: int = 1, agent: str = "a1") -> Fact:
    return facts.Answered(
        at=s(at), call=CALL, segment=segment, offer=OfferId(offer), agent=AgentId(agent), topic=SECURITY
    )


def talk_over(at: float, offer: str, *, segment: int = 1, by: str = "caller", agent: str = "a1") -> Fact:
    return facts.TalkOver(at=s(at), call=CALL, segment=segment, offer=OfferId(offer), agent=AgentId(agent), ended_by=by)


def gone(at: float, outcome: Outcome, *, segment: int = 1) -> Fact:
    return facts.SegmentEnded(at=s(at), call=CALL, segment=segment, outcome=outcome)


def ended(at: float, end: CallEnd = CallEnd.ANSWERED) -> Fact:
    return facts.CallEnded(at=s(at), call=CALL, end=end, left="talk", hung_up_by="caller")


def disposed(at: float, offer: str, disposition: str = "solved") -> Fact:
    return facts.Disposed(
        at=s(at), call=CALL, offer=OfferId(offer), agent=AgentId("a1"), disposition=disposition, notes="told how"
    )


def noted(*told: Fact) -> dict[str, Fact]:
    return {f"{CALL}:{number}:0": fact for number, fact in enumerate(told)}


WHOLE_CALL = noted(
    started(),
    facts.LanguageChosen(at=s(2), call=CALL, language=EN),
    facts.Answer(at=s(4), call=CALL, name="when", value="today"),
    queued(5),
    facts.CaseKept(at=s(33), call=CALL, case="case-CA01", opened=True),
    facts.EvidenceGiven(at=s(34), call=CALL, evidence="e1", fields=("email", "what"), files=2),
    facts.WaitAnnounced(
        at=s(5), call=CALL, segment=1, seconds=60, estimator="ql", estimates={"ql": 50, "hol": 20}, prompt=PromptId("w")
    ),
    offered(6, "7"),
    offer_over(26, "7", "lapsed"),
    offered(27, "8", agent="a2"),
    offer_over(30, "8", "accepted", agent="a2"),
    answered(33, "8", agent="a2"),
    gone(33, Outcome.ANSWERED),
    talk_over(133, "8", agent="a2"),
    ended(140),
    disposed(160, "8"),
)


def test_a_whole_call_becomes_one_record_with_its_segment_and_offers() -> None:
    record = fold(CALL, WHOLE_CALL)
    (segment,) = record.segments
    assert (record.started_at, record.ended_at, record.end) == (s(0), s(140), CallEnd.ANSWERED)
    assert (record.language, record.path, dict(record.answers)) == (EN, ("account", "unknown"), {"when": "today"})
    assert record.case == "case-CA01"
    assert (segment.outcome, segment.agent, segment.offer, segment.offers) == (Outcome.ANSWERED, "a2", "8", 2)
    assert (segment.wait, segment.talk, segment.wrap) == tuple(timedelta(seconds=n) for n in (28, 100, 27))
    assert (segment.disposition, segment.notes, segment.by_default) == ("solved", "told how", False)
    assert [(o.offer, o.agent, o.result) for o in record.offers] == [("7", "a1", "lapsed"), ("8", "a2", "accepted")]
    assert [(a.seconds, a.estimator, dict(a.estimates)) for a in record.announcements] == [
        (60, "ql", {"ql": 50, "hol": 20})
    ]


@pytest.mark.parametrize("seed", range(50))
def test_the_order_in_which_facts_come_does_not_matter(seed: int) -> None:
    keys = list(WHOLE_CALL)
    random.Random(seed).shuffle(keys)
    assert fold(CALL, {key: WHOLE_CALL[key] for key in keys}) == fold(CALL, WHOLE_CALL)


def test_a_return_after_no_answer_stays_the_same_segment_and_its_wait_goes_on() -> None:
    (segment,) = fold(
        CALL, noted(queued(0), offered(1, "1"), offer_over(21, "1", "lapsed"), answered(60, "2"))
    ).segments
    assert segment.wait == timedelta(seconds=60)


def test_a_lost_agent_makes_a_second_segment_whose_wait_counts_from_there() -> None:
    record = fold(
        CALL,
        noted(
            queued(0), answered(10, "1"), talk_over(40, "1", by="agent_lost"),
            queued(40, segment=2, first=0), offered(41, "2", segment=2, agent="a2"),
            answered(45, "2", segment=2, agent="a2"), talk_over(100, "2", segment=2, agent="a2"), ended(101),
        ),
    )  # fmt: skip
    assert [(x.wait, x.talk, x.ended_by) for x in record.segments] == [
        (timedelta(seconds=10), timedelta(seconds=30), "agent_lost"),
        (timedelta(seconds=5), timedelta(seconds=55), "caller"),
    ]


def test_a_caller_whom_the_queue_forgot_keeps_the_first_queue_time() -> None:
    (again,) = fold(CALL, noted(queued(35, first=0), answered(50, "1"))).segments
    (both,) = fold(CALL, noted(queued(0), queued(35, first=0), answered(50, "1"))).segments
    assert again.wait == both.wait == timedelta(seconds=50)


@pytest.mark.parametrize(
    ("end", "outcome"), [(CallEnd.ABANDONED, Outcome.ABANDONED), (CallEnd.FAILED, Outcome.DROPPED)]
)
def test_a_call_that_ended_leaves_no_segment_open(end: CallEnd, outcome: Outcome) -> None:
    (segment,) = fold(CALL, noted(queued(0), ended(17, end))).segments
    assert (segment.outcome, segment.wait) == (outcome, timedelta(seconds=17))


def test_a_talk_without_an_end_ends_with_the_call() -> None:
    (segment,) = fold(CALL, noted(queued(0), answered(10, "1"), ended(50))).segments
    assert (segment.talk, segment.ended_by) == (timedelta(seconds=40), "unknown")


def test_a_caller_still_waiting_has_no_outcome_and_no_wait_yet() -> None:
    (segment,) = fold(CALL, noted(started(), queued(5), offered(6, "1"))).segments
    assert (segment.outcome, segment.wait, segment.offers) == (None, None, 1)


def test_a_call_that_ended_in_the_menu_has_no_segment() -> None:
    record = fold(CALL, noted(started(), ended(9, CallEnd.LEFT_MENU)))
    assert record.segments == ()
    assert record.end is CallEnd.LEFT_MENU


def test_an_answer_counts_over_an_abandon_noted_for_the_same_stay() -> None:
    (segment,) = fold(CALL, noted(queued(0), gone(12, Outcome.ABANDONED), answered(11, "1"), ended(30))).segments
    assert (segment.outcome, segment.wait) == (Outcome.ANSWERED, timedelta(seconds=11))


def test_the_first_end_of_a_call_counts_and_a_late_second_one_changes_nothing() -> None:
    record = fold(CALL, noted(started(), ended(9, CallEnd.LEFT_MENU), ended(60, CallEnd.FAILED)))
    assert (record.end, record.ended_at) == (CallEnd.LEFT_MENU, s(9))


def test_clocks_that_differ_a_little_never_make_a_negative_wait() -> None:
    (segment,) = fold(CALL, noted(queued(1, topic=REFUNDS), answered(0.9, "1"))).segments
    assert segment.wait is not None
    assert segment.wait >= timedelta()


def test_the_last_word_of_a_rating_counts_and_one_without_an_answer_is_known_as_asked() -> None:
    asked = facts.SurveyAsked(at=s(50), call=CALL, channel="phone")
    score = facts.SurveyAnswered(at=s(55), call=CALL, channel="phone", score=2)
    solved = facts.SurveyAnswered(at=s(60), call=CALL, channel="phone", score=2, solved="no")
    silent = fold(CALL, noted(started(), asked))
    assert (silent.survey, silent.score) == ("phone", None)
    record = fold(CALL, noted(started(), asked, score, solved))
    assert (record.survey, record.score, record.solved) == ("phone", 2, "no")


def test_ids_are_ordered_as_they_were_counted() -> None:
    assert sorted(["CA:10:0", "CA:9:1", "CA:9:0"], key=natural) == ["CA:9:0", "CA:9:1", "CA:10:0"]
    assert sorted(["CA1", "agent-b:2:1", "CA"], key=natural) == ["CA", "CA1", "agent-b:2:1"]
