"""The app's entrance: a signed-in customer taps "call us", and the call that follows goes straight to its queue."""

from __future__ import annotations

from datetime import datetime

import requests

from ivr.core import facts
from ivr.core.errors import Unavailable
from tests.stories.callbacks import ANA_CALLS, ANY
from tests.stories.town import open_town

REFUND = {"number": ANA_CALLS, "topic": "refunds", "language": "en", "verified": True, "case_number": "12345674"}


def token_of(town, scope: str = "tickets:write") -> str:
    token: str = town.switchboard.tokens.add(f"app-{scope}", [scope], at=town.now, who="operator")
    return token


def posts(town, body: object, token: str, **headers: str) -> requests.Response:
    address = f"{town.switchboard.settings.public_url}/api/v1/tickets"
    return requests.post(address, json=body, headers={"Authorization": f"Bearer {token}", **headers}, timeout=10)


def test_the_caller_hears_the_notice_and_is_in_line_and_the_panel_says_verified_in_app(town):
    answer = posts(town, REFUND, token_of(town))
    assert answer.status_code == 201
    assert answer.json()["call"] == "+861058765432"
    town.network.clock.advance(14 * 60)
    call = town.caller()
    call.hears("Our agents will never ask for your password")
    call.hears("You are in line for refunds.")
    assert "press 1" not in call.text
    ana = town.agent("ana", skills=ANY).available()
    card = town.switchboard.desk.view("ana", "en").offer.card
    assert (card.topic, card.announced, dict(card.answers)["case"]) == ("refunds", "verified", "12345674")
    call.meets(ana.accepts())
    [used] = [fact for fact in town.facts_of(call) if isinstance(fact, facts.TicketUsed)]
    assert (used.topic, used.verified) == ("refunds", True)


def test_a_ticket_opens_one_call_and_only_from_its_number(town):
    posts(town, REFUND, token_of(town))
    stranger = town.caller("+8613800138001")
    stranger.hears("欢迎致电")
    first = town.caller()
    first.hears("You are in line for refunds.")
    first.hangs_up()
    second = town.caller()
    second.hears("欢迎致电")


def test_after_its_time_a_ticket_opens_nothing(town):
    posts(town, {**REFUND, "expires_in_s": 60}, token_of(town))
    town.network.clock.advance(61)
    town.caller().hears("欢迎致电")


def test_a_closed_desk_offers_what_it_offers_anybody(redis, redis_url, sqlite_url, tmp_path):
    night = datetime.fromisoformat("2026-03-02T21:00:00+08:00")
    town = open_town(redis_url=redis_url, database_url=sqlite_url, folder=tmp_path, start=night)
    with town.network:
        posts(town, {"number": ANA_CALLS, "topic": "complaints"}, token_of(town))
        call = town.caller()
        call.hears("现在已下班。留言请按1")
        assert town.session(call).queued_at is None
        town.fine()
    town.close()


def test_the_same_key_makes_one_ticket_and_another_body_under_it_is_refused(town):
    token = token_of(town)
    first = posts(town, REFUND, token, **{"Idempotency-Key": "tap-1"})
    again = posts(town, REFUND, token, **{"Idempotency-Key": "tap-1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = posts(town, {**REFUND, "topic": "transfers"}, token, **{"Idempotency-Key": "tap-1"})
    assert (other.status_code, other.json()["error"]) == (409, "key_reused")
    town.caller().hangs_up()
    town.caller().hears("欢迎致电")


WRONG = (
    ({"number": "13800138000"}, "ticket_number"),
    ({"number": "+1"}, "ticket_number"),
    ({"topic": "billing"}, "ticket_topic"),
    ({"node": "main"}, "ticket_target"),
    ({"language": "fr"}, "ticket_language"),
    ({"case_number": "12345678"}, "ticket_case"),
    ({"expires_in_s": 3601}, "ticket_life"),
    ({"hotline": "other"}, "ticket_hotline"),
    ({"number": None}, "bad_field"),
    ({"role": "admin"}, "bad_field"),
)


def test_a_wrong_request_is_told_what_is_wrong(town):
    token = token_of(town)
    for change, word in WRONG:
        answer = posts(town, {**REFUND, **change}, token)
        assert answer.status_code in (400, 422), change
        assert answer.json()["error"] == word, change
    town.caller().hears("欢迎致电")


def test_only_a_token_made_for_it_opens_the_door(town):
    token = token_of(town)
    assert posts(town, REFUND, "wrong").status_code == 401
    assert posts(town, REFUND, token_of(town, "reports:read")).status_code == 403
    assert town.switchboard.tokens.revoke("app-tickets:write", at=town.now, who="operator")
    assert posts(town, REFUND, token).status_code == 401
    what = [row.what for row in town.switchboard.people.audit_rows()]
    assert what == ["token revoked", "token added", "token added"]
    assert town.switchboard.people.verify_audit() is None


def test_with_sql_away_the_call_gets_the_menu(town, monkeypatch):
    posts(town, REFUND, token_of(town))

    def away(*_: object, **__: object) -> None:
        raise Unavailable("the database did not answer")

    monkeypatch.setattr("ivr.storage.sql.tickets.reading", away)
    town.caller().hears("欢迎致电")
    monkeypatch.undo()
