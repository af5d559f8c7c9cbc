"""What an agent sends the caller while they talk: the steps of the topic, as a text message prepared by the operator.

It says nothing about anybody's account, so no proof is asked for (`DOMAIN.md` C29). Once a talk is enough.
"""

from __future__ import annotations

from ivr.core.draft import Draft
from ivr.core.events import StepsWanted
from ivr.core.fence import of_offer
from ivr.core.ids import PromptId
from ivr.core.menus import MenuTree
from ivr.core.session import CallSession


def steps_of(session: CallSession, tree: MenuTree | None) -> PromptId | None:
    """The text that would be sent; None: the topic has none, or no text message reaches this caller."""
    topic = tree.topics.get(session.topic) if tree and session.topic else None
    return topic.steps if topic and session.caller.texts_to else None


@of_offer(StepsWanted)
def send(draft: Draft, _event: StepsWanted) -> None:
    """Send them, once."""
    steps, number = steps_of(draft.session, draft.tree), draft.session.caller.texts_to
    if steps is None or number is None or draft.session.steps_sent:
        return
    draft.text(number, steps)
    draft.set(steps_sent=True)
