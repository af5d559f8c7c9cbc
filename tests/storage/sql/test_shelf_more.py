"""Satisfaction, resolution, callbacks, access, complaints, data quality and the menu's flow over stored rows, worked out by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.engine import Engine

from ivr.core.ids import NodeId, PromptId
from ivr.core.menu_flow import Contained, Flow, proposed_order, without_effect
from ivr.core.menus import Choice, Menu
from ivr.core.metrics import Share
from ivr.storage.sql import tables
from ivr.storage.sql.after_tables import follow_ups, message_box, surveys
from ivr.storage.sql.engine import writing
from ivr.storage.sql.people import People
from ivr.storage.sql.promise_rows import PromiseRows
from ivr.storage.sql.report_access import AccessRows, ComplaintRows
from ivr.storage.sql.report_attempts import AttemptRows
from ivr.storage.sql.report_menu_flow import MenuFlowRows
from ivr.storage.sql.report_quality import QualityRows
from ivr.storage.sql.report_repeats import RepeatRows
from ivr.storage.sql.report_satisfaction import SatisfactionRows
from ivr.storage.sql.sum_build import SumBuild
from ivr.storage.sql.sum_menu import ENDS
from ivr.workflows.report_access import ReportAccess
from ivr.workflows.report_attempts import ReportAttempts
from ivr.workflows.report_book import Asked, Book, sheets
from ivr.workflows.report_disclosure import ReportDisclosure
from ivr.workflows.report_ledger import ReportLedger
from ivr.workflows.report_menu_flow import ReportMenuFlow
from ivr.workflows.report_promises import ReportPromises
from ivr.workflows.report_quality import ReportQuality
from ivr.workflows.report_repeats import ReportRepeats
from ivr.workflows.report_satisfaction import ReportSatisfaction
from ivr.workflows.reports import Placing, ReportQuery
from tests.builders import tree
from tests.storage.sql.conftest import SECRET
from tests.storage.sql.test_reports import At
from tests.storage.sql.test_shelf import (
    BERLIN,
    HOUR,
    LATER,
    MINUTE,
    NINE,
    answered,
    asked,
    put_calls,
    put_returns,
    put_stays,
    rows_of,
    secs,
)

DAY = timedelta(days=1)
TREE = tree()


def put(engine: Engine, table: Any, usual: dict[str, Any], *rows: dict[str, Any]) -> None:
    with writing(engine) as connection:
        connection.execute(table.insert(), [{**usual, **row} for row in rows])


def totals_of(book: Book, key: str) -> dict[str, Any]:
    (table,) = [one for one in book.tables if one.key == key]
    return dict(zip((one.key for one in table.fields), table.totals[0].cells, strict=True))


# ---- satisfaction ----------------------------------------------------------------------------------------------


# Five calls answered, four asked: by key 5, 4, 2, by text no answer.
#   valid 3 of 4, CSAT 2/3, mean 11/3 = 3.67; never asked 1/5; said solved 1 of 2
def put_ratings(engine: Engine) -> None:
    put_calls(engine, *({"call": f"r{number}"} for number in range(5)))
    put_stays(
        engine,
        *(
            answered(f"r{number}", disposition="solved" if number < 3 else "pending", by_default=number == 0)
            for number in range(5)
        ),
    )
    usual = {
        "hotline": "wallet", "topic": "refunds", "agent": "ana", "number": "", "number_index": "", "language": "zh", "channel": "phone",
        "asked_at": NINE, "score": None, "solved": "", "answered_at": NINE,
    }  # fmt: skip
    put(
        engine,
        surveys,
        usual,
        {"id": "s0", "call": "r0", "score": 5, "solved": "yes"},
        {"id": "s1", "call": "r1", "score": 4, "solved": ""},
        {"id": "s2", "call": "r2", "score": 2, "solved": "no"},
        {"id": "s3", "call": "r3", "channel": "text", "answered_at": None},
    )
    low = {
        "call": "r2",
        "hotline": "wallet",
        "topic": "refunds",
        "agent": "ana",
        "at": NINE,
        "score": 2,
        "solved": "no",
        "handled_by": "",
    }
    put(
        engine,
        follow_ups,
        low,
        {"id": "f0", "comment": "slow", "wished": True, "due_at": NINE + HOUR, "status": "open"},
        {"id": "f1", "comment": "", "wished": False, "due_at": None, "status": "changed"},
    )


def test_ratings_count_by_channel_and_say_nothing_of_one_agent_below_twenty(engine: Engine) -> None:
    put_ratings(engine)
    book = ReportSatisfaction(SatisfactionRows(engine), At(), names=dict)(asked())
    whole = totals_of(book, "topics")
    assert (whole["answered"], whole["never_asked"]) == (5, Share(part=1, whole=5))
    assert (whole["csat"], whole["mean"], whole["response_rate"]) == (
        Share(part=2, whole=3),
        3.67,
        Share(part=3, whole=4),
    )
    by_text = next(row for row in rows_of(book, "channels") if row["channel"] == "by text message")
    assert (by_text["asked"], by_text["csat"].value, by_text["mean"]) == (1, None, None)
    (ana,) = rows_of(book, "agents")
    assert (ana["valid"], ana["csat"], ana["mean"]) == (3, None, None)
    (comments,) = rows_of(book, "comments")
    assert (comments["entries"], comments["with_comment"], comments["wished"], comments["overdue"]) == (2, 1, 1, 1)
    assert comments["handled"] == Share(part=1, whole=2)


def test_twenty_answers_are_enough_for_an_agent(engine: Engine) -> None:
    put_ratings(engine)
    usual = {
        "call": "r4", "hotline": "wallet", "topic": "refunds", "agent": "ana", "number": "", "number_index": "", "language": "zh",
        "channel": "phone", "asked_at": NINE, "score": 5, "solved": "", "answered_at": NINE,
    }  # fmt: skip
    put(engine, surveys, usual, *({"id": f"more{number}"} for number in range(17)))
    (ana,) = rows_of(ReportSatisfaction(SatisfactionRows(engine), At(), names=dict)(asked()), "agents")
    assert (ana["valid"], ana["csat"]) == (20, Share(part=19, whole=20))


# ---- resolution ------------------------------------------------------------------------------------------------


def test_three_views_of_what_was_solved_stand_side_by_side_with_their_own_denominators(engine: Engine) -> None:
    put_ratings(engine)
    put_returns(engine)
    report = ReportRepeats(RepeatRows(engine), SatisfactionRows(engine), At(NINE + 60 * DAY), dict)
    whole = totals_of(report(asked()), "views")
    # no repeat: 7 with a number, 2 again; callers: yes 1, no 1; agents: 4 results of their own, 2 of them solved
    assert (whole["no_repeat"], whole["no_repeat_of"]) == (Share(part=5, whole=7), 7)
    assert (whole["caller_says"], whole["caller_says_of"]) == (Share(part=1, whole=2), 2)
    assert (whole["agent_says"], whole["agent_says_of"]) == (Share(part=2, whole=4), 4)


def test_days_whose_week_is_not_over_are_marked_provisional(engine: Engine) -> None:
    put_returns(engine)
    week = asked(NINE - 10 * DAY, 13 * DAY)
    report = ReportRepeats(RepeatRows(engine), SatisfactionRows(engine), At(LATER), dict)
    book = report(week)
    (days,) = [table for table in book.tables if table.key == "days"]
    marked = {row.cells[0]: row.mark for row in days.rows}
    assert marked["2026-11-02"] == "provisional"
    assert marked["2026-10-25"] == ""
    assert "provisional" in book.warnings[0]
    counted = [row["answered"] for row in rows_of(book, "days")]
    assert sum(counted) == totals_of(book, "returns")["answered"], "the days add up to the whole"


# ---- callbacks -------------------------------------------------------------------------------------------------


def put_promises(engine: Engine) -> None:
    usual = {
        "hotline": "wallet", "topic": "refunds", "call": "p", "queued_at": NINE, "requested_at": NINE, "state": "requested", "result": None,
        "merged_into": None, "promised_from": None, "promised_to": None, "connected_at": None, "closed_at": None, "due_at": NINE,
    }  # fmt: skip
    put(
        engine,
        tables.callbacks,
        usual,
        {"id": "later", "due_at": NINE + 2 * HOUR},
        {"id": "due", "state": "due", "promised_to": NINE + 5 * MINUTE},
        {"id": "done", "state": "closed", "result": "completed", "attempts": 2, "connected_at": NINE + 2 * HOUR},
        {"id": "old", "state": "closed", "result": "failed", "attempts": 1, "requested_at": NINE - 2 * HOUR},
    )
    tries = {"ended_at": None, "agent": None, "leg": None}
    put(
        engine,
        tables.callback_attempts,
        tries,
        {"callback": "done", "attempt": 1, "at": NINE + MINUTE, "result": "busy", "agent_idle_s": 20.0},
        {"callback": "done", "attempt": 2, "at": NINE + 2 * HOUR, "result": "connected", "agent_idle_s": 5.0},
        {"callback": "old", "attempt": 1, "at": NINE + MINUTE, "result": "no_answer", "agent_idle_s": 25.0},
    )


def test_callbacks_are_scheduled_or_in_line_and_tries_count_with_the_call_or_when_they_were_made(
    engine: Engine,
) -> None:
    put_promises(engine)
    report = ReportAttempts(AttemptRows(engine), At(NINE + 30 * MINUTE))
    book = report(asked())
    (now,) = rows_of(book, "open")
    assert (now["scheduled"], now["in_line"], now["late"]) == (1, 1, 1)
    assert {row["result"]: row["tries"] for row in rows_of(book, "tries")} == {"busy": 1, "talked": 1}
    assert totals_of(book, "tries")["first_success"] == Share(part=0, whole=1)
    assert totals_of(book, "tries")["agent_idle_s"] == secs(25)
    query = ReportQuery(start=NINE, end=NINE + HOUR, zone=BERLIN, hotline="wallet", by=Placing.EVENT)
    by_event = report(Asked(query=query))
    assert {row["result"]: row["tries"] for row in rows_of(by_event, "tries")} == {"busy": 1, "no answer": 1}
    listed = rows_of(report(asked(state="open")), "promises")
    assert [row["state"] for row in listed] == ["under way", "under way"]
    assert len(rows_of(book, "promises")) == 3


def test_the_ledger_tells_kept_late_broken_and_open_apart_and_filters_by_kind_and_state(engine: Engine) -> None:
    put_promises(engine)
    message = {
        "call": "m", "hotline": "wallet", "topic": "refunds", "language": "zh", "at": NINE, "duration_s": 9, "recording": "", "due_at": NINE + HOUR,
        "status": "open", "owner": "", "taken_at": None,
    }  # fmt: skip
    put(
        engine,
        message_box,
        message,
        {"id": "kept", "answered_at": NINE + 30 * MINUTE},
        {"id": "late", "answered_at": NINE + 2 * HOUR},
        {"id": "open", "answered_at": None},
    )
    report = ReportLedger(ReportPromises(PromiseRows(engine), At(NINE + 30 * MINUTE)))
    messages = next(row for row in rows_of(report(asked()), "kinds") if row["promise"] == "Message")
    assert [messages[one] for one in ("made", "kept", "late", "broken", "open")] == [3, 1, 1, 0, 1]
    assert messages["share_kept"] == Share(part=1, whole=2)
    (late,) = rows_of(report(asked(kind="message", state="late")), "list")
    assert (late["promise"], late["call"]) == ("Message", "m")
    states = [row["verdict"] for row in rows_of(report(asked()), "list")]
    assert states == sorted(states, key=["broken", "late", "open", "kept", "cancelled"].index), (
        "what must be looked at stands first"
    )


# ---- access ----------------------------------------------------------------------------------------------------


def test_who_looked_at_what_is_told_and_a_changed_row_breaks_the_chain(engine: Engine) -> None:
    people = People(engine, SECRET)
    for minute, (who, what) in enumerate(
        [
            ("lead", "message.hear"),
            ("lead", "report.export"),
            ("a1", "number.reveal"),
            ("a1", "evidence.open"),
            ("root", "break.set"),
            ("root", "a deed of a later version"),
        ]
    ):
        people.audit(at=NINE + minute * MINUTE, who=who, what=what, object="x", detail={"reason": "asked"})
    report = ReportAccess(AccessRows(engine), At(), verify=people.verify_audit, length=people.chain.count)
    book = report(asked())
    assert {row["who"]: [row[kind] for kind in ("listened", "revealed", "exported", "opened", "other")] for row in rows_of(book, "people")} == {
        "a1": [0, 1, 0, 1, 0],
        "lead": [1, 0, 1, 0, 0],
        "root": [0, 0, 0, 0, 2],
    }  # fmt: skip
    said = {row["what"]: row["deed"] for row in rows_of(book, "rows")}
    assert (said["message.hear"], said["break.set"]) == ("message of a caller heard", "break set for an agent")
    assert said["a deed of a later version"] == "a deed of a later version"
    drawn = {sheet.title: [one.key for one in sheet.columns] for sheet in sheets(book, paper=True)}
    assert "deed" in drawn["By act"], "people read the words"
    assert "what" not in drawn["By act"], "the name for programs stands in files"
    assert rows_of(book, "chain") == [{"rows": "6", "chain": "every row follows from the one before"}]
    assert [row["what"] for row in rows_of(report(asked(kind="exported")), "rows")] == ["report.export"]
    assert [row["who"] for row in rows_of(report(asked(who="a1")), "rows")] == ["a1", "a1"]
    broken = ReportAccess(AccessRows(engine), At(), verify=lambda: 3, length=people.chain.count)(asked())
    assert "broken from row 3 on" in rows_of(broken, "chain")[0]["chain"]


# ---- complaints ------------------------------------------------------------------------------------------------


# Six complaints: closed after 3 h, exactly 24 h, 2 days, exactly 3 days, 5 days (and written to since); one open. One case is none,
# and one is of a test call alone.
#   within 1 day 2/5, 1–3 days 2/5, longer 1/5; closed 5/6
def test_the_yearly_notice_has_the_customary_classes_and_equals_its_list(engine: Engine) -> None:
    took = [3 * HOUR, DAY, 2 * DAY, 3 * DAY, 5 * DAY]
    usual = {
        "hotline": "wallet", "caller": "", "caller_index": "", "topic": "complaints", "path": [], "answers": {}, "language": "zh",
        "opened_at": NINE, "status": "solved", "note": "", "changed_by": "", "changed_at": NINE + 300 * DAY, "due_by": "",
    }  # fmt: skip
    put(
        engine,
        tables.cases,
        usual,
        *({"id": f"k{number}", "number": f"1{number}", "closed_at": NINE + long} for number, long in enumerate(took)),
        {"id": "said", "number": "20", "topic": "refunds", "status": "open", "closed_at": None},
        {"id": "none", "number": "21", "topic": "refunds", "closed_at": NINE},
        {"id": "last-year", "number": "22", "opened_at": NINE - 400 * DAY, "closed_at": NINE},
        {"id": "tried", "number": "23", "closed_at": NINE},
    )
    put_calls(engine, {"call": "t", "test": True})
    of = {"c": "said", "d": "k0", "before": "k0", "t": "tried"}
    put(engine, tables.case_calls, {"at": NINE}, *({"call": call, "case": case} for call, case in of.items()))
    put_stays(
        engine,
        answered("c", agent_topic="complaints"),
        answered("d", disposition="solved", disposition_reason="fees"),
        answered("before", at=NINE - MINUTE, disposition="pending", disposition_reason="service"),
    )
    book = ReportDisclosure(ComplaintRows(engine), At())(asked(NINE - 300 * DAY, 365 * DAY))
    whole = totals_of(book, "notice")
    assert (whole["received"], whole["closed"], whole["closed_share"]) == (6, 5, Share(part=5, whole=6))
    assert (whole["within_a_day"], whole["one_to_three"], whole["longer"]) == (2, 2, 1)
    assert whole["longer_share"] == Share(part=1, whole=5)
    assert {row["kind"]: row["received"] for row in rows_of(book, "notice")} == {
        "complaints": 4,
        "fees": 1,
        "refunds": 1,
    }
    assert len(rows_of(book, "list")) == whole["received"]
    refunds = replace(book.asked, query=replace(book.asked.query, topics=("refunds",)))
    assert totals_of(ReportDisclosure(ComplaintRows(engine), At())(refunds), "notice")["received"] == 1


# ---- data quality ----------------------------------------------------------------------------------------------


def test_what_records_lack_or_contradict_is_counted_with_the_calls(engine: Engine) -> None:
    put_calls(
        engine,
        {"call": "good"},
        {"call": "no-end", "ended_at": None},
        {"call": "mended", "repairs": 2},
        {"call": "backwards", "ended_at": NINE - MINUTE},
    )
    put_stays(
        engine,
        answered("good"),
        answered("no-start"),
        answered("mended", topic="", agent=None),
        {"call": "no-end"},
        answered("backwards", answered_at=NINE - MINUTE),
    )
    put(
        engine,
        tables.facts,
        {"hotline": "wallet", "call": "mended", "agent": None, "kind": "repaired", "at": NINE},
        {"id": "f1", "body": {"call": "mended", "what": "caller's line found dead"}},
        {"id": "f2", "body": {"call": "mended", "what": "enrolled again"}},
        {
            "id": "f3",
            "body": {"call": "mended", "what": "enrolled again"},
            "at": NINE + 365 * DAY,
            "kind": "node_entered",
        },
    )
    book = ReportQuality(QualityRows(engine), At(NINE + DAY))(asked())
    found = {row["check"]: (row["found"], row["of"]) for row in rows_of(book, "checks")}
    assert found["Call without an end"] == (1, 4)
    assert found["Stay of a call without a beginning"] == (1, 5)
    assert found["Stay without a topic"] == (1, 5)
    assert found["Stay without an outcome"] == (1, 5)
    assert found["Talk without an agent"] == (1, 4)
    assert found["Call that was put right"] == (1, 4)
    assert found["Stay whose times run backwards"] == (1, 5)
    assert found["Call that ends before it begins"] == (1, 4)
    assert found["Fact from the future"] == (1, 4)
    assert {row["what"]: row["times"] for row in rows_of(book, "repairs")} == {
        "caller's line found dead": 1,
        "enrolled again": 1,
    }
    (repairs,) = [table for table in book.tables if table.key == "repairs"]
    assert [row.cells[1] for row in repairs.totals] == [2, 1], "all, and the ghost among them"
    assert {"no-end", "no-start", "mended", "backwards"} == {row["call"] for row in rows_of(book, "calls")}


# ---- the menu's flow -------------------------------------------------------------------------------------------


# Three calls at `main`: one presses a choice after 2 s and goes on, one stays silent and then presses after another, one hangs up.
def press(call: str, number: int, at: datetime, node: str, key: str = "", result: str = "") -> dict[str, Any]:
    body = {"call": call, "node": node, **({"key": key, "result": result} if result else {})}
    return {
        "id": f"{call}:{number}:0",
        "call": call,
        "at": at,
        "kind": "key_pressed" if result else "node_entered",
        "body": body,
    }


def test_visits_choices_ways_and_the_first_key_are_counted_from_facts(engine: Engine) -> None:
    first, key, onward = "main", "2", "billing"
    usual = {"hotline": TREE.hotline, "agent": None}
    put_calls(
        engine,
        *({"call": call, "hotline": TREE.hotline, "path": path, "end": end, "left": left, "hung_up_by": "caller"} for call, path, end, left in [
            ("one", ["refunds"], "answered", "talk"), ("two", ["refunds"], "abandoned", "queue"), ("gone", [], "left_menu", first),
        ]),
    )  # fmt: skip
    put(
        engine,
        tables.facts,
        usual,
        press("one", 1, NINE, first),
        press("one", 2, NINE + secs(2), first, key, "choice"),
        press("one", 3, NINE + secs(2), onward),
        press("two", 1, NINE, first),
        press("two", 2, NINE + secs(8), first, "", "silence"),
        press("two", 3, NINE + secs(12), first, key, "choice"),
        press("gone", 1, NINE, first),
    )
    report = ReportMenuFlow(
        MenuFlowRows(engine),
        RepeatRows(engine),
        At(NINE + 60 * DAY),
        trees=lambda: [TREE],
        spoken=lambda _: {(first, "zh"): 5.0},
        limits=dict,
    )
    query = ReportQuery(start=NINE, end=NINE + HOUR, zone=BERLIN, hotline=TREE.hotline)
    book = report(Asked(query=query))
    row = next(row for row in rows_of(book, "nodes") if row["node"] == first)
    assert (row["visits"], row["calls"], row["chosen"], row["silence"], row["hung_up"]) == (3, 3, 2, 1, 1)
    assert row["drop_off"] == Share(part=1, whole=3)
    assert row["first_key_s"] == secs(2), (
        "silence is no key, and what comes after it is not the first answer to the words"
    )
    assert row["early"] == Share(part=1, whole=1)
    ways = [(row["from"], row["to"], row["times"]) for row in rows_of(book, "ways")]
    assert ways == [("main", "queue: billing (billing)", 1)]
    assert isinstance(book.drawing, Flow)
    assert [(stop.node, stop.column) for stop in book.drawing.stops] == [("main", 0), ("billing", 1)]
    (path,) = rows_of(book, "paths")
    assert (path["path"], path["calls"], path["answered"], path["abandoned"]) == ("refunds", 2, 1, 1)
    (alone,) = rows_of(book, "contained")
    assert (alone["calls"], alone["gave_up_share"]) == (3, Share(part=1, whole=3))
    choices = {row["key"]: row["share"] for row in rows_of(book, "choices") if row["node"] == "main"}
    assert (choices["2"], choices["1"]) == (Share(part=2, whole=2), Share(part=0, whole=2))


# Eight calls of people: four served, one with no number; n1 calls again after a day to the second, n2 a second later; n4's day is not over.
# Two ended in the menu, one of them hung up by us; one left a message; one was in a queue.
def test_who_was_helped_by_the_menu_alone_is_told_from_who_gave_up(engine: Engine) -> None:
    ended = NINE + HOUR
    served = {"end": "self_served", "segments": 0}
    put_calls(
        engine,
        *({"call": f"s{number}", "number_index": index, **served} for number, index in enumerate(("n1", "n2", ""))),
        {"call": "s4", "number_index": "n4", **served, "ended_at": ended + DAY},
        {"call": "left", "end": "left_menu", "segments": 0},
        {"call": "cut", "end": "left_menu", "segments": 0, "hung_up_by": "service"},
        {"call": "told", "end": "voicemail", "segments": 0},
        {"call": "queued"},
        {"call": "cb-9-1", **served},
        {"call": "later-1", "number_index": "n1", "started_at": ended + DAY},
        {"call": "later-2", "number_index": "n2", "started_at": ended + DAY + secs(1)},
    )
    put_calls(engine, {"call": "try", "test": True, **served})
    query = ReportQuery(start=NINE, end=NINE + HOUR, zone=BERLIN)
    SumBuild(engine, BERLIN, lambda: [ENDS]).refresh(NINE + 3 * DAY, most=9)
    for kept in (True, False):
        found = MenuFlowRows(engine, kept).contained(query, "wallet", ended + 2 * DAY - MINUTE)
        assert found == Contained(calls=8, in_menu=7, served=4, known=3, again=1, provisional=1, gave_up=1, messages=1)
        assert found.settled == Share(part=2, whole=3)


def test_a_question_whose_choices_all_lead_to_one_queue_has_no_effect_and_order_follows_demand() -> None:
    urgent = Choice(goto=NodeId("urgent"))
    asks = Menu(
        id=NodeId("when"), prompt=PromptId("main"), choices={"1": urgent, "2": replace(urgent, sets={"when": "today"})}
    )
    when = tree(nodes={**TREE.nodes, NodeId("when"): asks})
    assert without_effect(when, asks) == "urgent"
    main = TREE.nodes[NodeId("main")]
    assert isinstance(main, Menu)
    assert without_effect(TREE, main) is None
    keys = tuple(main.choices)
    assert proposed_order(main, {keys[1]: 9}) is None, "too few to say anything"
    assert proposed_order(main, {keys[1]: 10}) == (keys[1], keys[0], *keys[2:])
    assert proposed_order(main, {keys[0]: 10}) is None, "it stands so already"
