"""The further reports over stored rows, on both databases, against figures worked out by hand."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from ivr.core.ids import AgentId
from ivr.core.metrics import Share
from ivr.core.people import RosterAgent
from ivr.core.planned_time import Planned, planned_spans
from ivr.core.rollups import Limits
from ivr.core.shifts import Shift
from ivr.storage.sql import tables
from ivr.storage.sql.engine import writing
from ivr.storage.sql.people_tables import planned_breaks
from ivr.storage.sql.planned_breaks import PlannedBreaks
from ivr.storage.sql.report_agents import AgentRows
from ivr.storage.sql.report_calibration import CalibrationRows
from ivr.storage.sql.report_repeats import RepeatRows
from ivr.workflows.report_agents import ReportAgents
from ivr.workflows.report_book import Asked, Book, book_json, chosen
from ivr.workflows.report_calibration import ReportCalibration, Scatter
from ivr.workflows.report_output import BOM, to_csv
from ivr.workflows.reports import ReportQuery
from tests.storage.sql.test_hours_report import at_work
from tests.storage.sql.test_reports import At

NINE = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
"""9:00 in Berlin."""
BERLIN = ZoneInfo("Europe/Berlin")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def secs(value: float) -> timedelta:
    return timedelta(seconds=value)


def asked(start: datetime = NINE, length: timedelta = HOUR, **options: str) -> Asked:
    query = ReportQuery(start=start, end=start + length, zone=BERLIN, hotline="wallet")
    return Asked(query=query, options=options)


def put_calls(engine: Engine, *calls: dict[str, Any]) -> None:
    """Calls of people, each with its number as an index."""
    usual = {
        "hotline": "wallet", "kind": "number", "dialled": "", "country": "CN", "menu_version": "v", "language": "zh",
        "number": "", "number_index": "", "answers": {}, "path": [], "started_at": NINE, "ended_at": NINE + HOUR, "end": "answered",
        "left": "talk", "hung_up_by": "caller", "segments": 1, "offers": 1, "texts": 0, "repairs": 0, "verified": "",
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(tables.calls.insert(), [{**usual, **call} for call in calls])


def put_stays(engine: Engine, *stays: dict[str, Any]) -> None:
    """Stays that were answered at once unless they say otherwise."""
    usual = {
        "segment": 1, "hotline": "wallet", "topic": "refunds", "path": [], "language": "zh", "priority": 30, "queued_at": NINE,
        "entered_at": NINE, "answered_at": None, "left_at": None, "ended_at": None, "outcome": None, "reason": "", "wait_s": None,
        "talk_s": None, "hold_s": None, "wrap_s": None, "agent": None, "offer": None, "offers": 1, "ended_by": "", "cause": "",
        "disposition": "", "disposition_reason": "", "agent_topic": "", "by_default": False, "notes": "",
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(tables.segments.insert(), [{**usual, **stay} for stay in stays])


def answered(call: str, agent: str = "ana", at: datetime = NINE, **changes: Any) -> dict[str, Any]:
    times = {"entered_at": at, "answered_at": at, "left_at": at, "ended_at": at + MINUTE, "wait_s": 0.0}
    return {"call": call, "agent": agent, "outcome": "answered", **times, **changes}


def rows_of(book: Book, key: str) -> list[dict[str, Any]]:
    """A table's rows by the keys of its columns."""
    (table,) = [one for one in book.tables if one.key == key]
    return [dict(zip((one.key for one in table.fields), row.cells, strict=True)) for row in table.rows]


# ---- agents ----------------------------------------------------------------------------------------------------

