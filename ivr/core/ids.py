"""The names by which things are known. All are plain text at run time; the types keep them apart."""

from __future__ import annotations

from typing import NewType

CallId = NewType("CallId", str)
"""The carrier's id of the caller's leg (`CA` + 32 hex); one call, one id, from the first ring to the record."""

OfferId = NewType("OfferId", str)
"""One offer of one call to one agent; grows monotonically per hotline, so a late answer is known to be late."""

LegId = NewType("LegId", str)
"""The carrier's id of any leg, an agent's included."""

AgentId = NewType("AgentId", str)
"""An agent's short id: letters, digits, underscore; at most 64 characters (it is also the softphone's identity)."""

TopicId = NewType("TopicId", str)
NodeId = NewType("NodeId", str)
PromptId = NewType("PromptId", str)

Language = NewType("Language", str)
"""A language of the hotline as its menu names it, for example `zh` or `en`."""

E164 = NewType("E164", str)
"""A telephone number with plus sign and country code, checked by `telephony.numbers`."""
