"""When an alert is raised, cleared and told: on virtual time, against a plain second way of saying it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.core.alert_rules import CLEARS, DEFAULT_RULES, SECURITY, AlertRule, Figure, Level, Quiet, Way
from ivr.core.alerts import APART, Cleared, Look, News, Raised, Reading, Tell, Watching, watch

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
RULE = AlertRule(id="waiting-red", figure=Figure.WAITING, level=Level.RED, threshold=6, ways=frozenset({Way.MAIL}))
TICK = timedelta(seconds=5)
NONE = timedelta()


class Town:
    """Looks every five seconds at one queue."""

    def __init__(self, *rules: AlertRule, at: datetime = START) -> None:
        self.rules, self.now, self.state = rules or (RULE,), at, Watching()
        self.news: list[tuple[float, News]] = []

    def sees(self, *values: float | None, times: int = 1, figure: Figure = Figure.WAITING) -> Town:
        for value in values:
            for _ in range(times):
                self.look([Reading(figure=figure, subject="transfers", value=value)])
        return self

    def look(self, readings: list[Reading]) -> None:
        self.state, news = watch(self.state, self.rules, Look(at=self.now, zone=SHANGHAI, readings=readings))
        self.news += [((self.now - START).total_seconds(), one) for one in news]
        self.now += TICK

    def kinds(self, kind: type) -> list[float]:
        return [at for at, one in self.news if isinstance(one, kind)]


def test_a_figure_must_stay_beyond_its_threshold_for_a_minute():
    town = Town().sees(6, times=12).sees(5).sees(7, times=13)
    assert town.kinds(Raised) == [125.0]  # 65 s after the second beginning at 65 s: sixty seconds of it


def test_an_alert_clears_thirty_seconds_after_the_figure_is_back_and_not_before():
    town = Town().sees(6, times=13).sees(5, times=6).sees(6).sees(5, times=7)
    assert (town.kinds(Raised), town.kinds(Cleared)) == ([60.0], [130.0])


def test_of_two_rules_about_one_thing_the_second_is_told_only_by_the_ways_that_the_first_has_not():
    own = replace(RULE, id="own", ways=frozenset({Way.MAIL, Way.SMS}))
    town = Town(RULE, own).sees(6, times=13)
    told = [(at, one.rule.id, one.ways) for at, one in town.news if isinstance(one, Tell)]
    assert told == [(60.0, "waiting-red", {Way.MAIL}), (60.0, "own", {Way.SMS})]
    assert Town(RULE, replace(own, ways=RULE.ways)).sees(6, times=30).kinds(Tell) == [60.0]


def test_a_figure_that_cannot_be_read_neither_raises_nor_clears():
    town = Town().sees(6, times=12).sees(None, times=20)
    assert town.news == []
    town.sees(6)
    assert town.kinds(Raised) == [160.0]
    town.sees(None, times=40)
    assert town.kinds(Cleared) == []


def test_a_stretch_in_which_nobody_looked_does_not_count():
    town = Town().sees(6, times=3)
    town.now += timedelta(minutes=5)
    town.sees(6, times=12)
    assert town.kinds(Raised) == []
    assert town.sees(6).kinds(Raised) == [375.0]


def test_an_agent_who_has_gone_is_no_alert_any_more():
    rule = next(one for one in DEFAULT_RULES if one.id == "missed-red")
    town = Town(rule).sees(70, figure=Figure.MISSED)
    for _ in range(7):
        town.look([])
    assert (town.kinds(Raised), town.kinds(Cleared)) == ([0.0], [35.0])


def test_low_is_bad_where_low_is_bad():
    """Fifteen points below the target, the queue's own where it has one."""
    rule = next(one for one in DEFAULT_RULES if one.id == "service_level-red")
    town = Town(rule).sees(65, times=14, figure=Figure.SERVICE_LEVEL)
    assert town.kinds(Raised) == []
    for _ in range(13):
        town.look([Reading(figure=Figure.SERVICE_LEVEL, subject="transfers", value=65, target=90)])
    assert [one.limit for _, one in town.news if isinstance(one, Raised)] == [75]


def test_the_thresholds_of_a_queue_are_those_of_the_programs_rules_and_of_no_other():
    added = replace(RULE, id="mine", threshold=9)
    town = Town(RULE, added)
    for _ in range(14):
        town.look([Reading(figure=Figure.WAITING, subject="transfers", value=5, limits=(2, 4))])
    assert [(one.rule.id, one.limit) for _, one in town.news if isinstance(one, Raised)] == [("waiting-red", 4)]


def test_a_rule_for_one_queue_watches_its_agents_while_they_talk_about_it():
    long = AlertRule(id="mine", figure=Figure.TALK, level=Level.RED, threshold=600, subject="refunds", lasts=NONE)
    town = Town(long)
    for topic in ("transfers", "refunds", "refunds", *("transfers",) * 8):
        town.look([Reading(figure=Figure.TALK, subject="ana", value=700, topic=topic)])
    assert (town.kinds(Raised), town.kinds(Cleared)) == ([5.0], [45.0])


