"""Reports that people keep, and the mails that they send: each mail claimed by one sender."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.saved_reports import LEASE, Every, Mail, Saved, Sent, next_due, retry_after
from ivr.storage.sql.engine import insert_new, reading, upsert, writing
from ivr.storage.sql.saved_report_tables import report_mails, saved_reports

AT_ONCE = 20
MISSED = timedelta(days=7)
"""After an outage, due times of so long ago are still made up for, one in each run."""
SHOWN = 50


@dataclass(frozen=True)
class SavedReports:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine

    def seen_by(self, login: str) -> Sequence[Saved]:
        """One's own, and those that others share, by title."""
        t = saved_reports
        query = sa.select(t).where(sa.or_(t.c.owner == login, t.c.shared.is_(sa.true()))).order_by(t.c.title, t.c.id)
        with reading(self.engine) as connection:
            return [_saved(row) for row in connection.execute(query)]

    def find(self, saved: str) -> Saved | None:
        with reading(self.engine) as connection:
            row = connection.execute(sa.select(saved_reports).where(saved_reports.c.id == saved)).first()
        return _saved(row) if row else None

    def keep(self, saved: Saved, at: datetime) -> None:
        """Add it, or write it anew."""
        row = {
            "id": saved.id,
            "title": saved.title,
            "report": saved.report,
            "chosen": saved.chosen,
            "owner": saved.owner,
            "shared": saved.shared,
            "language": saved.language,
            "zone": saved.zone,
            "every": saved.every.value,
            "hour": saved.hour,
            "recipients": list(saved.recipients),
            "files": list(saved.files),
            "next_at": saved.next_at,
            "created_at": at,
        }
        with writing(self.engine, locks=[f"saved:{saved.id}"]) as connection:
            upsert(connection, saved_reports, [row], keep=("created_at",))

    def remove(self, saved: str) -> None:
        with writing(self.engine, locks=[f"saved:{saved}"]) as connection:
            connection.execute(report_mails.delete().where(report_mails.c.saved == saved))
            connection.execute(saved_reports.delete().where(saved_reports.c.id == saved))

    # ---- mails -------------------------------------------------------------------------------------------------

    def put_due(self, at: datetime) -> int:
        """Rows for the mails of every schedule that is due; the schedule moves on in the same write. How many schedules."""
        t = saved_reports
        with writing(self.engine, locks=["saved reports due"]) as connection:
            due = [_saved(row) for row in connection.execute(sa.select(t).where(t.c.next_at <= at).limit(AT_ONCE))]
            for one in due:
                assert one.next_at is not None
                insert_new(connection, report_mails, [_mail_row(one, one.next_at, to, at) for to in one.recipients])
                following = next_due(one.every, one.hour, max(one.next_at, at - MISSED), ZoneInfo(one.zone))
                connection.execute(t.update().where(t.c.id == one.id).values(next_at=following))
        return len(due)

    def send_now(self, saved: Saved, at: datetime) -> None:
        with writing(self.engine) as connection:
            insert_new(connection, report_mails, [_mail_row(saved, at, to, at) for to in saved.recipients])

    def claim(self, at: datetime) -> Mail | None:
        """One mail that waits, now this sender's alone; None: none waits. What was interrupted is not sent again."""
        t = report_mails
        with writing(self.engine, locks=["report mails"]) as connection:
            connection.execute(
                t.update()
                .where(t.c.state == Sent.SENDING, t.c.look_at <= at)
                .values(state=Sent.UNKNOWN, look_at=None, error="interrupted while it was sent", at=at)
            )
            row = connection.execute(
                sa.select(t).where(t.c.state == Sent.WAITING, t.c.look_at <= at).order_by(t.c.look_at).limit(1)
            ).first()
            if row is None:
                return None
            connection.execute(
                t.update()
                .where(*_this(row), t.c.state == Sent.WAITING)
                .values(state=Sent.SENDING, tries=row.tries + 1, look_at=at + LEASE, at=at)
            )
        return _mail(row, tries=row.tries + 1, state=Sent.SENDING)

    def sent(self, mail: Mail, at: datetime) -> None:
        self._mark(mail, state=Sent.SENT, error="", look_at=None, at=at)

    def failed(self, mail: Mail, error: str, at: datetime, *, final: bool) -> None:
        """Tried again later, or given up."""
        wait = None if final else retry_after(mail.tries)
        state = Sent.FAILED if wait is None else Sent.WAITING
        self._mark(mail, state=state, error=error, look_at=at + wait if wait else None, at=at)

    def unknown(self, mail: Mail, error: str, at: datetime) -> None:
        """It may have gone out, so it is not sent again by itself."""
        self._mark(mail, state=Sent.UNKNOWN, error=error, look_at=None, at=at)

    def _mark(self, mail: Mail, **values: Any) -> None:
        with writing(self.engine) as connection:
            connection.execute(report_mails.update().where(*_this(mail)).values(**values))

    def mails(self, saved: Sequence[str]) -> Sequence[Mail]:
        """The newest ones of these reports, newest first."""
        t = report_mails
        query = sa.select(t).where(t.c.saved.in_(saved)).order_by(t.c.due_at.desc(), t.c.recipient).limit(SHOWN)
        with reading(self.engine) as connection:
            return [_mail(row) for row in connection.execute(query)]

    def troubled(self, login: str, *, all_of_them: bool) -> Sequence[tuple[Saved, Mail]]:
        """The newest mails of others that did not go out, or of which nobody knows: of shared reports, or of all."""
        t, s = report_mails, saved_reports
        query = (
            sa.select(t)
            .join_from(t, s, s.c.id == t.c.saved)
            .where(sa.or_(t.c.state.in_((Sent.FAILED, Sent.UNKNOWN)), t.c.error != ""), s.c.owner != login)
            .order_by(t.c.due_at.desc(), t.c.recipient)
            .limit(SHOWN)
        )
        if not all_of_them:
            query = query.where(s.c.shared.is_(sa.true()))
        with reading(self.engine) as connection:
            mails = [_mail(row) for row in connection.execute(query)]
            found = connection.execute(sa.select(s).where(s.c.id.in_({mail.saved for mail in mails})))
            saved = {row.id: _saved(row) for row in found}
        return [(saved[mail.saved], mail) for mail in mails]


def _this(mail: Any) -> tuple[sa.ColumnElement[bool], ...]:
    t = report_mails
    return (t.c.saved == mail.saved, t.c.due_at == mail.due_at, t.c.recipient == mail.recipient)


def _mail_row(saved: Saved, due_at: datetime, recipient: str, at: datetime) -> dict[str, Any]:
    return {
        "saved": saved.id,
        "due_at": due_at,
        "recipient": recipient,
        "state": Sent.WAITING,
        "tries": 0,
        "error": "",
        "at": at,
        "look_at": at,
    }


def _mail(row: Any, **changes: Any) -> Mail:
    told = {
        "saved": row.saved,
        "due_at": row.due_at,
        "recipient": row.recipient,
        "state": Sent(row.state),
        "tries": row.tries,
        "error": row.error,
        "at": row.at,
    }
    return Mail(**{**told, **changes})


def _saved(row: Any) -> Saved:
    return Saved(
        id=row.id,
        title=row.title,
        report=row.report,
        chosen=row.chosen,
        owner=row.owner,
        shared=row.shared,
        language=row.language,
        zone=row.zone,
        every=Every(row.every),
        hour=row.hour,
        recipients=tuple(row.recipients),
        files=tuple(row.files),
        next_at=row.next_at,
    )
