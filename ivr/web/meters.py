"""What `/metrics` shows of this process. No numbers, names or call ids in labels."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

WEBHOOKS_REFUSED = Counter("ivr_webhooks_refused", "Webhooks that are not the carrier's, by reason", ("why",))
"""`wrong_ours` bears our account: above one in a hundred, we may be turning genuine calls away (a proxy that re-spells
the target, a token that was changed)."""
ALERTS = Counter("ivr_voice_alerts", "Signed requests that should not exist, by kind", ("what",))
VOICE_TROUBLE = Counter("ivr_voice_trouble", "Signed voice requests answered by the last resort")
VOICE_SECONDS = Histogram(
    "ivr_voice_seconds",
    "Time to answer a signed voice request",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
REQUESTS = Counter("ivr_http_requests", "Answers by route and status", ("route", "status"))


def counted(repairs: Mapping[str, int], alerts: Mapping[str, int]) -> bytes:
    """What all processes counted, as Prometheus text. More repairs than one in a thousand calls are a fault to look for."""
    registry = CollectorRegistry()
    told = (("ivr_repairs", "What the sweep put right", repairs), ("ivr_alerts", "What callers tried", alerts))
    for name, says, counts in told:
        counter = Counter(name, f"{says}, by kind", ("what",), registry=registry)
        for what, count in sorted(counts.items()):
            counter.labels(what=what).inc(count)
    return generate_latest(registry)


def menus_told(versions: Mapping[str, str], refused: int) -> bytes:
    """The menus that this process has in service, and how many problems keep a changed file out, as Prometheus text."""
    registry = CollectorRegistry()
    info = Gauge("ivr_menu_info", "Menus in service, by hotline and version", ("hotline", "version"), registry=registry)
    for hotline, version in versions.items():
        info.labels(hotline=hotline, version=version).set(1)
    Gauge("ivr_menu_problems", "Problems of menu files that were not taken up", registry=registry).set(refused)
    return generate_latest(registry)
