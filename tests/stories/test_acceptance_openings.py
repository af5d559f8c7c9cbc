"""What is opened to callers from outside a call, and who they meet (acceptance sentences of the domain notes)."""

from __future__ import annotations

from datetime import datetime

import requests

from ivr.core.ids import AgentId
from ivr.core.people import RosterAgent
from tests.stories.callbacks import ANA_CALLS, ANY, promised
from tests.stories.town import WALLET, Desk, open_town

TOM_CALLS = "+442079460107"


def test_c06_a_callback_shows_the_hotlines_number_and_the_agents_appears_nowhere(town):
    promised(town)
    town.agent("tom", skills=ANY, phone=TOM_CALLS).available()
    town.until(lambda: town.network.phone(ANA_CALLS).is_ringing, what="the callback")
    customer = town.network.phone(ANA_CALLS).answers()
    town.settle()
    customer.presses("1")
    town.passes(1)
    agent = town.network.phone(TOM_CALLS).rings().answers()
    town.settle()
    agent.presses("1")
    town.settle()
    customer.meets(agent)
    shown = town.switchboard.carrier.client.calls(customer.sid).fetch()
    assert (str(shown._from), str(shown.to)) == (WALLET, ANA_CALLS)
    asked_by_customer = [str(entry) for entry in town.network.ledger.entries() if entry.get("leg") == customer.sid]
    assert asked_by_customer
    assert not any(TOM_CALLS.lstrip("+") in line for line in asked_by_customer)
    agent.hangs_up()
    town.settle()
    customer.hangs_up()
    town.settle()


def test_c07_a_call_within_fifteen_minutes_of_an_app_ticket_goes_straight_to_its_queue(town):
    token = town.switchboard.tokens.add("app", ["tickets:write"], at=town.now, who="operator")
    body = {"number": ANA_CALLS, "topic": "transfers", "verified": True}
    address = f"{town.switchboard.settings.public_url}/api/v1/tickets"
    answer = requests.post(address, json=body, headers={"Authorization": f"Bearer {token}"}, timeout=10)
    assert answer.status_code == 201
    town.network.clock.advance(15 * 60 - 5)
    call = town.caller()
    call.hears("绝不会索要")
    call.hears("已进入转账与交易队列")
    assert "请按1" not in call.text
    ana = town.agent("ana", skills=ANY).available()
    card = town.switchboard.desk.view(AgentId("ana"), "en").offer.card
    assert (card.topic, card.announced) == ("transfers", "verified")
    call.meets(ana.accepts())


def test_c11_at_night_the_night_prompt_is_heard_and_by_day_it_is_not(redis, redis_url, sqlite_url, tmp_path):
    for hour, folder in (("03:10", tmp_path / "night"), ("11:10", tmp_path / "day")):
        folder.mkdir()
        redis.flushall()
        start = datetime.fromisoformat(f"2026-03-03T{hour}:00+08:00")
        town = open_town(redis_url=redis_url, database_url=sqlite_url, folder=folder, start=start)
        with town.network:
            call = town.queues()
            town.passes(1)
            assert ("夜间客服人员较少" in call.text) is (hour == "03:10")
            call.hangs_up()
            town.settle()
            town.fine()
        town.close()


def test_c47_a_new_agent_is_offered_a_call_within_a_minute_of_being_saved_and_without_a_restart(town):
    waiting = town.queues()
    saved = town.now
    new = RosterAgent(id=AgentId("new"), name="New", skills=ANY, languages={"zh": 5}, phone="browser")
    town.switchboard.people.save_agents([new])
    desk = Desk(town, new.id, "browser")
    town.agents.append(desk)
    desk.available()
    town.until(lambda: desk.offer is not None, within_s=60, what="the offer")
    assert (town.now - saved).total_seconds() <= 60
    waiting.meets(desk.accepts())


def test_c47_training_is_no_idle_time_and_no_call_comes(town):
    ana = town.agent("ana", skills=ANY).available()
    town.switchboard.desk.take_break(ana.id, "training")
    town.queues()
    town.passes(5)
    assert (ana.presence.value, ana.state.reason, ana.offer) == ("break", "training", None)


def test_c48_the_banner_is_heard_by_the_next_caller_and_by_no_caller_after_switch_off(town):
    def hears_it(number: str) -> bool:
        call = town.caller(number)
        town.presses(call, "1")
        town.passes(2)
        call.hears("账户被盗")
        call.hangs_up()
        town.settle()
        return "网络拥堵" in call.text

    assert not hears_it("+8613800138000")
    town.switchboard.incident.on(network="TRON", minutes=30, who="lead")
    assert hears_it("+8613800138001")
    assert hears_it("+8613800138002")
    town.switchboard.incident.off(who="lead")
    assert not hears_it("+8613800138003")
