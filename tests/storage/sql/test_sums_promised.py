"""Promises and ratings: kept sums, the rows and a count by hand say the same, whatever changed since, on both databases.

Promises of every kind are judged by `core.promises`, one by one, and so by the statement of the ledger.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core import facts
from ivr.core.callback_metrics import CONNECTED, CallbackResult, CallbackSums
from ivr.core.callback_orders import CallbackCancelled, CallbackPromised
from ivr.core.callback_rules import CallbackState, Callee, Promise, Window
from ivr.core.callback_tries import Again, Close, TryEnd
from ivr.core.ids import E164, AgentId, CallId, TopicId
from ivr.core.intervals import Interval, Step, intervals
from ivr.core.promises import FIRST, Kind, PromiseRow, promise_figures, verdict
from ivr.core.survey_orders import SurveyAsking
from ivr.storage.sql.after_tables import follow_ups, message_box, surveys
from ivr.storage.sql.callback_sums import CallbackRows
from ivr.storage.sql.callbacks import Callbacks
from ivr.storage.sql.engine import writing
from ivr.storage.sql.promise_rows import PromiseRows
from ivr.storage.sql.records import Records
from ivr.storage.sql.report_satisfaction import SatisfactionRows
from ivr.storage.sql.rollup_tables import rollup_dirty
from ivr.storage.sql.room_tables import callback_times
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.sum_build import SumBuild
from ivr.storage.sql.sum_promises import OF_PROMISES
from ivr.storage.sql.sum_ratings import RATED
from ivr.storage.sql.surveys import Surveys
from ivr.storage.sql.tables import callback_attempts, callbacks
from ivr.workflows.report_promises import ReportPromises
from ivr.workflows.reports import ReportQuery
from tests.storage.sql.conftest import SECRET
from tests.storage.sql.test_reports import At
from tests.storage.sql.test_sums import BERLIN, DAYS, DELHI, FROM, NOW, ZH, rows_of

HOUR = timedelta(hours=1)
TOPICS = ("refunds", "security")


@dataclass
class Desk:
    """Promises what it can, keeps some of it, and asks what callers think."""

    engine: Engine
    draw: Random
    made: list[Promise] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @property
    def callbacks(self) -> Callbacks:
        return Callbacks(self.engine, Seals(SECRET))

    def at(self) -> datetime:
        return FROM + timedelta(seconds=self.draw.randrange(DAYS * 86400), milliseconds=self.draw.choice([0, 250]))

    def promise(self, number: int) -> None:
        at, draw = self.at(), self.draw
        start = at + draw.choice([timedelta(0), HOUR, 30 * HOUR])
        window = draw.choice([None, Window(start=start, end=start + draw.choice([timedelta(minutes=20), 40 * HOUR]))])
        made = Promise(
            id=f"p{number}", hotline=draw.choice(["wallet", "other"]), topic=TopicId(draw.choice(TOPICS)),
            callee=Callee(number=E164(f"+86138001{number:05}"), country="CN", zones=("Asia/Shanghai",)), dialled="",
            call=draw.choice([None, CallId(f"CP{number}")]), language=ZH, path=(), priority=0, queued_at=at, requested_at=at, due_at=at,
            expires_at=at + 90 * HOUR, window=window, code="", told_by=draw.choice([None, start + HOUR]),
        )  # fmt: skip
        with writing(self.engine) as connection:
            self.callbacks.write_promise(
                connection, CallbackPromised(id=made.id, at=at, hotline=made.hotline, promise=made)
            )
        self.made.append(made)

    def go_on(self, made: Promise) -> None:
        """Another time, a try, or its end."""
        found, draw, desk = self.callbacks.find(made.id), self.draw, self.callbacks
        assert found is not None
        at = made.requested_at + draw.choice(
            [timedelta(minutes=10), HOUR, 35 * HOUR, timedelta(seconds=draw.random() * 9e4)]
        )
        what = draw.choice(["put off"] * 4 + ["try", "try", "close", "cancel", "dial", "dial"])
        if found.state is CallbackState.DIALLING:
            desk.undo_dial(made.id, found.attempts)
        elif what == "put off":
            desk.name_time(
                found,
                Window(start=at, end=at + draw.choice([HOUR, 60 * HOUR])),
                at=made.requested_at + HOUR * draw.random(),
            )
        elif what == "close":
            desk.close_waiting(found, draw.choice([CallbackResult.EXPIRED, CallbackResult.FAILED]), "", at)
        elif what == "cancel":
            with writing(self.engine) as connection:
                desk.write_cancel(connection, CallbackCancelled(id="c", at=at, hotline=made.hotline, callback=made.id))
            desk.close(made.id, CallbackResult.REACHED_BY_PHONE, "", at)
        elif (begun := desk.start_try(found, at)) is not None and desk.begin_dial(made.id, begun.attempts, at) == "go":
            if what == "dial":
                return  # it rings
            if draw.random() < 0.5:
                desk.connected(made.id, begun.attempts, at + timedelta(seconds=20), AgentId("a"))
                desk.talk_over(made.id, at + HOUR)
            else:
                again = Again(due_at=at + HOUR, failed=True)
                end = draw.choice([again, Close(result=CallbackResult.FAILED, reason="")])
                desk.ended(
                    begun,
                    end,
                    TryEnd(at=at, result=draw.choice(["busy", "no_answer"]), idle_s=draw.choice([None, 3.25])),
                )

    def ask(self, number: int) -> None:
        asking = SurveyAsking(
            id=f"s{number}", at=self.at(), hotline="wallet", call=CallId(f"CS{number}"), number=None,
            topic=TopicId(self.draw.choice(TOPICS)), agent=self.draw.choice([None, AgentId("a"), AgentId("b")]), language=ZH,
            channel=self.draw.choice(["phone", "text"]), since=FROM,
        )  # fmt: skip
        assert Surveys(self.engine, Seals(SECRET)).note(asking)
        self.asked.append(asking.id)

    def answer(self, survey: str) -> None:
        book = Surveys(self.engine, Seals(SECRET))
        if self.draw.random() < 0.2:
            book.take_back(survey)
        else:
            book.rate(survey, score=self.draw.randrange(7), solved=self.draw.choice(["", "yes", "no"]), at=self.at())

    def leave(self, number: int) -> None:
        """A message, and a low rating with a wish for a supervisor or without."""
        at = self.at()
        usual = {"hotline": "wallet", "topic": self.draw.choice(TOPICS), "call": f"CM{number}", "at": at}
        due = at + self.draw.choice([HOUR, 60 * HOUR])
        done = self.draw.choice([None, due, due + HOUR * self.draw.uniform(-1, 1)])
        message = {
            "id": f"m{number}",
            "language": "zh",
            "duration_s": 9,
            "recording": "",
            "status": "open",
            "owner": "",
        }
        low = {
            "id": f"f{number}",
            "score": 1,
            "solved": "",
            "comment": "",
            "status": "open",
            "handled_by": "",
            "handled_at": done,
        }
        wish = {"wished": self.draw.random() < 0.7, "due_at": self.draw.choice([None, due])}
        with writing(self.engine) as connection:
            connection.execute(message_box.insert(), {**usual, **message, "due_at": due, "answered_at": done})
            connection.execute(follow_ups.insert(), {**usual, **low, **wish})

    def told_to_be_a_test(self, call: str) -> None:
        """The record of the call comes after what was promised in it."""
        begun = facts.CallStarted(
            at=FROM, call=CallId(call), hotline="wallet", number="", kind="number", dialled="", country="CN", menu_version="v", language=ZH, test=True,
        )  # fmt: skip
        Records(self.engine, SECRET).write(rows_of(call, [begun]))

    def query(self) -> ReportQuery:
        start = FROM + timedelta(minutes=self.draw.choice([0, 7, 60, 1440]) * self.draw.randrange(4))
        return ReportQuery(
            start=start, end=start + self.draw.choice([timedelta(days=4), timedelta(hours=29), timedelta(days=DAYS + 1)]),
            zone=self.draw.choice([BERLIN, DELHI]), step=self.draw.choice([Step.DAY, Step.HOUR, Step.MONTH]),
            hotline=self.draw.choice([None, "wallet"]), topics=self.draw.choice([(), ("security",)]),
        )  # fmt: skip


def rows_in(engine: Engine, table: sa.Table) -> Sequence[Mapping[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def by_hand(engine: Engine, query: ReportQuery, pieces: Sequence[Interval], at: datetime, tests: set[str]) -> object:
    """Callbacks one by one, as `DOMAIN.md` 3.10 has it."""
    named, tried = defaultdict(list), defaultdict(list)
    for row in rows_in(engine, callback_times):
        named[row["callback"]].append(row)
    for row in rows_in(engine, callback_attempts):
        tried[row["callback"]].append(row)
    found: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    results: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for row in rows_in(engine, callbacks):
        place = next((at for at, one in enumerate(pieces) if one.start <= row["requested_at"] < one.end), None)
        if place is None or query.hotline not in (None, row["hotline"]) or row["call"] in tests:
            continue
        if query.topics and row["topic"] not in query.topics:
            continue
        told = min(named[row["id"]], key=lambda one: one["at"], default=row)
        start, end = told["promised_from"] or row["requested_at"], told["promised_to"]
        first = next((one for one in tried[row["id"]] if one["attempt"] == 1), None)
        of, asked = found[place, row["topic"]], row["requested_at"]
        of[row["result"] or "pending"] += 1
        if first is not None:
            of.update(
                attempted=1, at_once=first["result"] == CONNECTED, completed_attempted=row["result"] == "completed"
            )
            of["to_first_ms"] += ms(first["at"] - asked)
            if end is not None:
                of.update(
                    promised_attempted=1, due=1, kept=start <= first["at"] <= end, late_ms=max(0, ms(first["at"] - end))
                )
        elif end is not None and end < at and row["result"] in (None, "failed", "expired"):
            of["due"] += 1
        if row["connected_at"] is not None:
            of.update(connected=1, to_connected_ms=ms(row["connected_at"] - asked))
        for one in tried[row["id"]]:
            results[place, row["topic"]][one["result"] or "running"] += 1
            of["idle_ms"] += round(1000 * (one["agent_idle_s"] or 0))
    return {place: CallbackSums(**numbers, attempts=results[place]) for place, numbers in found.items()}


def ledger(engine: Engine, query: ReportQuery, tests: set[str]) -> list[PromiseRow]:
    """Every promise made in the query's time; of a callback each time that was named, judged by itself."""
    found: list[PromiseRow] = []

    def add(
        kind: Kind, row: Mapping[str, Any], own: str, at: datetime, due: datetime | None, done: datetime | None
    ) -> None:
        inside = query.start <= at < query.end and row["call"] not in tests
        chosen = query.hotline in (None, row["hotline"]) and row["topic"] in (query.topics or TOPICS)
        if inside and chosen:
            result = row.get("result")
            one = PromiseRow(
                kind=kind, id=own, call=row["call"] or "", topic=row["topic"], at=at, due_at=due or at, done_at=done,
                broken=result in ("failed", "expired"), cancelled=result == "cancelled",
            )  # fmt: skip
            found.append(one)

    named = defaultdict(list)
    for row in rows_in(engine, callback_times):
        named[row["callback"]].append(row)
    for row in rows_in(engine, callbacks):
        at = row["requested_at"]
        met = row["result"] in ("completed", "reached_by_phone")
        done = (row["connected_at"] or row["closed_at"]) if met else None
        for number, time in enumerate(sorted(named[row["id"]], key=lambda one: one["at"])):
            add(Kind.CALLBACK, row, f"{row['id']}.{number}", at, time["promised_to"], done)
            at = time["at"]
        add(Kind.CALLBACK, row, row["id"], at, row["promised_to"] or row["expires_at"], done)
    for row in rows_in(engine, message_box):
        add(Kind.MESSAGE, row, row["id"], row["at"], row["due_at"], row["answered_at"])
    for row in rows_in(engine, follow_ups):
        if row["wished"]:
            add(Kind.FOLLOW_UP, row, row["id"], row["at"], row["due_at"], row["handled_at"])
    return found


