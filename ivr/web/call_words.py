"""Words of the lists and stories of calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from ivr.core.call_list import WAITING, Listed, ListedCall, Repeat
from ivr.core.callback_rules import PREFIX
from ivr.core.facts import CallEnd, Outcome
from ivr.core.supervision import BY
from ivr.web.i18n import gettext
from ivr.web.texts import N_, TEXTS

OUTCOMES: Mapping[str, str] = {
    Outcome.ANSWERED: N_("answered"),
    Outcome.ABANDONED: N_("hung up"),
    Outcome.CALLBACK: N_("callback promised"),
    Outcome.MESSAGE: N_("left a message"),
    Outcome.OVERFLOW: N_("sent on"),
    Outcome.CLOSED: N_("sent on at closing time"),
    Outcome.DROPPED: N_("lost by a fault"),
    WAITING: N_("still waiting"),
}
SUPERVISED: Mapping[str, str] = {
    Outcome.OVERFLOW: N_("moved to another queue by a supervisor"),
    Outcome.DROPPED: N_("ended by a supervisor"),
}
"""The same where a supervisor had it so."""
MARKS: Mapping[str, str] = {
    "urgent": N_("urgent"),
    "transfer": N_("transferred"),
    "recorded": N_("recorded"),
    "repaired": N_("repaired"),
    "made": N_("called by us"),
    "test": N_("test call"),
}
EXPLAINED: Mapping[str, str] = {
    "urgent": N_("ahead of all other callers"),
    "transfer": N_("an agent sent the caller here"),
    "recorded": N_("a recording of the talk is kept"),
    "repaired": N_("something in this call was put right by the service"),
    "made": N_("a promised callback, or dialled by an agent"),
    "test": N_("of a test number: in no figure"),
}
LANGUAGES: Mapping[str, str] = {"zh": "中文", "en": "English"}
REFUSED: Mapping[str, str] = {
    "bad_time": N_(
        "Choose two days such as 2026-10-25, or local times such as 2026-10-25T08:30, the second after the first."
    ),
    "unknown_zone": N_("There is no such time zone. Write it like Asia/Shanghai."),
    "unknown_figure": N_("There is no such figure. Open the list again from the report."),
    "bad_place": N_("This place in the list is not known any more. Begin at the top."),
    "bad_search": N_("Write a number with its country code, such as +86 138 0013 8000; a case has 8 digits."),
    "unknown_call": N_("There is no such call."),
}


CHIP: Mapping[str, str] = {
    "figure": N_("Behind the figure: %(what)s"),
    "menu": N_("Came to the menu: %(what)s"),
    "left": N_("Ended at: %(what)s"),
    "caller": N_("Calls of one number"),
    "case": N_("Case %(what)s"),
    "hotline": N_("Hotline: %(what)s"),
    "result": N_("Result: %(what)s"),
    "reason": N_("Reason: %(what)s"),
    "said": N_("Agent said: %(what)s"),
    "once": N_("One line for each call"),
    "hung_up": N_("The caller hung up"),
}
"""Filters that come with a link and have no field of their own."""
PLACED: Mapping[str, str] = {
    Listed.EVENT: N_("By the end of the wait"),
    Listed.ANSWER: N_("By the answer"),
    Listed.CALL: N_("Calls, not stays in a queue"),
}
REPEATS: Mapping[str, str] = {
    Repeat.BASE: N_("With a number of one's own"),
    Repeat.AGAIN: N_("Called again within 7 days"),
    Repeat.ONCE: N_("Did not call again within 7 days"),
}


def refused(error_id: str) -> str:
    return gettext(REFUSED.get(error_id, N_("This filter cannot be read. Choose again.")))


def became(line: ListedCall) -> str:
    """How a stay ended; of a call without one, how the call ended."""
    if line.segment:
        return gettext(OUTCOMES[line.outcome or WAITING])
    return end_words(line.end)


def stay_words(outcome: str, reason: str) -> str:
    """How a stay in a queue ended, and whether a supervisor ended it."""
    by = SUPERVISED.get(outcome) if reason == BY else None
    return gettext(by or OUTCOMES[outcome or WAITING])


def end_words(end: str) -> str:
    return gettext(TEXTS[f"end_{CallEnd(end)}"]) if end else gettext("in progress")


def marks(line: ListedCall) -> list[tuple[str, str, str]]:
    """Name, word, and what it means."""
    has = {
        "urgent": line.urgent,
        "transfer": line.cause == "transfer",
        "recorded": line.recorded,
        "repaired": bool(line.repairs),
        "made": line.call.startswith(PREFIX),
        "test": line.test,
    }
    return [(name, gettext(MARKS[name]), gettext(EXPLAINED[name])) for name, true in has.items() if true]


def span(seconds: float | timedelta | None) -> str:
    """`1:23`, hours with their minutes, nothing as a dash."""
    if seconds is None:
        return "–"
    whole = round(seconds.total_seconds() if isinstance(seconds, timedelta) else seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def language_name(language: str) -> str:
    return LANGUAGES.get(language, language)
