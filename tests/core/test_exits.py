"""One list of every way out of a node: complete by kind and by field, and followed by whoever follows a caller."""

from __future__ import annotations

import dataclasses
import inspect
import typing
from datetime import timedelta
from typing import Any

import pytest

from ivr.core import menus
from ivr.core.callback_rules import Dial
from ivr.core.exits import EXITS, exits
from ivr.core.ids import E164, NodeId, PromptId, TopicId
from ivr.core.incidents import may_follow
from ivr.core.menus import Choice, Collect, Goto, Incident, Menu, MenuTree, Node, Say
from tests.builders import topic, tree

KINDS = sorted(
    (kind for _, kind in inspect.getmembers(menus, inspect.isclass) if issubclass(kind, Node) and kind is not Node),
    key=lambda kind: kind.__name__,
)
VALUES: dict[Any, Any] = {
    str: "word",
    int: 4,
    E164: E164("+861058065999"),
    PromptId: PromptId("main"),
    TopicId: TopicId("billing"),
    timedelta: timedelta(seconds=5),
    Dial: Dial.RESERVE,
    bool: False,
}


def example(kind: type[Node], at: str = "here") -> tuple[Node, set[NodeId]]:
    """A node of this kind in which every field that can lead somewhere leads to a place of its own."""
    places: set[NodeId] = set()

    def place(name: str) -> NodeId:
        places.add(NodeId(name))
        return NodeId(name)

    given: dict[str, Any] = {"id": NodeId(at)}
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        hint = hints[field.name]
        parts = typing.get_args(hint)
        if field.name == "id":
            continue
        if hint is NodeId or (NodeId in parts and type(None) in parts):
            given[field.name] = place(f"to_{field.name}")
        elif NodeId in parts:
            given[field.name] = {"1": place(f"to_{field.name}_1"), "2": place(f"to_{field.name}_2")}
        elif Choice in parts:
            given[field.name] = {"1": Choice(goto=place("to_choice"))}
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            given[field.name] = VALUES[hint] if hint in VALUES else (PromptId("main"),)
    return kind(**given), places


def test_every_kind_of_node_is_known():
    assert set(EXITS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_that_leads_somewhere_is_an_exit(kind: type[Node]):
    node, places = example(kind)
    found = {way.target for way in exits(tree(), node)}
    assert places <= found
    assert {way.name for way in exits(tree(), node) if not way.topic and not way.assumed} <= set(
        typing.get_type_hints(kind)
    )


def test_a_queue_leads_where_its_topic_sends_those_who_wait():
    places = {
        "options": {"2": NodeId("message")},
        "overflow": NodeId("main"),
        "survey": NodeId("end"),
        "closing": NodeId("shut"),
    }
    with_topic = tree(topics={TopicId("billing"): topic("billing", **places)})
    ways = {way.name: way for way in exits(with_topic, with_topic.node(NodeId("billing")))}
    assert {name: way.target for name, way in ways.items()} == {
        "options": "message",
        "overflow": "main",
        "survey": "end",
        "closing": "shut",
    }
    assert all(way.topic and way.pressed for way in ways.values())


def test_silence_and_failure_lead_to_a_person_where_the_node_names_nobody():
    hotline = tree()
    for name in ("main", "case"):
        assert any(
            way.assumed and way.target == hotline.person and not way.pressed
            for way in exits(hotline, hotline.node(NodeId(name)))
        )


# ---- the banner ------------------------------------------------------------------------------------------------


def with_nodes(*nodes: Node) -> MenuTree:
    hotline = tree()
    return tree(nodes={**hotline.nodes, **{node.id: node for node in nodes}})


@pytest.mark.parametrize(
    "kind", [kind for kind in KINDS if kind not in (Incident, Say, Goto) and example(kind)[1]], ids=lambda k: k.__name__
)
def test_a_banner_behind_any_exit_of_any_kind_is_looked_up_before_that_exit_is_taken(kind: type[Node]):
    node, places = example(kind)
    assert not may_follow(with_nodes(node), node.id)
    for place in places:
        assert may_follow(with_nodes(node, Incident(id=place, goto=NodeId("main"))), node.id), place


PASSING = [kind for kind in KINDS if kind.__name__ in ("Say", "Goto", "Hours", "Returning", "Sms", "Evidence") and kind]


@pytest.mark.parametrize("kind", PASSING, ids=lambda kind: kind.__name__)
def test_a_banner_is_looked_up_beyond_what_is_passed_in_one_breath(kind: type[Node]):
    passed, places = example(kind, "passed")
    start = Goto(id=NodeId("here"), goto=NodeId("passed"))
    for place in places:
        assert may_follow(with_nodes(start, passed, Incident(id=place, goto=NodeId("main"))), start.id), place


def test_a_banner_beyond_the_next_question_is_looked_up_by_that_question():
    beyond = Incident(id=NodeId("beyond"), goto=NodeId("main"))
    asks = Menu(id=NodeId("asks"), prompt=PromptId("main"), choices={"1": Choice(goto=beyond.id)})
    before = Menu(id=NodeId("before"), prompt=PromptId("main"), choices={"1": Choice(goto=asks.id)})
    hotline = with_nodes(beyond, asks, before)
    assert not may_follow(hotline, before.id)
    assert may_follow(hotline, asks.id)


def test_a_key_pressed_ahead_looks_two_menus_far():
    """`others` takes the key at the next menu in the same request."""
    beyond = Incident(id=NodeId("beyond"), goto=NodeId("main"))
    asks = Menu(id=NodeId("asks"), prompt=PromptId("main"), choices={"2": Choice(goto=beyond.id)})
    greets = Menu(id=NodeId("greets"), prompt=PromptId("hello"), choices={}, others=asks.id)
    assert may_follow(with_nodes(beyond, asks, greets), greets.id)


def test_a_leg_that_is_fetched_to_the_place_itself_hears_it():
    beyond = Incident(id=NodeId("beyond"), goto=NodeId("main"))
    assert may_follow(with_nodes(beyond), beyond.id)


def test_digits_do_not_reach_a_person_where_zero_is_a_digit_that_is_asked_for():
    one = Collect(id=NodeId("one"), prompt=PromptId("cases"), store="n", goto=NodeId("main"), failed=NodeId("end"))
    assert all(way.target != tree().person for way in exits(tree(), one))
