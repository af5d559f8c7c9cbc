"""Facts to SQL exactly once: whatever order, portions and repetitions they come in, the rows are the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Engine

from ivr.core import facts
from ivr.core.errors import Unavailable
from ivr.core.facts import CallEnd, Fact, Outcome
from ivr.core.ids import AgentId, CallId, Language, NodeId, OfferId, PromptId, TopicId
from ivr.core.transfer_facts import (
    Consulted,
    HoldEnded,
    HoldStarted,
    RecordingPaused,
    Transferred,
    VisitBegan,
    VisitEnded,
)
from ivr.storage.sql import tables
from ivr.storage.sql.bodies import from_body, kind_of, to_body
from ivr.storage.sql.carrier_tables import call_usage, carrier_requests
from ivr.storage.sql.engine import reading, writing
from ivr.storage.sql.records import Records, number_place
from ivr.storage.sql.seals import Seals
from ivr.workflows.ports import FactRow
from tests.storage.sql.conftest import SECRET

AT = datetime(2026, 11, 2, 9, 0, 0, 123456, tzinfo=UTC)
SECURITY = TopicId("security")
NUMBER = "+8613800138000"
FOLDED = (
    *(tables.calls, tables.segments, tables.offers, tables.announcements, tables.messages, tables.agent_states),
    *(call_usage, carrier_requests),
)


def s(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def call_facts(name: str, agent: str = "a1") -> list[Fact]:
    """A call that rings one agent in vain, is answered by a second, loses them, and leaves a message."""
    call, a1, a2 = CallId(name), AgentId(agent), AgentId("a2")
    o1, o2 = OfferId(f"{name}-1"), OfferId(f"{name}-2")
    return [
        facts.CallStarted(at=s(0), call=call, hotline="wallet", dialled="+85230001000", kind="number", number=NUMBER,
                          country="CN", menu_version="v1", language=Language("zh")),
        facts.KeyPressed(at=s(1), call=call, node="main", key="1", result="choice"),
        facts.LanguageChosen(at=s(2), call=call, language=Language("en")),
        facts.Answer(at=s(3), call=call, name="when", value="today"),
        facts.SegmentStarted(at=s(4), call=call, segment=1, topic=SECURITY, path=("account", "unknown"),
                             language=Language("en"), priority=60, queued_at=s(4)),
        facts.WaitAnnounced(at=s(4), call=call, segment=1, seconds=60, estimator="ql", estimates={"ql": 55},
                            prompt=PromptId("wait")),
        facts.OfferMade(at=s(5), call=call, segment=1, offer=o1, agent=a1, topic=SECURITY, reason={"considered": [1, 2]}),
        facts.PresenceChanged(at=s(5), agent=a1, presence="reserved", call=call, offer=o1),
        facts.OfferEnded(at=s(25), call=call, offer=o1, agent=a1, result="lapsed"),
        facts.PresenceChanged(at=s(25), agent=a1, presence="missed"),
        facts.OfferMade(at=s(26), call=call, segment=1, offer=o2, agent=a2, topic=SECURITY),
        facts.OfferEnded(at=s(29), call=call, offer=o2, agent=a2, result="accepted"),
        facts.Answered(at=s(30), call=call, segment=1, offer=o2, agent=a2, topic=SECURITY),
        facts.SegmentEnded(at=s(30), call=call, segment=1, outcome=Outcome.ANSWERED),
        facts.TalkOver(at=s(90), call=call, segment=1, offer=o2, agent=a2, ended_by="agent_lost"),
        facts.Disposed(at=s(100), call=call, offer=o2, agent=a2, disposition="open", by_default=True),
        facts.SegmentStarted(at=s(90), call=call, segment=2, topic=SECURITY, path=("account", "unknown"),
                             language=Language("en"), priority=60, queued_at=s(4)),
        facts.SegmentEnded(at=s(150), call=call, segment=2, outcome=Outcome.MESSAGE),
        facts.MessageLeft(at=s(170), call=call, topic=SECURITY, duration_s=18, recording="RE1"),
        facts.TextSent(at=s(171), call=call, kind="message_taken"),
        facts.Repaired(at=s(172), call=call, what="left in queue"),
        facts.CallEnded(at=s(173), call=call, end=CallEnd.VOICEMAIL, left="message", hung_up_by="caller"),
    ]  # fmt: skip


def rows_of(name: str, agent: str = "a1") -> list[FactRow]:
    rows = [
        FactRow(id=f"{name}:{n}-x1:0", hotline="wallet", fact=fact) for n, fact in enumerate(call_facts(name, agent))
    ]
    return [
        replace(row, id=f"0-disposed-{row.fact.offer}:0", hotline="") if isinstance(row.fact, facts.Disposed) else row
        for row in rows
    ]


def asked_of(name: str, times: int = 3) -> list[FactRow]:
    """Requests to the carrier on the call's behalf."""
    return [
        FactRow(
            id=f"0-asked-{name}-{n}:0", hotline="", fact=facts.CarrierAsked(at=s(n), call=CallId(name), what="steer")
        )
        for n in range(times)
    ]


