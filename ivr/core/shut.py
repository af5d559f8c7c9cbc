"""A queue that a supervisor has closed for some hours or a day, one that the menu file keeps open day and night included.

It has then a calendar of its own, `queue:<topic>` (`overlays`), by which everything else goes too: callbacks, hand-overs, the board.
Who comes to the queue hears that it is closed and until when, is texted the other ways to reach us, and is led to
what the topic has for it: the place of its closing time, else a message, else a callback. Who waits already is served.
"""

from __future__ import annotations

from ivr.core import access
from ivr.core.callback_words import deadline_words
from ivr.core.draft import Draft
from ivr.core.hours import is_open, next_opening
from ivr.core.ids import NodeId, PromptId
from ivr.core.menus import Callback, MenuTree, Queue, Topic, Voicemail
from ivr.core.speech import is_chinese

PREFIX = "queue:"
WORDS = PromptId("queue_closed")


def calendar_for(topic: str) -> str:
    """Name of the calendar that pages set over a queue."""
    return f"{PREFIX}{topic}"


def is_shut(draft: Draft, node: Queue) -> bool:
    topic = draft.tree.topic(node.topic)
    ours = topic.calendar is not None and topic.calendar.startswith(PREFIX)
    return ours and not is_open(draft.tree.calendar_of(topic.id), draft.at)


def turn_away(draft: Draft, node: Queue) -> NodeId | None:
    """Say so. Where the caller goes instead; None: there is nothing but goodbye."""
    topic = draft.tree.topic(node.topic)
    draft.set(topic=topic.id)
    draft.say(WORDS, when=_until(draft, topic))
    access.text_ways(draft)
    return instead(draft.tree, topic)


def instead(tree: MenuTree, topic: Topic) -> NodeId | None:
    if topic.closing is not None:
        return topic.closing
    kinds = (Voicemail, Callback)
    ways = [
        (kinds.index(type(tree.nodes[node])), node)
        for node in topic.options.values()
        if isinstance(tree.nodes.get(node), kinds)
    ]
    return min(ways)[1] if ways else None


def _until(draft: Draft, topic: Topic) -> str:
    language, tree = draft.session.language, draft.tree
    opens = next_opening(tree.calendar_of(topic.id), draft.at)
    if opens is None:
        return "稍后" if is_chinese(language) else "at a later time"
    words = deadline_words(opens, language, now=draft.at, zone=tree.zone)
    return words if is_chinese(language) else f"at {words}"
