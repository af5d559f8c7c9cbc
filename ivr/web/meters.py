"""What `/metrics` shows of this process. No numbers, names or call ids in labels."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

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