def ms(span: timedelta) -> int:
    return round(span / timedelta(milliseconds=1))


def test_callbacks_and_ratings_say_the_same_kept_counted_and_by_hand(engine: Engine) -> None:
    desk = Desk(engine, Random(4))
    build = SumBuild(engine, BERLIN, lambda: [*OF_PROMISES, RATED])
    Records(engine, SECRET).write(rows_of("CA1", [facts.Repaired(at=FROM, call=CallId("CA1"), what="")]))
    desk.told_to_be_a_test("CA0")
    tests: set[str] = set()
    for number in range(40):
        desk.promise(number)
        desk.ask(number)
        desk.leave(number)
    for turn in range(4):
        if turn % 2 == 0:
            build.refresh(NOW, most=40)
        if turn == 1:
            for number in range(40, 46):
                desk.promise(number)
                desk.ask(number)
            for call in ("CP3", "CP4", "CP5", "CS3"):
                desk.told_to_be_a_test(call)
                tests.add(call)
        if turn:
            for made in desk.made:
                desk.go_on(made)
            for survey in desk.draw.sample(desk.asked, 8):
                desk.answer(survey)
        for _ in range(2):
            query, now = desk.query(), NOW - desk.draw.choice([0, 1, 30]) * HOUR
            pieces = intervals(query.start, query.end, query.step, query.zone)
            kept, counted = (CallbackRows(engine, which).sums(query, pieces, now) for which in (True, False))
            expected = by_hand(engine, query, pieces, now, tests)
            assert kept == counted == expected, (turn, query)
            for by in ("channel", "agent"):
                rated = [set(SatisfactionRows(engine, which).ratings(query, by=by)) for which in (True, False)]
                assert rated[0] == rated[1], (turn, by, query)
            judged = PromiseRows(engine)
            every = ledger(engine, query, tests)
            assert judged.counts(query, now) == Counter((one.kind, verdict(one, now=now)) for one in every), (
                turn,
                query,
            )
            listed = judged.promises(query, now, kind="", state="", most=10_000)
            assert listed == sorted(
                ((one, verdict(one, now=now)) for one in every),
                key=lambda told: (FIRST.index(told[1]), told[0].at, told[0].id),
            )
            figures = dict(ReportPromises(judged, At(now))(query).figures)
            assert figures[None] == promise_figures(every, now=now)
    with engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(rollup_dirty)), (
            "the last turn was not made again"
        )


def test_callbacks_of_made_days_are_not_counted_again(engine: Engine) -> None:
    desk = Desk(engine, Random(3))
    desk.told_to_be_a_test("CA0")
    for number in range(20):
        desk.promise(number)
        desk.ask(number)
    SumBuild(engine, BERLIN, lambda: [*OF_PROMISES, RATED]).refresh(NOW, most=40)
    query = ReportQuery(start=FROM, end=FROM + timedelta(days=DAYS), zone=BERLIN, step=Step.DAY)
    pieces = intervals(query.start, query.end, Step.DAY, BERLIN)

    def said() -> object:
        later = NOW + timedelta(days=30)
        return CallbackRows(engine).sums(query, pieces, later), list(
            SatisfactionRows(engine).ratings(query, by="agent")
        )

    before = said()
    with writing(engine) as connection:  # behind everybody's back
        connection.execute(callbacks.delete())
        connection.execute(surveys.delete())
    assert said() == before
    assert CallbackRows(engine, kept=False).sums(query, pieces, NOW) == {}
