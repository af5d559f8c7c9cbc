"""What happens to a callback: while it is asked for, while somebody is called out, and when SQL ends it."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.callback_rules import Known, Promise
from ivr.core.events import Event
from ivr.core.ids import LegId


@dataclass(frozen=True, kw_only=True)
class CallbackAsked(Event):
    """The caller's leg is at the registration of a callback. `known` None: what it needs could not be read."""

    keys: str = ""
    finished: bool = False
    known: Known | None = None


@dataclass(frozen=True, kw_only=True)
class CalleeAsked(Event):
    """The leg that we called asks what to hear: it was answered, or a key was pressed."""

    leg: LegId
    keys: str = ""
    promise: Promise | None = None
    """As SQL has it, None when it could not be read: it gives a lost session its code back."""


@dataclass(frozen=True, kw_only=True)
class CalleeRung(Event):
    """The carrier is calling the customer on this leg."""

    leg: LegId


@dataclass(frozen=True, kw_only=True)
class CalleeFailed(Event):
    """Nobody was reached: `no_answer`, `busy`, `failed`, `gone`, or nobody was dialled (`NOT_DIALLED`)."""

    result: str
    leg: LegId | None = None
    """Empty when it is not about one leg."""


@dataclass(frozen=True, kw_only=True)
class CallbackWithdrawn(Event):
    """SQL has ended the promise or put it off: nobody is to be called now."""

    reason: str
