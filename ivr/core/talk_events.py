"""Wishes of an agent in the talk that are about the caller's text messages."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.cases import Case
from ivr.core.events import OfferEvent


@dataclass(frozen=True, kw_only=True)
class TextWanted(OfferEvent):
    """The agent wants a prepared text sent to the caller. The rest is empty where the text needs none of it."""

    text: str
    """Its name, as `desk_texts.texts_of` gives it."""
    url: str = ""
    """With a fresh token, which stands nowhere else."""
    key: str = ""
    """Under this the link is stored."""
    case: Case | None = None
    """The case that the call has, joins or opens."""
