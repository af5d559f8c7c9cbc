"""Setting up the carrier's account, on the network in the box."""

from __future__ import annotations

from ivr.core.session import State
from ivr.telephony.twilio.account import TwilioAccount
from ivr.telephony.twilio.carrier import client_for
from tests.stories.town import WALLET, open_town


def account_at(network, origin: str) -> TwilioAccount:
    known = network.account
    client = client_for(
        account=known.sid, token=known.auth_token, key=known.api_key, secret=known.api_secret, base=network.base_url
    )
    return TwilioAccount(client=client, public_url=origin)


def test_setup_shows_what_differs_changes_it_once_and_is_content_then(town):
    account = account_at(town.network, "https://hotline.example.org")
    assert account.status() == "active"
    changes, missing = account.changes([WALLET], town.network.account.app_sid)
    assert missing == []
    assert any("voice_url" in str(change) for change in changes)
    account.apply(changes)
    assert account.changes([WALLET], town.network.account.app_sid) == ([], [])


def test_number_of_somebody_else_is_named(town):
    account = account_at(town.network, "https://hotline.example.org")
    _, missing = account.changes(["+14155550199"], town.network.account.app_sid)
    assert missing == ["number +14155550199 does not belong to this account: buy it or correct the menu"]


def test_the_hotline_works_on_postgresql(redis, redis_url, postgres, tmp_path):
    town = open_town(redis_url=redis_url, database_url=postgres.url(postgres.create(postgres.master)), folder=tmp_path)
    try:
        with town.network:
            ana = town.agent("ana", skills={"other": 5}).available()
            call = town.queues()
            call.meets(ana.accepts())
            town.passes(10)
            ana.ends()
            ana.finishes()
            town.passes(10)
            assert town.session(call).state is State.ENDED
            record = town.ended(call)
            assert [segment.outcome for segment in record.segments] == ["answered"]
            town.fine()
    finally:
        town.close()