# 9:00 to 10:00, worked out by hand:
#   ana   8:50–9:10 available, 9:10–9:11 ringing, 9:11–9:40 on a call, 9:40–9:45 wrap-up, 9:45–10:30 break
#         in the window: available 10, ringing 1, call 29, wrap-up 5, break 15     occupancy 34 / 45
#         offers 5: accepted 2, caller gone 1, lapsed 1, declined 1                2/5, without those 2/4
#         talks 3 in 2 calls, two with wrap-up: 100+20+30 and 200+0+50 = 400       AHT 200; transfers 2/3, by call 1/2
#   bo    talk 300+0+0 handled                                                     AHT 300; team's median 250
#   cy    another team, talk not wrapped up: no AHT
DAY = [RosterAgent(id=AgentId("ana"), name="Ana", team="day"), RosterAgent(id=AgentId("bo"), name="Bo", team="day")]


def put_agents(engine: Engine) -> None:
    at_work(
        engine,
        ("ana", NINE - 10 * MINUTE, NINE + 10 * MINUTE, "available"),
        ("ana", NINE + 10 * MINUTE, NINE + 11 * MINUTE, "reserved"),
        ("ana", NINE + 11 * MINUTE, NINE + 40 * MINUTE, "on_call"),
        ("ana", NINE + 40 * MINUTE, NINE + 45 * MINUTE, "wrap_up"),
        ("ana", NINE + 45 * MINUTE, None, "break"),
        ("cy", NINE - HOUR, NINE, "available"),
    )
    ends = [
        ("accepted", ""),
        ("accepted", ""),
        ("cancelled", "caller left"),
        ("lapsed", "ring time over"),
        ("declined", ""),
    ]
    usual = {"hotline": "wallet", "segment": 1, "topic": "refunds", "agent": "ana", "ended_at": NINE, "reason": {}}
    with writing(engine) as connection:
        connection.execute(
            tables.offers.insert(),
            [
                {**usual, "call": "c1", "offer": f"o{number}", "made_at": NINE + number * MINUTE, "result": result, "end_reason": why}
                for number, (result, why) in enumerate(ends)
            ],
        )  # fmt: skip
    put_calls(engine, *({"call": one} for one in ("c1", "c2", "c3", "c4")))
    put_stays(
        engine,
        answered("c1", talk_s=100.0, hold_s=20.0, wrap_s=30.0, ended_by="transfer"),
        answered("c1", segment=2, talk_s=200.0, hold_s=0.0, wrap_s=50.0, ended_by="transfer"),
        answered("c2", talk_s=999.0, hold_s=0.0),
        answered("c3", agent="bo", talk_s=300.0, hold_s=0.0, wrap_s=0.0),
        answered("c4", agent="cy", talk_s=50.0, hold_s=0.0),
    )


def agents_report(engine: Engine, asking: Asked, *, at: datetime = NINE + 30 * timedelta(days=1)) -> Book:
    report = ReportAgents(
        AgentRows(engine), RepeatRows(engine), At(at), roster=lambda: DAY, limits=lambda: {"refunds": Limits()}
    )
    return report(asking)


def test_an_agents_time_is_cut_at_the_window_and_no_figure_stands_without_the_teams(engine: Engine) -> None:
    put_agents(engine)
    book = agents_report(engine, asked())
    (ana, bo, cy) = sorted(rows_of(book, "time"), key=lambda row: row["agent"].lower())
    assert [ana[f"{name}_s"] for name in ("available", "ringing", "on_call", "wrap_up", "break", "missed")] == [
        10 * MINUTE, MINUTE, 29 * MINUTE, 5 * MINUTE, 15 * MINUTE, secs(0),
    ]  # fmt: skip
    assert ana["occupancy"] == Share(part=34 * 60, whole=45 * 60)
    assert bo["occupancy"].value is None
    assert cy["available_s"] == secs(0)
    assert [one["agent"] for one in rows_of(book, "time")] == ["cy", "Ana", "Bo"], "by team and name, never by a figure"
    assert ana["with_callers"].value is ana["on_the_line"].value is ana["adherence"].value is None
    assert "No shifts are set" in book.warnings[0]

    offers = rows_of(book, "offers")[1]
    assert (offers["offered"], offers["rona"], offers["declined"], offers["caller_gone"]) == (5, 1, 1, 1)
    assert (offers["answer_rate"], offers["answer_rate_without_gone"]) == (
        Share(part=2, whole=5),
        Share(part=2, whole=4),
    )

    talks = {row["agent"]: row for row in rows_of(book, "talks")}
    assert (talks["Ana"]["answered"], talks["Ana"]["calls"], talks["Ana"]["handled"]) == (3, 2, 2)
    assert (talks["Ana"]["handle_time_s"], talks["Ana"]["team_handle_time_s"]) == (secs(200), secs(250))
    assert (talks["Ana"]["talk_s"], talks["Ana"]["hold_s"], talks["Ana"]["wrap_s"]) == (secs(150), secs(10), secs(40))
    assert (talks["Ana"]["transfers"], talks["Ana"]["transfers_by_call"]) == (
        Share(part=2, whole=3),
        Share(part=1, whole=2),
    )
    assert (talks["cy"]["handle_time_s"], talks["cy"]["team_handle_time_s"]) == (None, None)


