"""The rules for callers whom keys and speech do not suit."""

from __future__ import annotations

from dataclasses import replace

from ivr.core import access, facts
from ivr.core.draft import Draft
from ivr.core.ids import PromptId
from ivr.core.instructions import SendText
from tests.builders import START, prompt, started, tree

WAYS = {name: prompt(name) for name in (access.WAYS_TEXT, access.WAYS_SENT)}


def led_on(session, prompts):
    draft = Draft(session, START, tree(prompts=prompts))
    access.lead_on(draft, PromptId("no_input_2"))
    return draft.step()


def test_the_other_ways_are_texted_once_in_a_call():
    session, _ = started()
    prompts = {**tree().prompts, **WAYS}
    first = led_on(session, prompts)
    assert [order.kind for order in first.orders if isinstance(order, SendText)] == ["sms_other_ways"]
    assert any(isinstance(fact, facts.TextSent) for fact in first.facts)
    assert led_on(first.session, prompts).orders == ()


def test_a_menu_without_such_a_text_and_a_number_that_takes_none_send_nothing():
    session, _ = started()
    assert led_on(session, tree().prompts).orders == ()
    landline = replace(session, caller=replace(session.caller, mobile=False))
    assert led_on(landline, {**tree().prompts, **WAYS}).orders == ()
