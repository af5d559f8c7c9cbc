"""Who was free when a caller gave up: judged by hand, and stored on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from ivr.core.ids import AgentId, CallId, Language, TopicId
from ivr.core.intervals import Step
from ivr.core.people import RosterAgent
from ivr.core.queues import Terms
from ivr.core.who_was_free import Available, Free, GaveUp, Knew, judge, lessons
from ivr.storage.sql import tables
from ivr.storage.sql.engine import writing
from ivr.storage.sql.free_rows import FreeRows
from ivr.storage.sql.roster import Roster
from ivr.workflows.report_abandons import ReportAbandons, abandons_sheet
from ivr.workflows.report_output import to_csv
from ivr.workflows.reports import ReportQuery
from tests.storage.sql.test_call_list import call_row, stay_row

NINE = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
ANA, BO, CY = AgentId("ana"), AgentId("bo"), AgentId("cy")
DEPOSITS = Terms(after=timedelta(0), skills={"deposits": 3}, language=Language("en"), language_level=3)


def s(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def gone(name: str, start: float, end: float) -> GaveUp:
    return GaveUp(call=CallId(name), segment=1, topic="deposits", language="en", entered_at=s(start), left_at=s(end))


def free(agent: AgentId, start: float, end: float | None) -> Available:
    return Available(agent=agent, start=s(start), end=None if end is None else s(end))


def knew(agent: AgentId, since: float, skills: dict[str, int], languages: dict[str, int]) -> Knew:
    return Knew(agent=agent, since=s(since), skills=skills, languages=languages)


KNOWN = [
    knew(ANA, -100, {"deposits": 5}, {"zh": 5, "en": 1}),  # lacks English
    knew(BO, -100, {"refunds": 5}, {"en": 5}),  # lacks the skill
    knew(CY, 500, {"deposits": 4}, {"en": 4}),  # able
]
TERMS = {("deposits", "en"): DEPOSITS}


def test_each_free_agent_is_named_with_what_was_missing() -> None:
    available = [free(ANA, -50, None), free(BO, 30, 39), free(CY, 70, 200)]
    first, second = judge([gone("CA2", 60, 100), gone("CA1", 0, 40)], available, KNOWN, TERMS)
    lacks_english = Free(agent=ANA, language="en")
    assert (first.stay.call, first.free) == ("CA1", (lacks_english,)), "nine seconds of Bo are too few to answer a ring"
    assert (second.stay.call, second.free) == ("CA2", (lacks_english, Free(agent=CY)))


def test_nobody_is_free_when_all_who_were_there_were_free_before_or_after() -> None:
    (verdict,) = judge([gone("CA1", 100, 140)], [free(ANA, 0, 100), free(BO, 140, None)], KNOWN, TERMS)
    assert verdict.free == ()


def test_sums_name_what_would_have_saved_most_and_leave_out_callers_whom_somebody_could_take() -> None:
    available = [free(ANA, 0, 300), free(BO, 0, 120), free(CY, 250, 300)]
    verdicts = list(
        judge(
            [gone("CA1", 10, 50), gone("CA2", 60, 100), gone("CA3", 130, 170), gone("CA4", 255, 290)],
            available,
            KNOWN,
            TERMS,
        )
    )
    assert [(one.agent, one.lacks.skills, one.lacks.language, one.callers) for one in lessons(verdicts)] == [
        (ANA, (), "en", 3),
        (BO, ("deposits",), "", 2),
    ]


def test_what_an_agent_knew_then_counts_and_not_what_was_learnt_since() -> None:
    learnt = [*KNOWN, knew(ANA, 1000, {"deposits": 5}, {"en": 5})]
    before, after = judge([gone("CA1", 0, 40), gone("CA2", 1100, 1140)], [free(ANA, 0, None)], learnt, TERMS)
    assert (before.free[0].able, after.free[0].able) == (False, True)


def test_the_report_reads_states_and_what_was_noted_of_the_roster(engine: Engine) -> None:
    rows = FreeRows(engine)
    roster = Roster(engine)
    roster.save([RosterAgent(id=ANA, name="Ana", skills={"deposits": 5}, languages={"zh": 5})])
    assert rows.keep(at=s(-10)) == 1
    assert rows.keep(at=s(-5)) == 0, "nothing changed"
    roster.save([RosterAgent(id=ANA, name="Ana", skills={"deposits": 5}, languages={"zh": 5, "en": 5})])
    assert rows.keep(at=s(600)) == 1
    state = {"hotline": "wallet", "reason": "", "call": None, "offer": None, "agent": ANA, "ended_at": None}
    lost = {"outcome": "abandoned", "agent": None, "topic": "deposits", "language": "en"}
    with writing(engine) as connection:
        connection.execute(
            tables.agent_states.insert(), {**state, "id": "1", "presence": "available", "started_at": s(0)}
        )
        connection.execute(tables.calls.insert(), [call_row("CA1", s(5)), call_row("CA2", s(700))])
        connection.execute(
            tables.segments.insert(),
            [
                stay_row("CA1", s(5), **lost, left_at=s(65)),
                stay_row("CA2", s(700), **lost, left_at=s(760)),
            ],
        )
    query = ReportQuery(start=NINE, end=NINE + timedelta(hours=1), zone=ZoneInfo("UTC"), step=Step.HOUR)
    gave_up = rows.gave_up(query, most=10)
    assert [one.call for one in gave_up] == ["CA2", "CA1"]
    verdicts = list(judge(gave_up, rows.available(NINE, s(900)), rows.knew(), TERMS))
    assert [verdict.free for verdict in verdicts] == [(Free(agent=ANA, language="en"),), (Free(agent=ANA),)]
    assert [one.callers for one in lessons(verdicts)] == [1]

    report = ReportAbandons(rows, lambda: (), Now())(query)
    assert report.verdicts == (), "a topic that no menu has any more cannot be judged"
    assert "gave up" in to_csv(abandons_sheet(report))
    assert TopicId("deposits") == "deposits"


class Now:
    def now(self) -> datetime:
        return s(3600)
