"""What is stored comes back the same, strictly read, and tolerant of fields that another version added."""

from __future__ import annotations

import json
import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.agents import Agent
from ivr.core.facts import Fact, NodeEntered
from ivr.core.ids import CallId, NodeId, TopicId
from ivr.core.instructions import Gather, Instruction, Link, Order
from ivr.core.queues import Demand, Lane
from ivr.core.session import CallSession
from ivr.storage.redis import codec, codec_names
from ivr.storage.redis.codec_names import SHORT

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=3,
)


def values_of(kind: typing.Any):
    """Any value of this type."""
    if isinstance(kind, typing.NewType):
        return values_of(kind.__supertype__)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if type(None) in inner:
        return st.none() | values_of(next(one for one in inner if one is not type(None)))
    if origin is tuple:
        return st.lists(values_of(inner[0]), max_size=2).map(tuple)
    if inner:
        return st.dictionaries(st.text(max_size=5), values_of(inner[1]), max_size=2)
    if kind is datetime:
        return st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
    if kind is timedelta:
        return st.timedeltas(timedelta(0), timedelta(days=9))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        made = {f.name: values_of(hints[f.name]) for f in fields(kind)}
        make: typing.Any = kind
        return st.fixed_dictionaries(made).map(lambda found: make(**found))
    simple = {str: st.text(max_size=9), int: st.integers(0, 2**53), bool: st.booleans(), float: st.floats(0, 1e9)}
    return simple.get(kind, PLAIN)


@pytest.mark.parametrize("kind", [CallSession, Agent, Demand])
def test_documents_come_back_the_same(kind):
    @settings(max_examples=60, deadline=None)
    @given(values_of(kind))
    def comes_back(value):
        assert codec.loads(kind, codec.dumps(value)) == value

    comes_back()


@pytest.mark.parametrize("kind", [*typing.get_args(Order), *Fact.__subclasses__(), *typing.get_args(Instruction)])
def test_members_of_unions_come_back_the_same(kind):
    @settings(max_examples=15, deadline=None)
    @given(values_of(kind))
    def comes_back(value):
        if kind in typing.get_args(Order):
            assert codec.load_order(codec.dump_tagged(value)) == value
        elif issubclass(kind, Fact):
            assert codec.load_fact(codec.dump_tagged(value)) == value
        else:
            assert codec.load_instructions(codec.dump_all([value, value])) == (value, value)

    comes_back()


def test_none_is_kept_where_the_default_is_something_else():
    link = Link(door="step", call=CallId("CA1"), step="1")
    gather = Gather(sounds=(), link=link, timeout_s=5, digits=None)

    assert codec.load_instructions(codec.dump_all([gather])) == (gather,)


def test_fields_that_this_code_does_not_know_are_passed_over():
    stored = json.loads(codec.dumps(Demand(topic=TopicId("billing"), lane=Lane.ORDINARY, priority=1, terms=())))

    assert codec.loads(Demand, json.dumps({**stored, "of_tomorrow": [1]})).topic == "billing"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"topic":"a"}', "not a document"),
        ("[1]", "not a document"),
        ('{"_":99,"topic":"a"}', "newer than this code"),
        ('{"_":1,"topic":"a"}', "Demand"),
        ('{"_":1,"q":7,"l":0,"p":1,"t":[]}', "Demand.topic"),
        ('{"_":1,"q":"a","l":9,"p":1,"t":[]}', "Demand.lane"),
        ('{"_":1,"q":"a","l":0,"p":true,"t":[]}', "Demand.priority"),
        ('{"_":1,"q":"a","l":0,"p":1,"t":{}}', "Demand.terms"),
    ],
)
def test_what_cannot_be_read_says_where(text, words):
    with pytest.raises(codec.Unreadable, match=words):
        codec.loads(Demand, text)


def test_an_unknown_kind_and_a_time_without_zone_are_refused():
    with pytest.raises(codec.Unreadable, match="of_tomorrow"):
        codec.load_fact('{"_":"of_tomorrow"}')
    with pytest.raises(codec.Unreadable, match="time zone"):
        codec.load_fact('{"_":"node_entered","at":"2026-03-02T12:00:00","call":"CA1","node":"main"}')


def test_kinds_are_named_in_snake_case():
    fact = NodeEntered(at=datetime(2026, 3, 2, tzinfo=UTC), call=CallId("CA1"), node=NodeId("main"))

    assert json.loads(codec.dump_tagged(fact))["_"] == "node_entered"


@pytest.mark.parametrize("kind", SHORT)
def test_short_names_name_fields_and_never_two_of_one_class(kind):
    names = [codec_names.short_name(kind, field.name) for field in fields(kind)]

    assert {pair.split("=")[0] for pair in SHORT[kind].split()} <= {field.name for field in fields(kind)}
    assert len(set(names)) == len(names)


def test_instants_that_scripts_write_are_read_like_our_own():
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    fact = NodeEntered(at=noon, call=CallId("CA1"), node=NodeId("main"))

    assert codec.load_fact(json.dumps({**json.loads(codec.dump_tagged(fact)), "at": noon.isoformat()})) == fact
