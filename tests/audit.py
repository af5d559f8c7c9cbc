"""What a machine can see of a page's faults: axe-core's rules, and pages that are wider than their window."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parent.parent / "node_modules/axe-core/axe.min.js"
GRAVE = frozenset({"serious", "critical"})
WIDTHS = (1280, 420)
HEIGHT = 860
SCHEMES = ("light", "dark")

RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(({id, impact, nodes}) =>
  ({id, impact, nodes: nodes.map(({target, failureSummary}) => `${target.join(" ")}: ${failureSummary}`)}))"""
SETTLED = """async () => {
  await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  const passing = document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity);
  await Promise.all(passing.filter((one) => one.timeline === document.timeline).map((one) => one.finished.catch(() => {})));
}"""
OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@cache
def _axe() -> str:
    if not AXE.exists():
        pytest.fail("axe-core is missing: make ivr/web/static/vendor/.done", pytrace=False)
    return AXE.read_text()


def violations(page: Page) -> list[str]:
    """Every serious or critical fault, with the elements that have it."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe())
    found: list[dict[str, Any]] = page.evaluate(RUN)
    return [f"{one['id']} ({one['impact']}): {one['nodes']}" for one in found if one["impact"] in GRAVE]


def assert_sound(page: Page, what: str) -> None:
    """In both themes no grave fault, and nothing to scroll sideways at either width."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": HEIGHT})
            page.evaluate(SETTLED)
            assert page.evaluate(OVERHANG) <= 0, f"{what}, {scheme}, {width} px: wider than the window"
        assert violations(page) == [], f"{what}, {scheme}"
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
