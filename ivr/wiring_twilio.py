"""The carrier's account, joined to the settings: for `ivr twilio` and `ivr doctor` only."""

from __future__ import annotations

from ivr.settings import Settings
from ivr.telephony.twilio.account import TwilioAccount
from ivr.telephony.twilio.carrier import client_for


def account_of(settings: Settings) -> TwilioAccount:
    client = client_for(
        account=settings.twilio_account_sid,
        token=settings.twilio_auth_token.get_secret_value(),
        key=settings.twilio_api_key,
        secret=settings.twilio_api_secret.get_secret_value(),
        base=settings.twilio_api_base,
    )
    return TwilioAccount(client=client, public_url=settings.public_url)
