"""The words for a time: "today, 3 p.m. to 4 p.m.", 今天15点到16点, on the customer's own clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from ivr.core.callback_rules import Callee, Window
from ivr.core.hours import EN_DAYS, ZH_DAYS, clock_en, clock_zh
from ivr.core.ids import Language
from ivr.core.speech import is_chinese

SOON = timedelta(minutes=90)
"""Up to here a time is said as "in 10 minutes"."""


def zone_of(callee: Callee, site: str) -> str:
    """The clock to speak of: the customer's when it is sure, else the site's."""
    return callee.zones[0] if len(callee.zones) == 1 else site


def window_words(window: Window, language: Language, *, now: datetime, zone: str) -> str:
    start, end = window.start.astimezone(ZoneInfo(zone)), window.end.astimezone(ZoneInfo(zone))
    day = day_words(start, now.astimezone(ZoneInfo(zone)), language)
    if is_chinese(language):
        return f"{day}{clock_zh(start.time())}到{clock_zh(end.time())}"
    return f"{day}, {clock_en(start.time())} to {clock_en(end.time())}"


def moment_words(at: datetime, language: Language, *, now: datetime, zone: str) -> str:
    """A moment from which on we call: in so many minutes, or the day and the time."""
    minutes = max(1, round((at - now) / timedelta(minutes=1)))
    if at - now <= SOON:
        if is_chinese(language):
            return f"{minutes}分钟后"
        return f"in {minutes} minute{'' if minutes == 1 else 's'}"
    start = at.astimezone(ZoneInfo(zone))
    day = day_words(start, now.astimezone(ZoneInfo(zone)), language)
    if is_chinese(language):
        return f"{day}{clock_zh(start.time())}后"
    return f"{day} after {clock_en(start.time())}"


def deadline_words(at: datetime, language: Language, *, now: datetime, zone: str) -> str:
    """A moment by which something is done: 明天18点, "6 p.m. tomorrow"."""
    local = at.astimezone(ZoneInfo(zone))
    day = day_words(local, now.astimezone(ZoneInfo(zone)), language)
    if is_chinese(language):
        return f"{day}{clock_zh(local.time())}"
    return f"{clock_en(local.time())} {day if day in ('today', 'tomorrow') else f'on {day}'}"


def turn_words(language: Language) -> str:
    """For who keeps the place in line."""
    return "在轮到您时" if is_chinese(language) else "as soon as it is your turn"


def day_words(then: datetime, now: datetime, language: Language) -> str:
    days = (then.date() - now.date()).days
    chinese = is_chinese(language)
    if days in (0, 1):
        return (("今天", "明天") if chinese else ("today", "tomorrow"))[days]
    return ZH_DAYS[then.weekday()] if chinese else EN_DAYS[then.weekday()]
