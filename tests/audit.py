"""What a machine can see of a page's faults: axe-core's rules, and pages that are wider than their window."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

AXE = Path(__file__).parent.parent / "node_modules/axe-core/axe.min.js"
WIDTHS = (1280, 420)
HEIGHT = 860
SCHEMES = ("light", "dark")
THEMES = {"en": ("light",), "zh": ("dark",)}
"""Where a page is looked at in each language, it is looked at in one theme each: no colour depends on the language and no word on the
theme, so every rule sees both themes and both languages. `tests/conftest.py` says so by the parameter `language`.
"""
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that a second theme can break."""

RUN = """async (only) => {
  const used = axe._audit.rules.filter(({enabled, tags}) => enabled && !tags.includes("experimental"));
  const options = {resultTypes: ["violations"], runOnly: only ?? used.map(({id}) => id)};
  return (await axe.run(document, options)).violations.map(({id, impact, nodes}) =>
    ({id, impact, nodes: nodes.map(({target, failureSummary}) => `${target.join(" ")}: ${failureSummary}`)}));
}"""
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


def violations(page: Page, only: Sequence[str] | None = None) -> list[str]:
    """Every fault, however small, with the elements that have it; or those of some rules."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe())
    found: list[dict[str, Any]] = page.evaluate(RUN, only)
    return [f"{one['id']} ({one['impact']}): {one['nodes']}" for one in found]


class Audit:
    """How thoroughly pages are looked at just now."""

    schemes: tuple[str, ...] = SCHEMES


def assert_sound(page: Page, what: str) -> None:
    """In both themes no fault, and nothing to scroll sideways at either width."""
    first, *others = Audit.schemes
    page.emulate_media(color_scheme=first)
    for width in WIDTHS:
        assert_fits(page, width, f"{what}, {first}")
    assert violations(page) == [], f"{what}, {first}"
    for scheme in others:
        page.emulate_media(color_scheme=scheme)
        assert_fits(page, WIDTHS[-1], f"{what}, {scheme}")
        assert violations(page, COLOURS) == [], f"{what}, {scheme}"
        assert_fits(page, WIDTHS[0], f"{what}, {scheme}")
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})


def assert_fits(page: Page, width: int, what: str) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.evaluate(SETTLED)
    assert page.evaluate(OVERHANG) <= 0, f"{what}, {width} px: wider than the window"
