"""The words for a time: "today between 3 and 3:30 p.m.", 今天下午3点到3点半, on the customer's own clock.

A number that may be in several time zones has no clock that is sure; then the site's is spoken, and its name is said too
(`DOMAIN.md` 2.3, rules for slots).
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from ivr.core.callback_rules import Callee, Window
from ivr.core.hours import EN_DAYS, ZH_DAYS, clock_en, clock_zh
from ivr.core.ids import Language
from ivr.core.menus import MenuTree
from ivr.core.speech import is_chinese

SOON = timedelta(minutes=90)
"""Up to here a time is said as "in 10 minutes"."""
PARTS = ((6, "凌晨"), (9, "早上"), (12, "上午"), (13, "中午"), (18, "下午"), (24, "晚上"))
"""What a Chinese speaker calls the part of the day up to this hour."""
HALVES = (" a.m.", " p.m.")
ZH_ZONES = {"Asia/Shanghai": "北京时间", "Asia/Hong_Kong": "香港时间", "Asia/Taipei": "台北时间", "UTC": "世界标准时间"}


def zone_of(callee: Callee, site: str) -> str:
    """The clock to speak of: the customer's when it is sure, else the site's."""
    return callee.zones[0] if len(callee.zones) == 1 else site


def zone_words(callee: Callee, tree: MenuTree, language: Language, *, at: datetime) -> str:
    """The name of the clock that is spoken of, when the customer's own may show another time; else nothing.

    A menu may give its own under the text `zone_name`.
    """
    offset = at.astimezone(ZoneInfo(tree.zone)).utcoffset()
    if len(callee.zones) == 1 or all(at.astimezone(ZoneInfo(zone)).utcoffset() == offset for zone in callee.zones):
        return ""
    own = tree.texts.get("zone_name", {}).get(language)
    if own is not None:
        return own
    if is_chinese(language):
        return ZH_ZONES.get(tree.zone, "热线所在地时间")
    return f"{tree.zone.rpartition('/')[2].replace('_', ' ')} time"


def window_words(window: Window, language: Language, *, now: datetime, zone: str, named: str = "") -> str:
    """`named` is the clock's name (`zone_words`), where it must be said."""
    start, end = window.start.astimezone(ZoneInfo(zone)), window.end.astimezone(ZoneInfo(zone))
    day = day_words(start, now.astimezone(ZoneInfo(zone)), language)
    if is_chinese(language):
        begins, ends = part_zh(start.time()), part_zh(end.time())
        last = clock12_zh(end.time()) if begins == ends else f"{ends}{clock12_zh(end.time())}"
        return f"{named}{day}{begins}{clock12_zh(start.time())}到{last}"
    first, last = clock_en(start.time()), clock_en(end.time())
    for half in HALVES:
        if first.endswith(half) and last.endswith(half):
            first = first.removesuffix(half)
    return " ".join(part for part in (f"{day} between {first} and {last}", named) if part)


def moment_words(at: datetime, language: Language, *, now: datetime, zone: str, named: str = "") -> str:
    """A moment from which on we call: in so many minutes, or the day and the time."""
    minutes = max(1, round((at - now) / timedelta(minutes=1)))
    if at - now <= SOON:
        if is_chinese(language):
            return f"{minutes}分钟后"
        return f"in {minutes} minute{'' if minutes == 1 else 's'}"
    start = at.astimezone(ZoneInfo(zone))
    day = day_words(start, now.astimezone(ZoneInfo(zone)), language)
    if is_chinese(language):
        return f"{named}{day}{part_zh(start.time())}{clock12_zh(start.time())}后"
    return " ".join(part for part in (f"{day} after {clock_en(start.time())}", named) if part)


def next_words(due: datetime, callee: Callee, tree: MenuTree, language: Language, *, now: datetime) -> str:
    """When we call again, on the customer's clock."""
    named = zone_words(callee, tree, language, at=due)
    return moment_words(due, language, now=now, zone=zone_of(callee, tree.zone), named=named)


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


def part_zh(clock: time) -> str:
    """下午, 晚上, … ."""
    return next(part for until, part in PARTS if clock.hour < until)


def clock12_zh(clock: time) -> str:
    """As it is said after the part of the day: 3点, 3点半, 3点15分."""
    minute = {0: "", 30: "半"}.get(clock.minute, f"{clock.minute}分")
    return f"{clock.hour % 12 or 12}点{minute}"
