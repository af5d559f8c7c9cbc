"""Look at the board every few seconds and raise, clear and tell alerts. One process at a time does it.

What stands and what was told is in SQL, so that whoever looks next goes on from there; what rises or clears is in
the memory of the one who looks, and begins anew with another. Should two look at once for a moment (a lost lease), an
alert still stands once, and its messages have the same ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from ivr.core.alert_rows import Alert
from ivr.core.alert_rules import DEFAULT_RULES, AlertRule, Way
from ivr.core.alerts import APART, Cleared, Look, News, Phase, Raised, Reading, Watch, Watching, watch

NAME = "alerts"


class Lease(Protocol):
    def held(self, name: str) -> bool:
        """Take or keep it for a while; False while another process has it. Raises `Unavailable`."""


class Alerts(Protocol):
    """The alerts in SQL. Raises `Unavailable`."""

    def standing(self) -> Sequence[Alert]: ...

    def told_since(self, since: datetime) -> Sequence[Alert]: ...

    def raise_(self, alert: Alert) -> None: ...

    def clear(self, rule: str, subject: str, *, at: datetime) -> Alert | None: ...

    def told(self, alert: str, *, at: datetime) -> None: ...


class OwnRules(Protocol):
    def rules(self) -> Sequence[AlertRule]:
        """Those that somebody has changed or added."""


class TellOf(Protocol):
    """Where the messages go out."""

    def tell(self, alert: Alert, rule: AlertRule, *, at: datetime) -> None:
        """Twice for the same alert is once."""

    def cleared(self, alert: Alert, *, at: datetime) -> None:
        """One that was told is over."""


@dataclass
class WatchAlerts:
    read: Callable[[], tuple[datetime, Sequence[Reading]]]
    alerts: Alerts
    own: OwnRules
    tell: TellOf
    lease: Lease
    zone: Callable[[], str]
    new_id: Callable[[], str]
    show: Callable[[], None]
    """Tell the pages that something changed."""
    _state: Watching | None = field(default=None, init=False)

    def __call__(self) -> Sequence[News]:
        """One look; nothing while another process looks. Raises `Unavailable`."""
        if not self.lease.held(NAME):
            self._state = None
            return ()
        at, readings = self.read()
        rules = rules_of(self.own.rules())
        before = self._known(at, {rule.id: rule.ways for rule in rules})
        look = Look(at=at, zone=ZoneInfo(self.zone()), readings=readings)
        after, news = watch(before, rules, look)
        for one in news:
            self._keep(one, at)
        self._state = after
        if news:
            self.show()
        return news

    def _known(self, at: datetime, ways: Mapping[str, frozenset[Way]]) -> Watching:
        """What we remember, with what SQL says of the alerts that stand. `ways`: of each rule; those of one that is gone are
        not known, so it may have been told by any.
        """
        standing = {(one.rule, one.subject): one for one in self.alerts.standing()}
        before = self._state
        remembered: Mapping[tuple[str, str], Watch] = before.watches if before else {}
        watches = {key: one for key, one in remembered.items() if one.raised_at is None}
        for key, alert in standing.items():
            mine = remembered.get(key)
            clearing = mine is not None and mine.phase is Phase.CLEARING
            watches[key] = Watch(
                phase=Phase.CLEARING if clearing else Phase.RAISED,
                since=mine.since if mine is not None and clearing else alert.raised_at,
                raised_at=alert.raised_at,
                value=alert.value,
                told=alert.told_at is not None,
                acknowledged=alert.acknowledged_at is not None,
            )
        told = {
            (one.figure, one.subject, one.level, way): one.told_at
            for one in sorted(self.alerts.told_since(at - APART), key=lambda one: one.told_at or at)
            if one.told_at is not None
            for way in ways.get(one.rule, frozenset(Way))
        }
        return Watching(watches=watches, told_at=told, looked_at=before.looked_at if before else None)

    def _keep(self, news: News, at: datetime) -> None:
        if isinstance(news, Raised):
            rule = news.rule
            alert = Alert(
                id=self.new_id(),
                rule=rule.id,
                figure=rule.figure,
                level=rule.level,
                subject=news.subject,
                threshold=news.limit,
                value=news.value,
                raised_at=at,
            )
            self.alerts.raise_(alert)
        elif isinstance(news, Cleared):
            gone = self.alerts.clear(news.rule, news.subject, at=at)
            if gone is not None and gone.told_at is not None:
                self.tell.cleared(gone, at=at)
        else:
            found = [one for one in self.alerts.standing() if (one.rule, one.subject) == (news.rule.id, news.subject)]
            for one in found:
                self.tell.tell(one, replace(news.rule, ways=news.ways), at=at)
                self.alerts.told(one.id, at=at)


def rules_of(own: Sequence[AlertRule]) -> Sequence[AlertRule]:
    """The program's rules, each as somebody changed it, and those that were added."""
    changed = {rule.id: rule for rule in own}
    known = {rule.id for rule in DEFAULT_RULES}
    return (
        *(changed.get(rule.id, rule) for rule in DEFAULT_RULES),
        *(rule for rule in own if rule.id not in known),
    )
