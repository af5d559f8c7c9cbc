"""A colleague or a house asked for in a talk, and where a caller was given, as lines of the call's story: in English and Chinese."""

from __future__ import annotations

from ivr.core.ids import Language, TopicId
from ivr.core.menus import MenuTree
from ivr.core.transfer_facts import Consulted, Transferred
from ivr.workflows.menu_labels import named

ASKED = {
    "joined": ("is in the talk", "已加入通话"),
    "left": ("has left the talk", "已离开通话"),
    "handed_over": ("has the caller now", "已接手来电者"),
    "declined": ("declined", "已拒绝"),
    "no_answer": ("did not answer", "没有应答"),
    "failed": ("could not be reached", "无法接通"),
    "busy": ("was busy", "占线"),
    "refused": ("was not called: the telephone network refused", "未能呼叫：电话网络拒绝"),
    "cancelled": ("was not needed any more", "已不再需要"),
}
GIVEN = {
    "cold": ("the caller goes to the queue", "来电者转至队列"),
    "person": ("the caller goes to one agent first", "来电者先转给指定坐席"),
    "warm": ("the agent leaves the caller to them", "坐席退出，来电者由对方接待"),
    "outside": ("the caller is put through to this house", "来电者转接至该单位"),
    "outside_warm": ("the agent leaves the caller with this house", "坐席退出，来电者与该单位继续通话"),
}


def asked_words(fact: Consulted, tree: MenuTree | None) -> str:
    who = fact.outside or str(fact.colleague or fact.topic)
    return _both(ASKED.get(fact.result, (fact.result, fact.result)), who, fact.outside, "", tree)


def given_words(fact: Transferred, tree: MenuTree | None) -> str:
    who = fact.outside or str(fact.to or fact.topic)
    topic = "" if fact.outside or fact.to else str(fact.topic)
    return _both(GIVEN.get(fact.how, (fact.how, fact.how)), who, fact.outside, topic, tree)


def _both(words: tuple[str, str], who: str, house: str, topic: str, tree: MenuTree | None) -> str:
    """`Payment network duty desk: is in the talk · 支付网络值班台：已加入通话`."""
    english, chinese = (_name(tree, house, topic, Language(language)) or who for language in ("en", "zh"))
    return f"{english}: {words[0]} · {chinese}：{words[1]}"


def _name(tree: MenuTree | None, house: str, topic: str, language: Language) -> str:
    if tree is None:
        return ""
    if house:
        found = tree.destination(house)
        return named(found.names, language) if found else ""
    about = tree.topics.get(TopicId(topic)) if topic else None
    return named(about.names, language) if about else ""
