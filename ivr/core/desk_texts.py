"""What an agent texts the caller in the talk: words that the operator prepared, the steps of the topic first.

They say nothing about anybody's account, so no proof is asked for (`DOMAIN.md` C29). Each is sent once in a call, to the number
that calls and to no other. One with `{link}` carries a fresh link to the form, stored before the text goes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from ivr.core import case_talk, evidence_links
from ivr.core.draft import Draft
from ivr.core.evidence import MOST_LINKS
from ivr.core.fence import of_offer
from ivr.core.ids import Language, PromptId
from ivr.core.menus import MenuTree
from ivr.core.prepared_texts import DeskText
from ivr.core.session import CallSession
from ivr.core.talk_events import TextWanted

STEPS = "steps"
"""Name of the topic's own text."""
SLOTS = frozenset({"link", "hours", "digits"})
"""What is filled in when one is sent: the link, how long it works, the number of the case."""
VALID = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class OfferedText:
    name: str
    names: Mapping[Language, str]
    """Empty for the steps of the topic."""
    prompt: PromptId
    sent: bool


def texts_of(session: CallSession, tree: MenuTree | None) -> tuple[OfferedText, ...]:
    """What may be sent to this caller now; nothing where no text message arrives."""
    if tree is None or session.topic is None or session.caller.texts_to is None:
        return ()
    topic = tree.topics.get(session.topic)
    steps = (DeskText(name=STEPS, names={}, prompt=topic.steps),) if topic and topic.steps else ()
    others = (one for one in tree.desk_texts if not one.topics or session.topic in one.topics)
    return tuple(
        OfferedText(name=one.name, names=one.names, prompt=one.prompt, sent=one.name in session.texts_sent)
        for one in (*steps, *others)
    )


def needs_of(tree: MenuTree, prompt: PromptId) -> frozenset[str]:
    """Of `SLOTS`, those that this text has."""
    return SLOTS & evidence_links.slots_in(tree, prompt)


@of_offer(TextWanted)
def send(draft: Draft, event: TextWanted) -> None:
    """Send it, once."""
    session, number = draft.session, draft.session.caller.texts_to
    one = next((one for one in texts_of(session, draft.tree) if one.name == event.text and not one.sent), None)
    if one is None or number is None:
        return
    needs = needs_of(draft.tree, one.prompt)
    if needs and event.case is None:
        return
    if evidence_links.LINK in needs:
        if not event.url or session.links >= MOST_LINKS:
            return
        evidence_links.keep(draft, event, VALID, id_=draft.commitment_id(f"link-{one.name}"))
    elif event.case is not None:
        case_talk.open_with(draft, event.case)
    digits = event.case.number if event.case else ""
    draft.text(number, one.prompt, link=event.url, hours=evidence_links.hours_of(VALID), digits=digits)
    draft.set(texts_sent=(*session.texts_sent, one.name))