def stored(engine: Engine, *, without: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    """All rows, with the numbers opened: a seal is never twice the same."""
    with reading(engine) as connection:
        found = {
            table.name: [
                dict(row._mapping) for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in FOLDED
            if table.name not in without
        }
    for row in found.get("calls", ()):
        row["number"] = Seals(SECRET).open(row["number"], place=number_place(row["call"]))
    return found


def emptied(engine: Engine) -> None:
    with writing(engine) as connection:
        for table in (tables.facts, *FOLDED):
            connection.execute(table.delete())


def test_a_call_stands_in_its_rows_as_it_happened(engine: Engine, records: Records) -> None:
    assert records.write(rows_of("CA1")) == 22
    found = stored(engine)
    assert found["calls"] == [
        {
            "call": "CA1", "hotline": "wallet", "kind": "number", "dialled": "+85230001000", "country": "CN",
            "menu_version": "v1", "language": "en", "number": NUMBER, "number_index": ANY,
            "answers": {"when": "today"}, "path": ["account", "unknown"], "started_at": s(0), "ended_at": s(173),
            "end": "voicemail", "left": "message", "hung_up_by": "caller",
            "segments": 2, "offers": 2, "texts": 1, "repairs": 1, "verified": "", "test": False,
        }
    ]  # fmt: skip
    first, second = found["segments"]
    assert {name: first[name] for name in ("outcome", "wait_s", "talk_s", "wrap_s", "agent", "offers", "ended_by")} == {
        "outcome": "answered", "wait_s": 26.0, "talk_s": 60.0, "wrap_s": 10.0, "agent": "a2", "offers": 2,
        "ended_by": "agent_lost",
    }  # fmt: skip
    assert (second["outcome"], second["wait_s"], second["entered_at"], second["queued_at"]) == (
        "message",
        60.0,
        s(90),
        s(4),
    )
    assert [(row["result"], row["reason"]) for row in found["offers"]] == [
        ("lapsed", {"considered": [1, 2]}), ("accepted", {}),
    ]  # fmt: skip
    assert [(row["seconds"], row["actual_s"], row["estimates"]) for row in found["announcements"]] == [
        (60, 26.0, {"ql": 55})
    ]
    assert [(row["duration_s"], row["recording"]) for row in found["messages"]] == [(18, "RE1")]
    assert [(row["presence"], row["started_at"], row["ended_at"]) for row in found["agent_states"]] == [
        ("reserved", s(5), s(25)), ("missed", s(25), None),
    ]  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_order_portions_and_repetitions_give_the_same_rows(
    engine: Engine, records: Records, data: st.DataObject
) -> None:
    rows = [*rows_of("CA1"), *rows_of("CA2", agent="a1"), *asked_of("CA1"), *asked_of("CA2", 1)]
    emptied(engine)
    assert records.write(rows) == len(rows)
    expected = stored(engine)
    assert [row["requests"] for row in expected["call_usage"]] == [3, 1]

    emptied(engine)
    shuffled = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows), max_size=20))))
    new = 0
    while shuffled:
        size = data.draw(st.integers(1, len(shuffled)))
        new += records.write(shuffled[:size])
        shuffled = shuffled[size:]
    assert new == len(rows)
    assert stored(engine) == expected