# Ana's shift 8:00–9:50 in Berlin with a break 9:30–9:40; the report 9:00–10:00.
#   planned work 9:00–9:30 and 9:40–9:50 = 40 min, break 10 min
#   on the line 9:00–9:45: 35 of the 40; in the break on a call all 10 min
#   adherence (35 + 10 − 10) / 50; conformance 45 / 40; time with callers 34 / 50
def test_adherence_counts_by_the_minute_and_tells_work_in_a_break_apart(engine: Engine) -> None:
    put_agents(engine)
    shift = Shift(id="s", agent=AgentId("ana"), weekday=0, start=time(8), until=time(9, 50))
    rest = (AgentId("ana"), NINE + 30 * MINUTE, NINE + 40 * MINUTE)

    def plan(query: ReportQuery, at: datetime) -> tuple[Planned, ...]:
        return planned_spans([shift], [rest], query.start, min(query.end, at), BERLIN)

    report = ReportAgents(
        AgentRows(engine), RepeatRows(engine), At(NINE + HOUR), roster=lambda: DAY, limits=dict, planned=plan
    )
    ana = next(row for row in rows_of(report(asked()), "time") if row["agent"] == "Ana")
    assert ana["adherence"] == Share(part=35 * 60, whole=50 * 60)
    assert ana["conformance"] == Share(part=45 * 60, whole=40 * 60)
    assert ana["with_callers"] == Share(part=34 * 60, whole=50 * 60)
    assert ana["ran_over_s"] == 10 * MINUTE
    assert report(asked()).warnings == ()


def test_who_is_available_for_days_without_a_change_is_on_the_line_in_every_shift(engine: Engine) -> None:
    at_work(engine, ("eve", NINE - timedelta(days=5), None, "available"))
    shifts = [Planned(agent=AgentId("eve"), start=at, end=at + HOUR) for at in (NINE - timedelta(days=6), NINE)]
    assert list(AgentRows(engine).overlaps(shifts)) == [(AgentId("eve"), False, "available", HOUR)]


def test_breaks_of_a_time_are_all_that_reach_into_it_however_many(engine: Engine) -> None:
    usual = {"agent": "ana", "reason": "", "set_by": ""}
    spans = [(NINE - MINUTE, NINE + MINUTE), (NINE - MINUTE, NINE), (NINE + HOUR, NINE + 2 * HOUR)]
    spans += [(NINE + second * secs(1), NINE + MINUTE) for second in range(1, 50)] * 21
    with writing(engine) as connection:
        rows = [{"id": f"b{at}", "start_at": one, "end_at": two, **usual} for at, (one, two) in enumerate(spans)]
        connection.execute(planned_breaks.insert(), rows)
    found = PlannedBreaks(engine).reaching(NINE, NINE + HOUR)
    assert (len(found), found[0].start) == (1030, NINE - MINUTE)


# ---- repeats ---------------------------------------------------------------------------------------------------

