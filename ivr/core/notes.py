"""What an agent has written and chosen so far about a call: kept while the talk and the wrap-up go on.

It becomes the result when the agent finishes, and also when wrap-up runs out or the page never comes back: then what
was chosen counts as chosen, and only what was left open takes its default.
"""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 2000
"""Characters of the notes."""


@dataclass(frozen=True, kw_only=True)
class Notes:
    """Every field is empty until the agent says something else."""

    notes: str = ""
    disposition: str = ""
    disposition_reason: str = ""
    topic: str = ""
    follow_up: str = ""
    """A day, `2026-03-04`."""
    account_changed: bool = False
    standing: str = ""