def test_facts_known_already_write_nothing(engine: Engine, records: Records) -> None:
    records.write(rows_of("CA1"))
    before = stored(engine)
    assert records.write(rows_of("CA1")) == 0
    assert stored(engine) == before


def test_recorders_at_work_on_the_same_calls_lose_nothing(engine: Engine, records: Records) -> None:
    rows = [row for n in range(6) for row in rows_of(f"CA{n}", agent="a1")]
    records.write(rows)
    expected = stored(engine)
    emptied(engine)
    failed: list[Exception] = []

    def work(which: int) -> None:
        try:
            for start in range(which * 4, len(rows), 16):
                records.write(rows[start : start + 6])
        except Exception as err:  # noqa: BLE001 - shown by the main thread
            failed.append(err)

    threads = [threading.Thread(target=work, args=(which,)) for which in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert stored(engine) == expected


def test_a_commit_whose_outcome_is_unknown_is_written_again_without_harm(
    engine: Engine, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = rows_of("CA1")
    commit = engine.dialect.do_commit

    def lost(connection: Any) -> None:
        commit(connection)
        raise sa.exc.OperationalError("COMMIT", {}, Exception("the line went dead"))

    with monkeypatch.context() as patch:
        patch.setattr(engine.dialect, "do_commit", lost)
        with pytest.raises(Unavailable):
            records.write(rows)
    assert records.write(rows) == 0
    assert len(stored(engine)["calls"]) == 1


def test_the_number_stands_nowhere_in_plain_text_and_is_found_by_its_blind_index(
    engine: Engine, records: Records
) -> None:
    records.write(rows_of("CA1"))
    with reading(engine) as connection:
        for table in (tables.facts, *FOLDED):
            for row in connection.execute(sa.select(table)):
                for name, value in row._mapping.items():
                    assert NUMBER[1:] not in str(value), (table.name, name)
    assert records.calls_of(NUMBER) == [CallId("CA1")]
    assert records.number_of(CallId("CA1")) == NUMBER
    assert Records(engine, b"another secret").calls_of(NUMBER) == []


def test_the_rows_can_be_made_again_from_the_facts_and_keep_the_number(engine: Engine, records: Records) -> None:
    records.write(rows_of("CA1"))
    expected = stored(engine)
    with writing(engine) as connection:
        connection.execute(tables.segments.delete())
        connection.execute(tables.offers.delete())
        connection.execute(tables.calls.update().values(end="", segments=0))
    records.refold([CallId("CA1")])
    assert stored(engine) == expected


def test_what_only_one_database_would_swallow_is_cut_to_fit(engine: Engine, records: Records) -> None:
    call = CallId("CA1")
    told = [
        facts.Answer(at=s(0), call=call, name="note\x00", value="nul \x00 inside"),
        facts.CallEnded(at=s(1), call=call, end=CallEnd.FAILED, left="x" * 500, hung_up_by="y" * 500),
    ]
    assert records.write([FactRow(id=f"CA1:{n}", hotline="wallet", fact=fact) for n, fact in enumerate(told)]) == 2
    (row,) = stored(engine)["calls"]
    assert (row["answers"], len(row["left"]), len(row["hung_up_by"])) == ({"note": "nul  inside"}, 160, 80)


def test_a_repair_without_a_call_is_kept_as_a_fact(engine: Engine, records: Records) -> None:
    assert (
        records.write(
            [FactRow(id="sweep:1:0", hotline="wallet", fact=facts.Repaired(at=s(0), call=None, what="heads"))]
        )
        == 1
    )
    assert stored(engine)["calls"] == []


def test_ids_and_counts_beyond_31_and_53_bits_fit(engine: Engine, records: Records) -> None:
    call, big = CallId("CA1"), 2**53 + 1
    told = facts.SegmentStarted(
        at=s(0), call=call, segment=big, topic=SECURITY, path=(), language=Language("en"), priority=0, queued_at=s(0)
    )
    records.write([FactRow(id=f"CA1:{2**63}:0", hotline="wallet", fact=told)])
    assert [row["segment"] for row in stored(engine)["segments"]] == [big]


def every_fact() -> Iterator[Fact]:
    yield from call_facts("CA1")
    call = CallId("CA1")
    yield facts.NodeEntered(at=s(0), call=call, node="main")
    yield facts.PromptHeard(at=s(0), call=call, prompt=PromptId("p"), language=Language("zh"), menu_version="v1")
    yield facts.NobodyFits(at=s(0), call=call, segment=1, reason={"agents": 3})
    yield facts.Reranked(at=s(0), call=call, segment=1, reason="ceiling")
    yield facts.TicketUsed(at=s(0), call=call, ticket="c0ffee", topic=TopicId("refunds"), verified=True)
    yield facts.RecordingChosen(at=s(0), call=call, wanted=False)
    yield facts.RecordingKept(at=s(0), call=call, recording="RE1", duration_s=31)
    yield facts.SpeedChosen(at=s(0), call=call, slow=True)
    yield facts.IncidentHeard(at=s(0), call=call, incident="c0ffee")
    yield facts.Repaired(at=s(0), call=None, what="x")
    yield facts.CarrierAsked(at=s(0), call=None, what="look")
    yield facts.CaseKept(at=s(0), call=call, case="case-CA1", opened=True)
    yield facts.SurveyAsked(at=s(0), call=call, channel="phone")
    yield facts.SurveyAnswered(at=s(0), call=call, channel="phone", score=4, solved="yes")
    yield facts.LookedUp(at=s(0), call=call, node=NodeId("level"), result="timeout")
    yield facts.Verified(at=s(0), call=call, how="code", result="failed", reason="")
    yield facts.EvidenceGiven(at=s(0), call=call, evidence="e1", fields=("what",), files=1)
    yield facts.CallbackRefused(at=s(0), call=call, topic=TopicId("refunds"), reason="cap_number")
    yield HoldStarted(at=s(0), call=call, segment=1, agent=AgentId("a1"))
    yield HoldEnded(at=s(0), call=call, segment=1, agent=AgentId("a1"))
    yield RecordingPaused(at=s(0), call=call, on=True)
    yield VisitBegan(at=s(0), call=call, who="lead", mode="listen")
    yield VisitEnded(at=s(0), call=call, who="lead")
    yield Consulted(at=s(0), call=call, agent=AgentId("a1"), topic=TopicId("refunds"), result="joined")
    yield Consulted(at=s(0), call=call, agent=AgentId("a1"), topic=TopicId("refunds"), result="busy", outside="bank")
    yield Transferred(
        at=s(0), call=call, segment=1, agent=AgentId("a1"), topic=TopicId("refunds"), how="outside_warm", outside="bank"
    )
    yield Transferred(at=s(0), call=call, segment=1, agent=AgentId("a1"), topic=TopicId("refunds"), how="cold")


def test_every_kind_of_fact_survives_json_but_for_the_number() -> None:
    told = list(every_fact())
    assert {type(fact) for fact in told} == set(Fact.__subclasses__()), "a new kind of fact belongs into this test"
    for fact in told:
        back = from_body(kind_of(fact), fact.at, to_body(fact))
        if isinstance(fact, facts.CallStarted):
            assert isinstance(back, facts.CallStarted)
            assert (back.number, back.dialled) == ("", fact.dialled)
        else:
            assert back is not None
            assert to_body(back) == to_body(fact)
            assert type(back) is type(fact)


def test_a_fact_of_a_later_version_is_passed_over_in_the_fold() -> None:
    assert from_body("caller_sang", AT, {"call": "CA1"}) is None
    assert from_body("node_entered", AT, {"call": "CA1", "node": "main", "mood": "good"}) == facts.NodeEntered(
        at=AT, call=CallId("CA1"), node="main"
    )
