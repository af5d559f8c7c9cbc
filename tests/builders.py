"""A small hotline made by hand, for tests of the rules: two languages, two topics, every kind of node."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ivr.core.calls import advance, begin
from ivr.core.destinations import Destination
from ivr.core.events import CallArrived, Caller, CallerKind, Event
from ivr.core.hours import Calendar
from ivr.core.ids import E164, CallId, Language, NodeId, PromptId, TopicId
from ivr.core.instructions import Gather, Speak
from ivr.core.menus import (
    Announcements,
    Choice,
    Collect,
    Goto,
    Hangup,
    Hours,
    Menu,
    MenuTree,
    Node,
    Prompt,
    Queue,
    Relaxation,
    Say,
    Segment,
    Sms,
    Topic,
    Transfer,
    Voice,
    Voicemail,
)
from ivr.core.session import CallSession, Step

ZH, EN = Language("zh"), Language("en")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOTLINE = E164("+861058065000")
ANA = Caller(kind=CallerKind.NUMBER, number=E164("+8613800138000"), country="CN", mobile=True)
CALL = CallId("CA" + "0" * 31 + "1")

WORDS = [
    "main",
    "info",
    "cases",
    "case_ok",
    "bad",
    "enter",
    "update",
    "longer",
    "next",
    "options",
    "still",
    "thanks",
    "record",
    "done",
    "closed",
    "bye",
    "cut_off",
    "sent",
    "no_input_1",
    "no_input_2",
    "no_match_1",
    "no_match_2",
    "already_top",
    "whisper",
    "accept_key",
    "text",
    "prepare",
    "hello",
    "offer_over",
    "one_moment",
]


def prompt(name: str) -> Prompt:
    extra = " {wait}" if name in ("update", "longer") else " {digits}" if name == "case_ok" else ""
    return Prompt(
        id=PromptId(name),
        segments={language: (Segment(language=language, text=f"[{name}:{language}]{extra}"),) for language in (ZH, EN)},
    )


def topic(name: str, **changes: object) -> Topic:
    values: dict[str, object] = {
        "id": TopicId(name),
        "names": {ZH: name, EN: name},
        "short_names": {ZH: name, EN: name},
        "skills": {name: 3},
        "relax": (Relaxation(after=timedelta(seconds=60), level=1, language_level=1),),
        "announcements": Announcements(
            enter=PromptId("enter"),
            enter_unknown=PromptId("enter"),
            update=PromptId("update"),
            update_longer=PromptId("longer"),
            next=PromptId("next"),
            options=PromptId("options"),
            still=PromptId("still"),
            prepare=PromptId("prepare"),
        ),
        "options": {"2": NodeId("message")},
        "overflow_after": timedelta(minutes=10),
        "overflow": NodeId("message"),
        "ceiling": timedelta(minutes=8),
    }
    return Topic(**{**values, **changes})


def tree(**changes: object) -> MenuTree:
    def node(name: str) -> NodeId:
        return NodeId(name)

    nodes: list[Node] = [
        Say(id=node("hello"), prompts=(PromptId("hello"),), goto=node("main")),
        Menu(
            id=node("main"),
            prompt=PromptId("main"),
            choices={
                "1": Choice(goto=node("urgent"), path="urgent"),
                "2": Choice(goto=node("billing"), path="billing"),
                "3": Choice(goto=node("case"), path="case"),
                "4": Choice(goto=node("text"), path="info"),
                "5": Choice(goto=node("door"), path="office"),
                "6": Choice(goto=node("outside"), path="outside"),
                "7": Choice(goto=node("sub"), path="more"),
                "8": Choice(goto=node("main"), other_language=True),
            },
        ),
        Menu(
            id=node("sub"),
            prompt=PromptId("info"),
            choices={"1": Choice(goto=node("billing"), path="late", sets={"when": "today"})},
            back=node("main"),
        ),
        Collect(
            id=node("case"),
            prompt=PromptId("cases"),
            store="case",
            goto=node("billing"),
            min_digits=4,
            max_digits=8,
            confirm=PromptId("case_ok"),
            bad=PromptId("bad"),
            skip=node("billing"),
        ),
        Sms(id=node("text"), text=PromptId("text"), goto=node("sent")),
        Say(id=node("sent"), prompts=(PromptId("sent"),), goto=node("end")),
        Hours(id=node("door"), calendar="office", open=node("billing"), closed=node("shut")),
        Say(id=node("shut"), prompts=(PromptId("closed"),), goto=node("message")),
        Transfer(id=node("outside"), number=E164("+861058065999"), failed=node("message")),
        Queue(id=node("urgent"), topic=TopicId("urgent"), priority=100),
        Queue(id=node("billing"), topic=TopicId("billing")),
        Voicemail(
            id=node("message"),
            topic=TopicId("billing"),
            prompt=PromptId("record"),
            done=PromptId("done"),
            goto=node("end"),
        ),
        Goto(id=node("hop"), goto=node("main")),
        Hangup(id=node("end"), prompt=PromptId("bye")),
    ]
    values: dict[str, object] = {
        "hotline": "test",
        "version": "abc123abc123",
        "title": {ZH: "测试", EN: "Test"},
        "numbers": (HOTLINE,),
        "zone": "Asia/Shanghai",
        "voices": {
            ZH: Voice(language=ZH, locale="cmn-CN", voice="Polly.Zhiyu-Neural", name="中文", countries=("CN",)),
            EN: Voice(language=EN, locale="en-US", voice="Polly.Joanna-Neural", name="English"),
        },
        "default_language": EN,
        "start": node("hello"),
        "person": node("billing"),
        "nodes": {one.id: one for one in nodes},
        "prompts": {PromptId(name): prompt(name) for name in WORDS},
        "topics": {TopicId("urgent"): topic("urgent", options={}), TopicId("billing"): topic("billing")},
        "calendars": {"office": Calendar(name="office", zone="Asia/Shanghai", weekly={})},
    }
    values["destinations"] = (Destination(name="house", names={}, number=E164("+862158880000")),)
    return MenuTree(**{**values, **changes})


def arrived(at: datetime = START, *, caller: Caller = ANA, call: CallId = CALL) -> CallArrived:
    return CallArrived(at=at, call=call, caller=caller, dialled=HOTLINE)


def started(event: CallArrived | None = None, *, of: MenuTree | None = None) -> tuple[CallSession, Step]:
    first = event or arrived()
    hotline = of or tree()
    step = advance(begin(first, hotline), first, hotline)
    return step.session, step


def after(session: CallSession, *events: Event, of: MenuTree | None = None) -> Step:
    """The step of the last event."""
    step = None
    for event in events:
        step = advance(session, event, of or tree())
        session = step.session
    assert step is not None
    return step


def heard(step: Step) -> str:
    """All words of a step, in order."""
    words: list[str] = []
    for instruction in step.instructions:
        if isinstance(instruction, (Speak, Gather)):
            words.extend(sound.text for sound in instruction.sounds)
    return " ".join(words)
