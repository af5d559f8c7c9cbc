"""What is heard: slots, spelled digits, waits in words, and nothing that a hostile value could smuggle in."""

from __future__ import annotations

import unicodedata
from datetime import time
from urllib.parse import quote
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core import speech
from ivr.core.hours import ALWAYS, Calendar, Span
from ivr.core.ids import E164, Language, NodeId, PromptId, TopicId
from ivr.core.instructions import Spoken
from ivr.core.menus import Hangup, MenuTree, Prompt, Segment, Topic, Voice

ZH, EN = Language("zh"), Language("en")
OFFICE = Calendar(
    name="office",
    zone="Asia/Shanghai",
    weekly={day: (Span(opens=time(9), closes=time(18)),) for day in range(5)},
)
TREE = MenuTree(
    hotline="test",
    version="0" * 12,
    title={ZH: "测试", EN: "Test"},
    numbers=(E164("+861058765432"),),
    zone="Asia/Shanghai",
    voices={
        ZH: Voice(language=ZH, locale="cmn-CN", voice="Polly.Zhiyu-Neural", name="中文"),
        EN: Voice(language=EN, locale="en-US", voice="Polly.Joanna-Neural", name="English"),
    },
    default_language=ZH,
    start=NodeId("end"),
    person=NodeId("end"),
    nodes={NodeId("end"): Hangup(id=NodeId("end"))},
    prompts={},
    topics={
        TopicId("refunds"): Topic(
            id=TopicId("refunds"), names={ZH: "退款", EN: "refunds"}, short_names={}, skills={"refunds": 1}
        )
    },
    calendars={"always": ALWAYS, "office": OFFICE},
    texts={"site": {ZH: "官网", EN: "our site"}},
)
HOSTILE = [
    "</Say><Dial>+19005551234</Dial>",
    "]]>",
    "<!ENTITY x 'y'>",
    "&#0;",
    "a\x00b\x08c",
    "\ufffe\uffff",
    "\ud800",
    "\u202egnp.exe\u2066",
    "x" * 10_000,
    "👨\u200d👩\u200d👧" * 50,
    "<speak><break time='10s'/></speak>",
    "e" + "\u0301" * 500,
    "{digits}{wait}",
    "\x1b[2J",
    "\r\n\t",
    "\U000e0041\U000e0042",
]


def prompt(zh="", en="", **given):
    return Prompt(
        id=PromptId("p"),
        segments={ZH: (Segment(language=ZH, text=zh, **given),), EN: (Segment(language=EN, text=en, **given),)},
    )


def said(text, language=ZH, **slots):
    return "".join(sound.text for sound in speech.fill(prompt(text, text), language, slots, TREE))


def test_digits_are_spelled_in_groups_with_yao_for_one():
    assert said("工单号是{digits}。", digits="12345678") == "工单号是幺二三四，五六七八。"
    assert said("Your number is {digits}.", EN, digits="12345678") == "Your number is 1 2 3 4, 5 6 7 8."
    assert said("{agent_id}号客服", agent_id="a1001") == "幺零零幺号客服"


@pytest.mark.parametrize(
    ("digits", "groups"),
    [
        ("7", ["7"]),
        ("4817", ["4817"]),
        ("12345", ["123", "45"]),
        ("123456", ["123", "456"]),
        ("1234567", ["123", "4567"]),
        ("12345678", ["1234", "5678"]),
        ("13800138000", ["138", "0013", "8000"]),
        ("1234567890", ["12", "3456", "7890"]),
        ("", []),
    ],
)
def test_groups_are_as_people_say_them(digits, groups):
    assert [group for group in speech.grouped(digits) if group] == groups