# Answered on 2 November on refunds, all rates by hand:
#   n1 calls again on refunds after 6 days                        a repeat
#   n2 calls again, gone after 4 s (short)                        none
#   n3 calls again, gone after 40 s                               a repeat: that caller had to call again
#   n4 calls again after 7 days and a second                      none
#   n5 calls again on transfers; the agent says it was refunds    none by the menu, one by the agents
#   n6 is called back by us                                       none
#   withheld                                                      not in the base
#   n7 has five cases                                             a shared number, not in the base
#   n8 has nothing                                                answered once
#   answered 9, base 7, again 2, by the agents 3
LATER = NINE + timedelta(days=3)


def put_returns(engine: Engine) -> None:
    first = [*(f"n{number}" for number in range(1, 9)), ""]
    put_calls(engine, *({"call": f"first-{one}", "number_index": one} for one in first))
    put_stays(engine, *(answered(f"first-{one}") for one in first))
    again = [("n1", NINE + timedelta(days=6)), ("n4", NINE + timedelta(days=7, seconds=1)), ("n5", LATER), ("", LATER)]
    gone = [("n2", 4.0), ("n3", 40.0)]
    put_calls(engine, *({"call": f"again-{one}", "number_index": one, "started_at": at} for one, at in again))
    put_calls(engine, *({"call": f"again-{one}", "number_index": one, "started_at": LATER} for one, _ in gone))
    put_calls(engine, {"call": "cb-6-1", "number_index": "n6", "started_at": LATER})
    put_stays(engine, *(answered(f"again-{one}", "bo", at) for one, at in again if one != "n5"))
    put_stays(
        engine,
        answered("again-n5", "bo", LATER, topic="transfers", agent_topic="refunds"),
        answered("cb-6-1", at=LATER),
    )
    put_stays(
        engine,
        *({"call": f"again-{one}", "entered_at": LATER, "left_at": LATER, "wait_s": wait, "outcome": "abandoned"} for one, wait in gone),
    )  # fmt: skip
    case = {
        "hotline": "wallet", "caller": "", "caller_index": "n7", "topic": "refunds", "path": [], "answers": {}, "language": "zh",
        "opened_at": NINE - HOUR, "status": "open", "note": "", "changed_at": NINE, "changed_by": "", "due_by": "",
    }  # fmt: skip
    with writing(engine) as connection:
        connection.execute(tables.cases.insert(), [{**case, "id": f"k{n}", "number": str(n)} for n in range(5)])


def test_who_called_again_is_told_with_every_edge(engine: Engine) -> None:
    put_returns(engine)
    long_after = NINE + timedelta(days=60)
    ((key, found),) = RepeatRows(engine).returns(asked().query, by=("topic",), at=long_after, short={})
    assert key == ("refunds",)
    assert (found.answered, found.withheld, found.shared, found.base) == (9, 1, 1, 7)
    assert (found.repeat_rate, found.repeat_rate_by_agent) == (Share(part=2, whole=7), Share(part=3, whole=7))
    assert found.resolved == Share(part=5, whole=7)
    assert found.provisional == 0
    ((_, early),) = RepeatRows(engine).returns(asked().query, by=("topic",), at=NINE + timedelta(days=2), short={})
    assert early.provisional == 7, "their seven days are not over"
    ((_, strict),) = RepeatRows(engine).returns(
        asked().query, by=("topic",), at=long_after, short={"refunds": secs(4), "other": secs(9)}
    )
    assert strict.again == 3, "exactly at the limit is a normal abandon"


def test_the_agents_report_shows_repeats_by_topic_with_the_calls_behind_them(engine: Engine) -> None:
    put_returns(engine)
    (row,) = rows_of(agents_report(engine, asked()), "repeats")
    assert (row["agent"], row["topic"], row["base"], row["again"]) == ("Ana", "refunds", 7, 2)
    (table,) = [one for one in agents_report(engine, asked()).tables if one.key == "repeats"]
    assert table.rows[0].calls == {"agent": "ana", "topic": "refunds", "outcome": "answered"}


