"""For callers whom keys and speech do not suit: slower speech, remembered; another way, by text; and always a person.

Whoever stays silent twice is led to a person (`interpreter`); a number that takes texts is also sent the other ways to
reach us, once in a call. People who cannot hear, or whose relay types each prompt for them, come to us so as well
(`DOMAIN.md` 2.1).
"""

from __future__ import annotations

from ivr.core import facts
from ivr.core.draft import Draft
from ivr.core.ids import PromptId

SLOW_ON = PromptId("slow_on")
GIVEN_UP = PromptId("no_input_2")
WAYS_TEXT, WAYS_SENT = PromptId("sms_other_ways"), PromptId("other_ways_sent")


def greet(draft: Draft) -> None:
    """Speech is slow because it was in the last call: say how to have the usual one again."""
    if draft.session.slow:
        draft.say_if_there(SLOW_ON)


def change_speed(draft: Draft) -> None:
    """The key for slower speech, pressed again, brings the usual one back."""
    draft.set(slow=not draft.session.slow)
    draft.fact(facts.SpeedChosen(at=draft.at, call=draft.session.call, slow=draft.session.slow))


def lead_on(draft: Draft, before: PromptId | None) -> None:
    """On the way to a person after the second silence: the other ways, to a number that takes texts."""
    if before == GIVEN_UP:
        text_ways(draft)


def text_ways(draft: Draft) -> None:
    """Once in a call, where the menu has the text and it arrives."""
    number = draft.session.caller.texts_to
    if number is not None and not draft.session.ways_texted and WAYS_TEXT in draft.tree.prompts:
        draft.set(ways_texted=True)
        draft.text(number, WAYS_TEXT)
        draft.say(WAYS_SENT)
