"""A day's calls on the network against what we recorded of them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from ivr.core.carrier_match import Differs
from ivr.core.errors import CarrierError
from ivr.storage.sql.engine import writing
from ivr.storage.sql.tables import calls
from ivr.telephony.twilio import carrier
from tests.stories.callbacks import ANA_CALLS
from tests.stories.test_call_out import calls as calls_out
from tests.stories.test_call_out import talked

DAY = timedelta(days=1)


def matched(town):
    zone = ZoneInfo(town.switchboard.menus.trees[0].zone)
    [found] = town.switchboard.at_carrier.match(town.now.astimezone(zone).date())
    return found


def test_the_calls_of_a_day_agree_with_the_carrier_and_a_lost_record_turns_the_seal_amber(town, monkeypatch):
    monkeypatch.setattr(carrier, "MOST_LISTED", 2)  # the list comes in several pages
    first, ana = talked(town)
    calls_out(town, ana, first.sid)
    ana.dials_in()
    town.network.phone(ANA_CALLS).answers()
    town.settle()
    town.passes(30)
    ana.ends()
    ana.finishes()
    for number in ("+8613900000001", "+8613900000002", "+8613900000003"):
        town.passes(30)
        gone = town.caller(number)
        town.passes(20)
        gone.hangs_up()
    town.settle()
    town.record()

    found = matched(town)
    assert (found.agreed, found.calls, found.differences) == (5, 5, ())

    with writing(town.switchboard.engine) as connection:
        connection.execute(calls.delete().where(calls.c.call == gone.sid))
        connection.execute(calls.update().where(calls.c.call == first.sid).values(ended_at=calls.c.started_at))
    found = matched(town)
    assert not found.agrees
    assert (found.agreed, found.calls) == (3, 5)
    assert [(one.id, one.kind) for one in found.differences] == [
        (first.sid, Differs.END),
        (gone.sid, Differs.MISSING_HERE),
    ]


def test_the_days_that_are_over_are_matched_at_night_and_made_up_for_when_the_carrier_was_away(town, monkeypatch):
    town.caller().hangs_up()
    town.settle()
    town.record()
    match = town.switchboard.at_carrier.match
    town.passes(DAY.total_seconds())

    def away(**_):
        raise CarrierError("the carrier could not be reached: ConnectionError", retry=True)

    monkeypatch.setattr(town.switchboard.carrier, "calls_listed", away)
    assert [one.trouble != "" for one in match.nightly()] == [True] * 3
    monkeypatch.undo()
    assert [(one.agreed, one.calls) for one in match.nightly()] == [(0, 0), (0, 0), (1, 1)]
    assert match.nightly() == []


def test_every_day_is_kept_once_and_read_back_as_it_was(town):
    town.caller().hangs_up()
    town.settle()
    with writing(town.switchboard.engine) as connection:
        connection.execute(sa.delete(calls))
    once, again = matched(town), matched(town)
    kept = town.switchboard.at_carrier.doors.matches(once.day, once.day)
    assert kept == [again]
    assert [one.kind for one in kept[0].differences] == [Differs.MISSING_HERE]
