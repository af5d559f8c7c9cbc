"""The prepared texts of a call as the agent's page lists them: a name, and the words as the caller will read them."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.desk_texts import VALID, texts_of
from ivr.core.evidence_links import hours_of
from ivr.core.ids import Language
from ivr.core.menus import MenuTree
from ivr.core.session import CallSession
from ivr.core.speech import plain_text
from ivr.workflows.menu_labels import named

TO_COME = "…"
"""In the place of what is known only when the text is sent."""


@dataclass(frozen=True, kw_only=True)
class TextView:
    name: str
    label: str
    """In the page's language; empty for the steps of the topic."""
    words: str
    """In the caller's language."""
    sent: bool


def text_views(session: CallSession, tree: MenuTree | None, language: Language) -> tuple[TextView, ...]:
    case = session.case.number if session.case else TO_COME
    slots = {"link": TO_COME, "hours": hours_of(VALID), "digits": case}
    return tuple(
        TextView(
            name=one.name,
            label=named(one.names, language) if one.names else "",
            words=plain_text(tree.prompts[one.prompt], session.language, slots, tree),
            sent=one.sent,
        )
        for one in texts_of(session, tree)
        if tree is not None
    )