def test_the_defaults_are_those_of_the_domain():
    """`DOMAIN.md` 4.3: amber and red, in the unit of each figure."""
    assert {
        figure: tuple(sorted(rule.threshold for rule in DEFAULT_RULES if rule.figure is figure))
        for figure in (Figure.WAITING, Figure.LONGEST, Figure.SERVICE_LEVEL, Figure.ABANDONED, Figure.UNSERVED)
    } == {
        Figure.WAITING: (3, 6),
        Figure.LONGEST: (3, 6),
        Figure.SERVICE_LEVEL: (5, 15),
        Figure.ABANDONED: (5, 10),
        Figure.UNSERVED: (1,),
    }
    assert {
        figure: tuple(sorted(rule.threshold / 60 for rule in DEFAULT_RULES if rule.figure is figure))
        for figure in (Figure.CALLBACKS_LATE, Figure.WRAP_UP, Figure.TALK, Figure.MISSED)
    } == {Figure.CALLBACKS_LATE: (5, 15), Figure.WRAP_UP: (2, 5), Figure.TALK: (15, 30), Figure.MISSED: (1,)}
    assert {(rule.lasts, rule.clears) for rule in DEFAULT_RULES} == {(timedelta(seconds=60), CLEARS), (NONE, CLEARS)}
    assert all(Way.SMS not in rule.ways or rule.figure in SECURITY for rule in DEFAULT_RULES)


def test_the_graver_rule_is_told_and_the_lighter_one_is_not():
    amber = replace(RULE, id="waiting-amber", level=Level.AMBER, threshold=3)
    town = Town(amber, RULE).sees(9, times=14)
    assert [one.rule.id for _, one in town.news if isinstance(one, Tell)] == ["waiting-red"]
    assert len(town.kinds(Raised)) == 2


def test_what_gets_worse_within_ten_minutes_is_told_as_the_graver_and_then_no_more():
    amber = replace(RULE, id="waiting-amber", level=Level.AMBER, threshold=3)
    town = Town(amber, RULE).sees(4, times=14).sees(9, times=14).sees(1, times=8).sees(9, times=60)
    assert [(at, one.rule.id) for at, one in town.news if isinstance(one, Tell)] == [
        (60.0, "waiting-amber"),
        (130.0, "waiting-red"),
    ]


@pytest.mark.parametrize(("hour", "told"), [(22, False), (3, False), (7, True), (12, True)])
def test_quiet_hours_silence_messages_and_not_the_desk(hour, told):
    rule = replace(RULE, quiet=Quiet(start=time(22), until=time(7)))
    local = datetime(2026, 11, 2, hour, tzinfo=SHANGHAI)
    town = Town(rule, at=local.astimezone(UTC)).sees(9, times=14)
    assert (len(town.kinds(Raised)), bool(town.kinds(Tell))) == (1, told)


def test_what_still_stands_when_quiet_hours_end_is_told_then():
    rule = replace(RULE, quiet=Quiet(start=time(22), until=time(7)))
    began = datetime(2026, 11, 2, 6, 57, tzinfo=SHANGHAI).astimezone(UTC)
    town = Town(rule, at=began).sees(9, times=48)
    assert [START + timedelta(seconds=at) for at in town.kinds(Tell)] == [began + timedelta(minutes=3)]


def test_who_has_acknowledged_an_alert_is_not_told_of_it():
    town = Town(replace(RULE, quiet=Quiet(start=time(0), until=time(23, 59)))).sees(9, times=13)
    town.state = replace(
        town.state, watches={key: replace(one, acknowledged=True) for key, one in town.state.watches.items()}
    )
    town.rules = (RULE,)
    assert town.sees(9, times=5).kinds(Tell) == []


def test_a_rule_that_is_switched_off_ends_its_alerts():
    town = Town().sees(9, times=13)
    town.rules = (replace(RULE, on=False),)
    assert len(town.sees(9).kinds(Cleared)) == 1
    assert town.state.watches == {}


# ---- whatever the figure does ------------------------------------------------------------------------------------

VALUES = st.lists(st.tuples(st.sampled_from([0.0, 5.0, 6.0, 50.0, None]), st.integers(1, 30)), min_size=1, max_size=25)


@given(VALUES)
@settings(max_examples=150, deadline=None)
def test_whatever_a_figure_does_an_alert_was_earned_and_nobody_is_told_twice_in_ten_minutes(stretches):
    """The second way: the history as a list, asked backwards from each piece of news."""
    town = Town()
    seen: list[tuple[float, float | None]] = []
    for value, times in stretches:
        for _ in range(times):
            seen.append(((town.now - START).total_seconds(), value))
            town.sees(value)
    known = [(at, value) for at, value in seen if value is not None]
    stands = False
    for at, one in town.news:
        past = [(when, value) for when, value in known if when <= at]
        if isinstance(one, Raised):
            assert not stands
            assert all(value >= 6 for when, value in past if when >= at - 60)
            assert any(when <= at - 60 for when, _ in past)
            stands = True
        elif isinstance(one, Cleared):
            assert stands
            assert all(value < 6 for when, value in past if when >= at - 30)
            stands = False
        else:
            assert stands
    tells = town.kinds(Tell)
    assert all(later - earlier >= APART.total_seconds() for earlier, later in pairwise(tells))
    # Nothing that was earned is missing: a minute beyond, seen to its end, leaves an alert standing.
    tail = [value for when, value in known if when >= (town.now - TICK - START).total_seconds() - 60]
    if len(tail) >= 13 and all(value >= 6 for value in tail):
        assert stands


@given(st.lists(st.lists(st.floats(0, 12), min_size=3, max_size=3), min_size=1, max_size=120))
@settings(max_examples=40, deadline=None)
def test_queues_do_not_touch_each_other(rows):
    together, apart = Town(), defaultdict[int, Town](Town)
    for row in rows:
        together.look([Reading(figure=Figure.WAITING, subject=str(n), value=value) for n, value in enumerate(row)])
        for n, value in enumerate(row):
            apart[n].look([Reading(figure=Figure.WAITING, subject=str(n), value=value)])
    assert sorted(map(repr, together.news)) == sorted(repr(one) for town in apart.values() for one in town.news)
