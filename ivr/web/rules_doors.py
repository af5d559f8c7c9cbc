"""What the pages of alerts, webhooks, tokens and administration stand on. One field of `Site`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.workflows.alert_room import AlertRoom


@dataclass(frozen=True, kw_only=True)
class RulesDoors:
    alerts: AlertRoom
    names: Callable[[str], dict[str, str]]
    """Of topics and agents by id, in a language."""
    mail_ready: bool
    """A mail server is set."""
