"""The filter of the call lists, in the address: the same for page, file and program."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlencode
from zoneinfo import ZoneInfo, available_timezones

from werkzeug.datastructures import MultiDict

from ivr.core.call_list import WAITING, CallFilter, Listed, Place, Repeat, Tests
from ivr.core.errors import RequestError
from ivr.core.facts import CallEnd, Outcome
from ivr.core.ids import CallId
from ivr.core.intervals import period
from ivr.web.doors import Site
from ivr.workflows.find_calls import PART, WHOLE

NAMES = (
    *("from", "to", "zone", "by", "topic", "language", "agent", "outcome", "end", "menu", "left"),
    *(
        "figure",
        "side",
        "caller",
        "case",
        "made",
        "hotline",
        "result",
        "reason",
        "said",
        "repeat",
        "once",
        "hung_up",
        "tests",
    ),
)
"""All but `after`, which is a place in the list and no filter."""
ALWAYS = (datetime(2000, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))
"""Of a number or a case: everything, unless a time is named."""


@dataclass(frozen=True, kw_only=True)
class CallsAsked:
    """What an address asks for."""

    wanted: CallFilter
    figure: str
    side: str
    after: Place | None
    zone: ZoneInfo


def asked(args: MultiDict[str, str], site: Site) -> CallsAsked:
    """Raises RequestError (422) with a sentence about what cannot be read."""
    zone = zone_of(args, site)
    by, side = args.get("by") or "arrival", args.get("side") or PART
    _one_of("by", by, tuple(Listed))
    _one_of("side", side, (PART, WHOLE))
    outcome, end_as = args.get("outcome", ""), args.get("end", "")
    _one_of("outcome", outcome, ("", WAITING, *Outcome))
    _one_of("end", end_as, ("", *CallEnd))
    repeat = args.get("repeat", "")
    _one_of("repeat", repeat, ("", *Repeat))
    tests = args.get("tests", "")
    _one_of("tests", tests, tuple(Tests))
    caller, case = args.get("caller", ""), args.get("case", "")
    start, end = _times(args, site, zone, always=bool(caller or case))
    wanted = CallFilter(
        start=start,
        end=end,
        by=Listed(by),
        hotline=args.get("hotline", ""),
        topics=tuple(topic for topic in args.getlist("topic") if topic),
        language=args.get("language", ""),
        agent=args.get("agent", ""),
        outcome=outcome,
        end_as=end_as,
        menu=args.get("menu", ""),
        left=args.get("left", ""),
        hung_up_by=args.get("hung_up", ""),
        result=args.get("result", ""),
        reason=args.get("reason", ""),
        said=args.get("said", ""),
        repeat=Repeat(repeat) if repeat else None,
        once=bool(args.get("once")),
        caller=(caller,) if caller else (),
        case=case,
        tests=Tests(tests) if tests or not (caller or case) else Tests.TOO,
        made_too=bool(args.get("made") or caller or case),
    )
    figure = args.get("figure", "")
    if figure:
        wanted = replace(wanted, made_too=False, tests=Tests.WITHOUT)
    return CallsAsked(wanted=wanted, figure=figure, side=side, after=place_of(args.get("after", "")), zone=zone)


def zone_of(args: Mapping[str, str], site: Site) -> ZoneInfo:
    name = args.get("zone") or site.zone
    if name not in available_timezones():
        raise RequestError(f"there is no time zone {name}", status=422, error_id="unknown_zone")
    return ZoneInfo(name)


def today(site: Site, zone: ZoneInfo) -> str:
    return site.now().astimezone(zone).date().isoformat()


def address(args: MultiDict[str, str], *, path: str = "/supervisor/calls", **more: str) -> str:
    """The same list, with these changes; an empty one takes a filter away. A change of the filter begins at the top."""
    pairs = [(name, value) for name in NAMES if name not in more for value in args.getlist(name) if value]
    pairs += [(name, value) for name, value in more.items() if value]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def written(place: Place) -> str:
    """A place in the list, for an address."""
    text = f"{place.at.isoformat()} {place.segment} {place.call}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def place_of(text: str) -> Place | None:
    if not text:
        return None
    try:
        at, segment, call = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(" ")
        found = Place(at=datetime.fromisoformat(at), segment=int(segment), call=CallId(call))
    except (ValueError, binascii.Error) as err:
        raise RequestError("`after` is no place of this list", status=422, error_id="bad_place") from err
    if found.at.tzinfo is None or not 0 <= found.segment < 2**31:
        raise RequestError("`after` is no place of this list", status=422, error_id="bad_place")
    return found


def _times(args: Mapping[str, str], site: Site, zone: ZoneInfo, *, always: bool) -> tuple[datetime, datetime]:
    first, last = args.get("from", ""), args.get("to", "")
    if always and not first and not last:
        return ALWAYS
    first = first or last or today(site, zone)
    try:
        return period(first, last or first[:10], zone)
    except ValueError as err:
        raise RequestError(
            "choose two days such as 2026-10-25, or local times such as 2026-10-25T08:30, the second after the first",
            status=422,
            error_id="bad_time",
        ) from err


def _one_of(name: str, value: str, known: Sequence[str]) -> None:
    if value not in set(known):
        raise RequestError(
            f"{name} is one of {', '.join(one for one in known if one)}", status=422, error_id=f"bad_{name}"
        )
