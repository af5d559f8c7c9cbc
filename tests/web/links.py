"""Links as a call would have texted them, and how their pages are looked at."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page

from ivr.core.evidence import LinkSent
from ivr.core.ids import CallId, Language, TopicId
from ivr.wiring_evidence import draw_token
from tests.audit import COLOURS, OVERHANG, Audit, violations
from tests.web.house import HOTLINE, House


def texted(
    house: House,
    language: str,
    *,
    call: str = "CA" + "7" * 32,
    hours: int = 24,
    case: str = "case-1",
    topic: str = "transfers",
) -> str:
    """A link as a call would have been sent it."""
    token, now = draw_token(), house.now
    board = house.switchboard
    link = LinkSent(
        id=f"link-{token[:8]}",
        at=now,
        hotline="wallet",
        key=board.evidence_of(board.engine).key_of(token),
        call=CallId(call),
        case=case,
        dialled=HOTLINE,
        language=Language(language),
        topic=TopicId(topic) if topic else None,
        expires_at=now + timedelta(hours=hours),
    )
    board.ledger.commit([link])
    return f"{house.origin}/e/{token}"


def sound(page: Page, what: str) -> None:
    first = Audit.schemes[0]
    for scheme in Audit.schemes:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # colours change at once
        assert page.evaluate(OVERHANG) <= 0, f"{what}: wider than the telephone"
        assert violations(page, None if scheme == first else COLOURS) == [], f"{what}, {scheme}"
