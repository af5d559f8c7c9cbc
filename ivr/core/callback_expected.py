"""When a callback that keeps its place in line is expected: a time that is named, or nothing.

"As soon as it is your turn" is true and tells nothing. Where the estimate of the wait is backed by data (`estimates.announce`), the
caller hears half an hour that holds it, with a quarter of the wait to spare (at least five minutes), and never one that is
over already. Nothing is named at the cap of the estimates, where nobody knows how much longer it takes, nor where
the desk or the decent hours end before. What was named stands with the promise and among the announcements, so that both
reports can measure it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from ivr.core import facts
from ivr.core.callback_rules import GRID, Callee, Known, Promise, Window, ceil, fits
from ivr.core.callback_words import turn_words, window_words, zone_of, zone_words
from ivr.core.draft import Draft
from ivr.core.estimates import CAP
from ivr.core.hours import Calendar
from ivr.core.ids import PromptId

HALF_HOUR = timedelta(minutes=30)
LEAST_SPARE = timedelta(minutes=5)
INSTANT = timedelta(seconds=1)


def expected_window(at: datetime, wait: timedelta) -> Window | None:
    """Half an hour on the quarters of the clock that holds `at + wait`; None: too far away to be known."""
    if wait >= CAP:
        return None
    end = ceil(at + wait + max(wait / 4, LEAST_SPARE), GRID)
    start = max(end - HALF_HOUR, at - timedelta(seconds=at.timestamp()) % GRID)
    return Window(start=start, end=start + HALF_HOUR)


def expect(draft: Draft, callee: Callee, known: Known, calendar: Calendar) -> Window | None:
    """The window to name to a caller who keeps the place in line."""
    if known.wait is None:
        return None
    found = expected_window(draft.at, known.wait.wait)
    if found is None:
        return None
    moments = (draft.at + known.wait.wait, found.end - INSTANT)
    return found if all(fits(at, callee, draft.tree.callbacks, calendar) for at in moments) else None


def when_of(draft: Draft, callee: Callee, window: Window | None) -> str:
    """The words for it."""
    language = draft.session.language
    if window is None:
        return turn_words(language)
    zone, named = zone_of(callee, draft.tree.zone), zone_words(callee, draft.tree, language, at=window.start)
    return window_words(window, language, now=draft.at, zone=zone, named=named)


def note_told(draft: Draft, made: Promise, known: Known) -> None:
    """The announcement, like every other one that names a wait."""
    if made.told_by is None or known.wait is None or not draft.session.segment:
        return
    draft.fact(
        facts.WaitAnnounced(
            at=draft.at,
            call=draft.session.call,
            segment=draft.session.segment,
            seconds=round(known.wait.wait.total_seconds()),
            estimator=known.wait.estimator,
            prompt=PromptId("cb_done"),
            estimates=dict(known.wait.estimates),
        )
    )
