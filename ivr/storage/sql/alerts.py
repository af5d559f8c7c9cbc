"""Alerts in SQL: the rules that were changed, who is told, and every alert there was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.alert_rows import Alert, Worth
from ivr.core.alert_rules import AlertRule, Figure, Level, Quiet, Way
from ivr.core.outgoing import Recipient
from ivr.storage.sql.alert_tables import alert_recipients, alert_rules, alerts
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.engine import insert_new, reading, upsert, writing
from ivr.storage.sql.pieces import piece
from ivr.storage.sql.seals import Seals

t = alerts
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class AlertBook:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine
    seals: Seals
    audit: Audit

    # ---- alerts --------------------------------------------------------------------------------------------------

    def standing(self) -> Sequence[Alert]:
        with reading(self.engine) as connection:
            rows = connection.execute(sa.select(t).where(t.c.open_key.is_not(None)).order_by(t.c.raised_at.desc()))
            return [_alert(row) for row in rows]

    def told_since(self, since: datetime) -> Sequence[Alert]:
        with reading(self.engine) as connection:
            return [_alert(row) for row in connection.execute(sa.select(t).where(t.c.told_at >= since))]

    def raise_(self, alert: Alert) -> None:
        """One of this rule and subject that stands already is left alone."""
        row = {
            **{name: getattr(alert, name) for name in _COLUMNS},
            "figure": alert.figure.value,
            "level": alert.level.value,
            "open_key": _open_key(alert.rule, alert.subject),
        }
        with writing(self.engine) as connection:
            insert_new(connection, t, [row])

    def clear(self, rule: str, subject: str, *, at: datetime) -> Alert | None:
        """What stood; None when nothing did."""
        mine = t.c.open_key == _open_key(rule, subject)
        with writing(self.engine) as connection:
            row = connection.execute(sa.select(t).where(mine)).first()
            connection.execute(t.update().where(mine).values(cleared_at=at, open_key=None))
        return _alert(row) if row else None

    def told(self, alert: str, *, at: datetime) -> None:
        with writing(self.engine) as connection:
            connection.execute(t.update().where(t.c.id == alert).values(told_at=at))

    def page(self, *, after: str = "", limit: int = 50) -> Sequence[Alert]:
        """Newest first; `after`: those that follow this one."""
        with reading(self.engine) as connection:
            query = piece(connection, sa.select(t), t.c.raised_at, after=after, limit=limit)
            return [_alert(row) for row in connection.execute(query)]

    def acknowledge(self, alert: str, *, who: str, note: str, at: datetime) -> bool:
        """False: there is no such alert, or somebody has acknowledged it already."""
        values = {"acknowledged_at": at, "acknowledged_by": who, "note": note[:500]}
        with writing(self.engine, locks=[LOCK]) as connection:
            free = t.update().where(t.c.id == alert, t.c.acknowledged_at.is_(None))
            done = bool(connection.execute(free.values(**values)).rowcount)
            if done:
                self.audit.add_within(
                    connection, at=at, who=who, what="alert acknowledged", object=alert, detail={"note": note[:500]}
                )
        return done

    def judge(self, alert: str, *, useful: bool, who: str) -> bool:
        """The last word counts. False: there is no such alert."""
        with writing(self.engine) as connection:
            changed = connection.execute(t.update().where(t.c.id == alert).values(useful=useful, judged_by=who))
        return bool(changed.rowcount)

    def worth(self) -> Mapping[str, Worth]:
        """By rule."""
        count = sa.func.count
        query = sa.select(
            t.c.rule,
            count().label("raised"),
            count(t.c.useful).label("judged"),
            count(sa.case((t.c.useful.is_(True), 1))).label("useful"),
        ).group_by(t.c.rule)
        with reading(self.engine) as connection:
            return {
                row.rule: Worth(raised=row.raised, useful=row.useful, judged=row.judged)
                for row in connection.execute(query)
            }

    # ---- rules ---------------------------------------------------------------------------------------------------

    def rules(self) -> Sequence[AlertRule]:
        """Those that somebody has changed or added."""
        with reading(self.engine) as connection:
            return [_rule(row) for row in connection.execute(sa.select(alert_rules).order_by(alert_rules.c.id))]

    def save_rule(self, rule: AlertRule, *, before: AlertRule | None, who: str, at: datetime) -> None:
        row = _rule_row(rule) | {"changed_at": at, "changed_by": who}
        detail = {"before": _rule_row(before) if before else None, "after": _rule_row(rule)}
        with writing(self.engine, locks=[LOCK]) as connection:
            upsert(connection, alert_rules, [row])
            self.audit.add_within(connection, at=at, who=who, what="alert rule changed", object=rule.id, detail=detail)

    def drop_rule(self, rule: AlertRule, *, who: str, at: datetime) -> None:
        """A rule of the program is again as the program has it; another one is gone."""
        with writing(self.engine, locks=[LOCK]) as connection:
            gone = connection.execute(alert_rules.delete().where(alert_rules.c.id == rule.id)).rowcount
            if gone:
                detail = {"before": _rule_row(rule), "after": None}
                self.audit.add_within(
                    connection, at=at, who=who, what="alert rule dropped", object=rule.id, detail=detail
                )

    # ---- who is told ---------------------------------------------------------------------------------------------

    def recipients(self) -> Sequence[Recipient]:
        r = alert_recipients
        with reading(self.engine) as connection:
            found = connection.execute(sa.select(r).order_by(r.c.added_at, r.c.id))
            return [
                Recipient(
                    id=row.id,
                    way=Way(row.way),
                    address=self.seals.open(row.address, place=recipient_place(row.id)) or "",
                    added_by=row.added_by,
                )
                for row in found
            ]

    def add_recipient(self, one: Recipient, *, shown: str, at: datetime) -> None:
        """`shown`: the address as the audit may hold it."""
        row = {
            "id": one.id,
            "way": one.way.value,
            "address": self.seals.seal(one.address, place=recipient_place(one.id)),
            "added_at": at,
            "added_by": one.added_by,
        }
        with writing(self.engine, locks=[LOCK]) as connection:
            connection.execute(alert_recipients.insert(), row)
            self.audit.add_within(connection, at=at, who=one.added_by, what="alert recipient added", object=shown)

    def remove_recipient(self, id: str, *, shown: str, who: str, at: datetime) -> None:  # noqa: A002 - its id
        with writing(self.engine, locks=[LOCK]) as connection:
            if connection.execute(alert_recipients.delete().where(alert_recipients.c.id == id)).rowcount:
                self.audit.add_within(connection, at=at, who=who, what="alert recipient removed", object=shown)


_COLUMNS = (
    "id", "rule", "subject", "threshold", "value", "raised_at", "cleared_at", "told_at", "acknowledged_at",
    "acknowledged_by", "note", "useful", "judged_by",
)  # fmt: skip


def _open_key(rule: str, subject: str) -> str:
    return f"{rule}|{subject}"


def recipient_place(recipient: str) -> str:
    return f"alert_recipients.address:{recipient}"


def _alert(row: Any) -> Alert:
    values = {name: getattr(row, name) for name in _COLUMNS}
    return Alert(figure=Figure(row.figure), level=Level(row.level), **values)


def _rule_row(rule: AlertRule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "figure": rule.figure.value,
        "level": rule.level.value,
        "threshold": rule.threshold,
        "lasts_s": round(rule.lasts / SECOND),
        "clears_s": round(rule.clears / SECOND),
        "subject": rule.subject,
        "quiet_start": f"{rule.quiet.start:%H:%M}" if rule.quiet else "",
        "quiet_until": f"{rule.quiet.until:%H:%M}" if rule.quiet else "",
        "ways": sorted(rule.ways),
        "enabled": rule.on,
    }


def _rule(row: Any) -> AlertRule:
    quiet = row.quiet_start and row.quiet_until
    return AlertRule(
        id=row.id,
        figure=Figure(row.figure),
        level=Level(row.level),
        threshold=row.threshold,
        lasts=timedelta(seconds=row.lasts_s),
        clears=timedelta(seconds=row.clears_s),
        subject=row.subject,
        quiet=Quiet(start=time.fromisoformat(row.quiet_start), until=time.fromisoformat(row.quiet_until))
        if quiet
        else None,
        ways=frozenset(Way(way) for way in row.ways),
        on=row.enabled,
    )