# ---- announced waits -------------------------------------------------------------------------------------------


# Told 180, 120, 300, 60 s by QL; waited 120, 150, 200 s; the fourth left after 45 s. By hand:
#   errors +60, −30, +100: mean error 190/3 = 63.333 s, bias 130/3 = 43.333 s
#   close: 60 > max(30, 30) no; 30 ≤ max(30, 37.5) yes; 100 > max(30, 50) no      1 of 3
#   under-promised: the second                                                     1 of 3
#   LES said 110, 140, 260, 50 at those moments: errors −10, −10, +60: mean 80/3 = 26.667, bias 40/3 = 13.333
#   close 10, 10 yes; 60 > 50 no: 2 of 3; under 2 of 3
def put_told(engine: Engine) -> None:
    told = [(180, 110, 120.0), (120, 140, 150.0), (300, 260, 200.0), (60, 50, None)]
    put_calls(engine, *({"call": f"t{number}"} for number in range(len(told))))
    put_stays(
        engine,
        *(answered(f"t{number}", answered_at=NINE + secs(actual), left_at=NINE + secs(actual)) for number, (_, _, actual) in enumerate(told) if actual),
        {"call": "t3", "left_at": NINE + secs(45), "outcome": "abandoned", "wait_s": 45.0},
    )  # fmt: skip
    with writing(engine) as connection:
        connection.execute(
            tables.announcements.insert(),
            [
                {
                    "call": f"t{number}", "segment": 1, "at": NINE, "hotline": "wallet", "topic": "refunds", "estimator": "ql",
                    "seconds": said, "estimates": {"ql": said - 5, "les": les}, "actual_s": actual,
                }
                for number, (said, les, actual) in enumerate(told)
            ],
        )  # fmt: skip


def test_the_worked_example_of_announced_waits_comes_out_exactly(engine: Engine) -> None:
    put_told(engine)
    book = ReportCalibration(CalibrationRows(engine), At())(asked())
    (spoken,) = rows_of(book, "spoken")
    assert (spoken["topic"], spoken["estimator"], spoken["scored"], spoken["censored"]) == ("refunds", "QL", 3, 1)
    assert (spoken["mean_absolute_s"], spoken["bias_s"]) == (secs(63.333333), secs(43.333333))
    assert (spoken["close"], spoken["under_promised"]) == (Share(part=1, whole=3), Share(part=1, whole=3))
    les = next(row for row in rows_of(book, "estimators") if row["estimator"] == "LES")
    assert (les["mean_absolute_s"], les["bias_s"]) == (secs(26.666667), secs(13.333333))
    assert (les["close"], les["under_promised"], les["censored"]) == (Share(part=2, whole=3), Share(part=2, whole=3), 1)
    (gone,) = rows_of(book, "censored")
    assert (gone["call"], gone["told_s"], gone["stayed_s"]) == ("t3", secs(60), secs(45))
    assert isinstance(book.drawing, Scatter)
    assert sorted(book.drawing.points) == [(120, 180), (150, 120), (200, 300)], "who left first is not in the plot"


def test_a_book_is_whole_in_every_format(engine: Engine) -> None:
    put_told(engine)
    book = ReportCalibration(CalibrationRows(engine), At())(asked())
    head, *rows = csv.reader(io.StringIO(to_csv(chosen(book, "censored")).removeprefix(BOM)))
    assert (head[0], len(rows), rows[0][-1]) == ("Announced", 1, "t3")
    told = json.loads(book_json(book))
    assert told["report"] == "calibration"
    assert told["tables"]["spoken"]["rows"][0]["close"] == {"value": 1 / 3, "part": 1, "whole": 3}
    assert any(re.search(r"Formulas, edition \d", note) for note in told["notes"])
    empty = ReportCalibration(CalibrationRows(engine), At())(asked(NINE - HOUR))
    assert empty.drawing is None
    assert all(table.rows == () and table.empty for table in empty.tables)
