"""The text that goes with a promised callback: the time, the code, and what to have at hand (`DOMAIN.md` C25).

The list is the prompt `sms_prepare`, if the menu has one. It goes into the same text while both fit into two messages, else as a text
of its own.
"""

from __future__ import annotations

from ivr.core.draft import Draft
from ivr.core.ids import E164, PromptId
from ivr.core.speech import is_chinese, plain_text
from ivr.core.text_length import sms_segments

BOOKED, PREPARE = PromptId("sms_callback"), PromptId("sms_prepare")
MOST_MESSAGES = 2


def send(draft: Draft, number: E164, *, when: str, code: str) -> None:
    language, prompts = draft.session.language, draft.tree.prompts
    if PREPARE not in prompts:
        draft.text(number, BOOKED, when=when, code=code)
        return
    ready = plain_text(prompts[PREPARE], language, {}, draft.tree)
    also = ("" if is_chinese(language) else " ") + ready
    booked = plain_text(prompts[BOOKED], language, {"when": when, "code": code}, draft.tree)
    if sms_segments(booked + also) <= MOST_MESSAGES:
        draft.text(number, BOOKED, also=also, when=when, code=code)
    else:
        draft.text(number, BOOKED, when=when, code=code)
        draft.text(number, PREPARE)
