"""The carrier's wire in one place: is it genuine, what does it say, how is the answer drawn.

`web/voice` sees this through its protocol `Wire` and never touches the carrier's library.
"""

from __future__ import annotations

from collections.abc import Mapping

from twilio.twiml.messaging_response import MessagingResponse

from ivr.core.events import Caller
from ivr.core.instructions import Instruction, Link
from ivr.core.menus import MenuTree
from ivr.telephony.numbers import caller_of
from ivr.telephony.twilio import safe
from ivr.telephony.twilio.links import link_from
from ivr.telephony.twilio.parse import Wire, parse
from ivr.telephony.twilio.signature import SIGNATURE, Fields, SignatureCheck
from ivr.telephony.twilio.twiml import draw


class TwilioWire:
    """Twilio's webhooks and documents."""

    def __init__(self, *, origin: str, tokens: tuple[str, ...], account: str) -> None:
        self._check = SignatureCheck(origin=origin, tokens=tokens)
        self._account = account

    def refusal(self, *, target: str, form: Fields, headers: Mapping[str, str]) -> str:
        """Empty when signed with a token of ours, for our address, about our account; else why not, as one word."""
        ours = form.get("AccountSid", [""])[0] == self._account
        if self._check.genuine(target=target, form=form, headers=headers):
            return "" if ours else "foreign_account"
        if not headers.get(SIGNATURE):
            return "unsigned"
        return "wrong_ours" if ours else "wrong"

    def parse(self, form: Mapping[str, str]) -> Wire:
        return parse(form)

    def link(self, door: str, call: str, step: str, query: Mapping[str, str]) -> Link:
        return link_from(door, call, step, query)

    def caller(self, claimed: str) -> Caller:
        return caller_of(claimed)

    def draw(self, instructions: tuple[Instruction, ...], tree: MenuTree, *, dialled: str) -> bytes:
        return draw(instructions, voices=tree.voices, caller_id=tree.own_number(dialled))

    def one_moment(self, target: str) -> bytes:
        return safe.one_moment(target)

    def answer_text(self, words: str) -> bytes:
        """What is sent back to who wrote us; empty words: nothing."""
        response = MessagingResponse()
        if words:
            response.message(words)
        return str(response).encode()

    def fixed(self, name: str) -> bytes:
        """A document made beforehand: `hang_up`, `goodbye`, `agent`, `not_permitted`, `message`."""
        return FIXED[name]


FIXED = {
    "hang_up": safe.HANG_UP,
    "goodbye": safe.GOODBYE,
    "agent": safe.AGENT,
    "not_permitted": safe.NOT_PERMITTED,
    "message": safe.MESSAGE,
}