@given(st.text("0123456789", min_size=1, max_size=40))
def test_groups_lose_no_digit_and_leave_none_alone(digits):
    groups = speech.grouped(digits)
    assert "".join(groups) == digits
    assert all(1 < len(group) <= 4 for group in groups) or len(digits) == 1


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "不到1分钟", "less than one minute"),
        (59, "不到1分钟", "less than one minute"),
        (60, "约1分钟", "about 1 minute"),
        (61, "约2分钟", "about 2 minutes"),
        (170, "约3分钟", "about 3 minutes"),
        (1800, "约30分钟", "about 30 minutes"),
        (1801, "超过30分钟", "more than 30 minutes"),
    ],
)
def test_a_wait_is_words_rounded_up(seconds, zh, en):
    assert speech.wait_words(seconds, ZH) == zh
    assert speech.wait_words(seconds, EN) == en


def test_slots_take_hours_topic_and_own_texts_from_the_tree():
    assert said("{topic:refunds}：{hours:office}，见{site}") == "退款：工作日9点到18点，见官网"
    assert said("{hours:office}, {site}", EN) == "Monday to Friday, 9 a.m. to 6 p.m., our site"
    assert said("{hours:always}") == "每天24小时"
    assert said("前{menu}后") == "前后"


def test_a_value_that_ends_with_a_full_stop_brings_no_second_one_to_the_end_of_a_sentence():
    assert said("We call {when}. Bye.", EN, when="at 3 p.m.") == "We call at 3 p.m. Bye."
    assert said("We call {when}, bye.", EN, when="at 3 p.m.") == "We call at 3 p.m., bye."


def test_a_language_that_a_prompt_lacks_falls_back_to_the_default_one():
    only = Prompt(id=PromptId("p"), segments={ZH: (Segment(language=ZH, text="您好"),)})
    assert speech.fill(only, EN, {}, TREE) == (Spoken(language=ZH, text="您好"),)


def test_a_bilingual_prompt_keeps_the_language_of_each_part():
    both = (Segment(language=ZH, text="中文请按1"), Segment(language=EN, text="English, press 2"))
    heard = speech.fill(Prompt(id=PromptId("p"), segments={ZH: both, EN: both}), EN, {}, TREE)
    assert [(sound.language, sound.text) for sound in heard] == [(ZH, "中文请按1"), (EN, "English, press 2")]


def test_a_recording_stays_with_its_text():
    recorded = prompt("您好", "Hello", audio="hello.wav")
    assert speech.fill(recorded, EN, {}, TREE) == (Spoken(language=EN, text="Hello", audio="hello.wav"),)


def test_text_messages_keep_digits_as_digits():
    assert speech.plain_text(prompt("工单{digits}"), ZH, {"digits": "12345678"}, TREE) == "工单12345678"


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("slot", ["topic", "digits", "agent_id"])
def test_a_hostile_value_stays_text_that_xml_accepts(value, slot):
    heard = said(f"前{{{slot}}}后", **{slot: value})
    element = ET.Element("Say")
    element.text = heard
    assert ET.fromstring(ET.tostring(element, "utf-8")).text == heard
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs") for c in heard)
    assert len(heard) < 900
    assert heard.startswith("前")


@settings(max_examples=300)
@given(st.text(max_size=300))
def test_any_text_comes_out_clean_and_cleaning_twice_changes_nothing(text):
    once = speech.clean(text)
    element = ET.Element("Say")
    element.text = once
    assert (ET.fromstring(ET.tostring(element, "utf-8")).text or "") == once
    assert speech.clean(once) == once


@settings(max_examples=50)
@given(st.text(st.sampled_from("您好，世界。 a.é👍e\u0301"), max_size=4000))
def test_long_texts_are_divided_under_the_carriers_limits_and_lose_nothing(text):
    clean = speech.clean(text)
    parts = list(speech.divide(clean))
    assert all(len(part) <= speech.SAY_CAP and len(quote(part)) <= speech.SAY_CAP_ENCODED for part in parts)
    assert "".join("".join(parts).split()) == "".join(clean.split())


def test_a_long_text_is_cut_after_a_sentence():
    sentence = "这是一个用来测试的比较长的句子。"
    parts = list(speech.divide(sentence * 60))
    assert len(parts) > 1
    assert all(part.endswith("。") for part in parts)
