"""Every document that we can draw, held against the grammar of the carrier's own library."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from functools import cache
from xml.etree import ElementTree as ET

import pytest
import twilio.twiml.voice_response as library
from hypothesis import given
from hypothesis import strategies as st
from twilio.twiml import TwiML

from ivr.core.instructions import (
    DialOut,
    Gather,
    GoOn,
    HangUp,
    JoinRoom,
    Link,
    RecordMessage,
    Speak,
    Spoken,
    Wait,
)
from ivr.telephony.twilio import safe
from ivr.telephony.twilio.gate import Refused, checked
from ivr.telephony.twilio.links import link_from, path_of
from ivr.telephony.twilio.twiml import draw
from tests.builders import EN, ZH, tree

VOICES = tree().voices
LINK = Link(door="step", call="CA1", step="3", version="abc", node="main", language="zh", tries=11, path="a.b")
HOSTILE = [
    "</Say><Dial>+19005551234</Dial>",
    "]]>",
    "<!ENTITY x 'y'>",
    "&#0;",
    "\x00\x08\ufffe",
    "\ud800",
    "\u202e reversed",
    "x" * 2500,
    "👩‍👩‍👧",
    "<break time='10s'/>",
]


@cache
def grammar() -> dict[type, dict[str, tuple[type, frozenset[str]]]]:
    """Per class of the library: the elements it allows, with their class and attributes."""
    found: dict[type, dict[str, tuple[type, frozenset[str]]]] = {}
    todo: list[type] = [library.VoiceResponse]
    while todo:
        parent = todo.pop()
        if parent in found:
            continue
        found[parent] = {}
        for name, build in inspect.getmembers(parent, inspect.isfunction):
            if name.startswith("_") or hasattr(TwiML, name):
                continue
            made = parent(**_marks(parent.__init__))  # type: ignore[misc]
            child = build(made, **_marks(build))
            found[parent][child.name] = (type(child), frozenset(child.attrs))
            todo.append(type(child))
    return found


def _marks(function) -> dict[str, str]:
    parameters = inspect.signature(function).parameters
    return {name: "x" for name, one in parameters.items() if name != "self" and one.kind is one.POSITIONAL_OR_KEYWORD}


def faults(element: ET.Element, parent: type = library.VoiceResponse) -> Iterator[str]:
    for child in element:
        if child.tag not in grammar()[parent]:
            yield f"{child.tag} inside {element.tag}"
            continue
        kind, attributes = grammar()[parent][child.tag]
        yield from (f"{child.tag} {name}" for name in child.attrib if name not in attributes)
        yield from faults(child, kind)


def drawn(*instructions) -> ET.Element:
    return ET.fromstring(draw(instructions, voices=VOICES, caller_id="+861058765432"))


EVERY = [
    (Speak(sounds=(Spoken(language=ZH, text="你好"), Spoken(language=EN, audio="tone.wav"))), HangUp()),
    (Gather(sounds=(Spoken(language=ZH, text="请按1", slow=True),), link=LINK, timeout_s=5, music="music-1.wav"),),
    (Gather(sounds=(), link=LINK, timeout_s=8, digits=8, finish="#"),),
    (Wait(seconds=3), GoOn(link=LINK)),
    (JoinRoom(room="room-1", label="caller", link=LINK, ends=True),),
    (Speak(sounds=(Spoken(language=EN, text="hi"),)), RecordMessage(link=LINK, max_s=120)),
    (DialOut(number="+861058765999", link=LINK, timeout_s=25),),
]


@pytest.mark.parametrize("instructions", EVERY)
def test_every_document_follows_the_librarys_grammar(instructions):
    assert list(faults(drawn(*instructions))) == []


@pytest.mark.parametrize(
    "document",
    [
        safe.GOODBYE,
        safe.AGENT,
        safe.NOT_PERMITTED,
        safe.MESSAGE,
        safe.HANG_UP,
        safe.one_moment("/voice/step/CA1/3?v=abc"),
    ],
)
def test_the_last_resort_follows_the_grammar_and_is_small(document):
    assert list(faults(ET.fromstring(document))) == []
    assert len(document) < 2048


def test_last_resort_returns_to_the_same_step_three_times_and_then_takes_a_message():
    target = "/voice/step/CA1/3?v=abc&n=main"
    for _ in range(3):
        document = safe.one_moment(target)
        redirect = ET.fromstring(document).find("Redirect")
        assert redirect is not None
        target = str(redirect.text)
        assert target.startswith("/voice/step/CA1/3?v=abc&n=main")
    assert safe.one_moment(target) == safe.MESSAGE


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(text):
    harmless, hostile = (
        drawn(Speak(sounds=(Spoken(language=ZH, text="x"),)), HangUp()),
        drawn(Speak(sounds=(Spoken(language=ZH, text="y" + text.encode("utf-8", "ignore").decode()),)), HangUp()),
    )
    assert [e.tag for e in harmless.iter()] == [e.tag for e in hostile.iter()]


@pytest.mark.parametrize(
    "document",
    [
        "<Response><Say>x</Say",
        "<Answer/>",
        "<Response/>",
        "<Response><say>x</say></Response>",
        "<Response><Say> </Say></Response>",
        "<Response><Dial record='yes'><Number>1</Number></Dial></Response>",
        "<Response><Gather><Dial/></Gather></Response>",
        "<Response><Redirect>/a</Redirect><Say>never</Say></Response>",
        f"<Response><Say>{'x' * 40_000}</Say></Response>",
    ],
)
def test_what_the_carrier_would_refuse_never_leaves(document):
    with pytest.raises(Refused):
        checked(document)


@given(
    st.builds(
        Link,
        door=st.sampled_from(["step", "wait", "room"]),
        call=st.from_regex(r"CA[0-9a-f]{32}", fullmatch=True),
        step=st.from_regex(r"[0-9]{1,6}", fullmatch=True),
        version=st.from_regex(r"[0-9a-f]{12}", fullmatch=True),
        node=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
        language=st.sampled_from(["zh", "en"]),
        tries=st.integers(0, 99),
        topic=st.sampled_from(["", "other"]),
        priority=st.integers(0, 100),
        queued_ms=st.integers(0, 2**45),
        segment=st.integers(0, 9),
        path=st.sampled_from(["", "a", "a.b"]),
        agent=st.sampled_from(["", "a1001"]),
    )
)
def test_link_comes_back_from_its_address_as_it_was(link):
    path, _, query = path_of(link).partition("?")
    _, _, door, call, step = path.split("/")
    fields = dict(pair.split("=") for pair in query.split("&")) if query else {}
    assert link_from(door, call, step, fields) == link
