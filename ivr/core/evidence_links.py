"""Text messages from the menu, above all the link to the form: who can be sent one, what is committed before it is spoken of, and where the call goes on.

A token cannot be drawn here, so the leg asks once more, at the door `link`, and is told a fresh one. The link stands in
SQL before the caller hears that it is on its way; when it cannot be stored or sent, the caller hears that instead and goes
on all the same: nobody stays in the menu for a text.
"""

from __future__ import annotations

from datetime import timedelta

from ivr.core import case_talk
from ivr.core.draft import Draft
from ivr.core.events import LinkAsked
from ivr.core.evidence import MOST_LINKS, LinkSent
from ivr.core.ids import NodeId, PromptId
from ivr.core.menus import Evidence, MenuTree, Node, Sms
from ivr.core.speech import slots_of
from ivr.core.talk_events import TextWanted

SENT = PromptId("evidence_sent")
UNABLE = PromptId("evidence_unable")
TROUBLE = PromptId("evidence_trouble")
LINK = "link"
"""The slot, and the door."""


def slots_in(tree: MenuTree, prompt: PromptId) -> frozenset[str]:
    """Every slot of a prompt, in whichever language."""
    said = tree.prompts.get(prompt)
    found = (slots_of(piece.text) for pieces in said.segments.values() for piece in pieces) if said else ()
    return frozenset().union(*found)


def has_link(tree: MenuTree, prompt: PromptId) -> bool:
    """A text that holds `{link}`: one is made for it."""
    return LINK in slots_in(tree, prompt)


def visit(draft: Draft, node: Evidence | Sms) -> NodeId | None:
    """Text the caller, if the number can take texts; the words that say so belong to the nodes after an `sms`.

    A text with a link waits for a fresh token first.
    """
    session = draft.session
    number = session.caller.texts_to
    if number is None:
        return _unable(draft, node)
    if isinstance(node, Sms) and not has_link(draft.tree, node.text):
        draft.text(number, node.text)
        draft.set(served=True)
        return node.goto
    if session.links >= MOST_LINKS:
        return _unable(draft, node)
    draft.ask_at(LINK)
    return None


def send(draft: Draft, event: LinkAsked) -> NodeId | None:
    """Store the link, send it, say so. The node after it; None: the call stands at no such node."""
    node = _here(draft)
    number = draft.session.caller.number
    if node is None:
        return None
    if number is None:
        return _unable(draft, node)
    if not event.url or event.case is None:
        return _trouble(draft, node)
    keep(draft, event, node.valid, id_=draft.commitment_id(LINK))
    hours = hours_of(node.valid)
    draft.text(number, node.text, link=event.url, hours=hours, digits=event.case.number)
    if isinstance(node, Evidence):
        draft.say(SENT, hours=hours)
    else:
        draft.set(served=True)
    return node.goto


def keep(draft: Draft, event: LinkAsked | TextWanted, valid: timedelta, *, id_: str) -> None:
    """The link and its case are committed with this step."""
    assert event.case is not None
    case_talk.open_with(draft, event.case)
    draft.commit(
        LinkSent(
            id=id_,
            at=draft.at,
            hotline=draft.session.hotline,
            key=event.key,
            call=draft.session.call,
            case=event.case.id,
            dialled=draft.session.dialled,
            language=draft.session.language,
            topic=draft.session.topic,
            expires_at=draft.at + valid,
        )
    )
    draft.set(links=draft.session.links + 1)


def hours_of(valid: timedelta) -> str:
    """How long a link works, as texts say it."""
    return str(max(1, round(valid.total_seconds() / 3600)))


def not_kept(draft: Draft) -> NodeId | None:
    """The link could not be stored: nothing was sent. The node after it; None: this was about something else."""
    node = _here(draft)
    return _trouble(draft, node) if node is not None else None


def _here(draft: Draft) -> Evidence | Sms | None:
    node: Node | None = draft.tree.nodes.get(draft.session.node or NodeId(""))
    if isinstance(node, Evidence) or (isinstance(node, Sms) and has_link(draft.tree, node.text)):
        return node
    return None


def _unable(draft: Draft, node: Evidence | Sms) -> NodeId:
    if isinstance(node, Evidence):
        draft.say(UNABLE)
    return node.unable or node.goto


def _trouble(draft: Draft, node: Evidence | Sms) -> NodeId:
    draft.say_if_there(TROUBLE)
    return node.unable or node.goto
