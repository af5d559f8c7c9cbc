"""What a day used at the carrier, as the page of cost and capacity counts it."""

from __future__ import annotations

from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from ivr.core.errors import RequestError
from ivr.core.usage import Priced, Usage
from tests.stories.test_call_out import talked
from tests.stories.town import WALLET


def test_a_call_to_an_agent_on_a_telephone_is_counted_with_its_lines_texts_and_requests(town):
    talked(town, phone="+861058065001")
    gone = town.caller("+8613900000001")
    town.passes(3)
    gone.hangs_up()
    town.passes(5)
    town.record()
    cost, zone = town.switchboard.at_carrier.cost, ZoneInfo("Asia/Shanghai")
    today = town.now.astimezone(zone).date()

    [day] = cost(today, today, zone).days
    used = day.topics["other"]
    assert (used.calls, used.caller_minutes, used.dialled_minutes, used.browser_minutes, used.room_minutes) == (
        *(1, 1, 1, 0, 2),
    )
    assert day.topics[""] == Usage(calls=1, caller_minutes=1)
    assert used.texts == len(town.network.ledger.entries("message", from_=WALLET))
    assert day.requests == len(town.network.ledger.entries("rest")), "as the network counted them"
    assert used.requests == day.requests, "every one was on behalf of this call"
    assert (day.lines.most, day.dialled.most, day.new_lines.most) == (1, 1, 1)

    cost.change("usd", {Priced.CALLER_MINUTE: "0.0085", Priced.TEXT: " 0 "}, who="lead")
    report = cost(today, today, zone)
    assert report.prices.cost(report.days[0].topics[""]) == Decimal("0.0085")
    assert report.prices.cost(used) is None
    noted = town.switchboard.people.audit_rows()[0]
    assert (noted.what, noted.who) == ("prices.changed", "lead")


@pytest.mark.parametrize(
    ("currency", "price"),
    [("", "1"), ("US", "1"), ("USD", "-1"), ("USD", "1001"), ("USD", "nan"), ("USD", "1e-9"), ("USD", "a penny")],
)
def test_a_price_list_that_cannot_be_meant_changes_nothing(town, currency, price):
    cost = town.switchboard.at_carrier.cost
    with pytest.raises(RequestError):
        cost.change(currency, {Priced.TEXT: price}, who="lead")
    assert cost.list.prices().currency == ""
