"""Links, forms and the list of files in SQL. A link is used by one `UPDATE … WHERE` in the transaction that stores the
form, so that however often a form is sent, it is stored once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ivr.core.commitments import Commitment
from ivr.core.evidence import Evidence, EvidenceFile, FileKind, FileState, LinkSent, OpenLink
from ivr.core.ids import AgentId, CallId, Language, TopicId
from ivr.storage.sql.engine import insert_new, reading, writing
from ivr.storage.sql.evidence_tables import evidence, evidence_files, evidence_links
from ivr.storage.sql.seals import Seals
from ivr.storage.sql.tables import case_calls, cases, segments

PORTION, SCANNED_AT_ONCE = 200, 20
UNSCANNED = (FileState.WAITING, FileState.NOT_CHECKED)


def fields_place(form: str) -> str:
    return f"evidence.fields:{form}"


def name_place(file: str) -> str:
    return f"evidence_files.name:{file}"


@dataclass(frozen=True)
class EvidenceBook:
    """Raises `Unavailable` when SQL is away."""

    engine: Engine
    seals: Seals

    def key_of(self, token: str) -> str:
        """Under this a link with this token is stored."""
        return self.seals.token_keys(token)[0]

    def write_link(self, connection: Connection, commitment: Commitment) -> None:
        """The link of a step decided twice is the one that was sent last: it carries that token."""
        assert isinstance(commitment, LinkSent)
        row = {
            "id": commitment.id,
            "key": commitment.key,
            "hotline": commitment.hotline,
            "call": commitment.call,
            "case": commitment.case,
            "dialled": commitment.dialled,
            "language": commitment.language,
            "topic": commitment.topic or "",
            "made_at": commitment.at,
            "expires_at": commitment.expires_at,
            "used_at": None,
            "form": "",
        }
        insert_new(connection, evidence_links, [row])
        unused = evidence_links.c.used_at.is_(None)
        connection.execute(
            evidence_links.update().where(evidence_links.c.id == commitment.id, unused).values(key=commitment.key)
        )

    def link(self, token: str) -> OpenLink | None:
        query = (
            sa.select(evidence_links, cases.c.number, cases.c.path, cases.c.topic.label("found_topic"))
            .outerjoin_from(evidence_links, cases, cases.c.id == evidence_links.c.case)
            .where(evidence_links.c.key.in_(self.seals.token_keys(token)))
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
        return _link_of(row) if row is not None else None

    def take(self, link: OpenLink, given: Evidence, *, page: str) -> bool:
        """Use the link and store the form; False, and nothing is stored, when it was used before or is too old."""
        with writing(self.engine) as connection:
            used = connection.execute(
                evidence_links.update()
                .where(
                    evidence_links.c.id == link.id,
                    evidence_links.c.used_at.is_(None),
                    evidence_links.c.expires_at > given.at,
                )
                .values(used_at=given.at, form=page)
            )
            if not used.rowcount:
                return False
            body = json.dumps(dict(given.fields), ensure_ascii=False)
            row = {"id": given.id, "link": link.id, "hotline": link.hotline, "call": link.call, "at": given.at}
            row |= {"case": link.case, "fields": self.seals.seal(body, place=fields_place(given.id))}
            connection.execute(evidence.insert(), row)
            if given.files:
                connection.execute(evidence_files.insert(), [self._file_row(given, file) for file in given.files])
            return True

    def used_from(self, link: str) -> str:
        with reading(self.engine) as connection:
            return connection.scalar(sa.select(evidence_links.c.form).where(evidence_links.c.id == link)) or ""

    def _file_row(self, given: Evidence, file: EvidenceFile) -> dict[str, Any]:
        return {
            "id": file.id,
            "evidence": given.id,
            "place": given.files.index(file),
            "name": self.seals.seal(file.name, place=name_place(file.id)),
            "kind": file.kind,
            "size": file.size,
            "state": file.state,
            "at": given.at,
        }

    def of_call(self, call: CallId) -> Sequence[Evidence]:
        """What came in for a call, and for the case that it belongs to, oldest first."""
        mine = sa.select(case_calls.c.case).where(case_calls.c.call == call)
        with reading(self.engine) as connection:
            forms = connection.execute(
                sa.select(evidence)
                .where(sa.or_(evidence.c.call == call, evidence.c.case.in_(mine)))
                .order_by(evidence.c.at, evidence.c.id)
            ).all()
            if not forms:
                return []
            files = connection.execute(
                sa.select(evidence_files)
                .where(evidence_files.c.evidence.in_([form.id for form in forms]))
                .order_by(evidence_files.c.place)
            ).all()
        return [self._form_of(form, [file for file in files if file.evidence == form.id]) for form in forms]

    def _form_of(self, form: Any, files: Sequence[Any]) -> Evidence:
        words = self.seals.open(form.fields, place=fields_place(form.id))
        return Evidence(
            id=form.id,
            at=form.at,
            fields=json.loads(words) if words else {},
            files=tuple(self._file_of(file) for file in files),
        )

    def _file_of(self, row: Any) -> EvidenceFile:
        return EvidenceFile(
            id=row.id,
            name=self.seals.open(row.name, place=name_place(row.id)) or "",
            kind=FileKind(row.kind),
            size=row.size,
            state=FileState(row.state),
        )

    def file(self, file: str) -> tuple[EvidenceFile, CallId] | None:
        """A file and the call for which it was given."""
        query = (
            sa.select(evidence_files, evidence.c.call)
            .join(evidence, evidence.c.id == evidence_files.c.evidence)
            .where(evidence_files.c.id == file)
        )
        with reading(self.engine) as connection:
            row = connection.execute(query).first()
        return (self._file_of(row), CallId(row.call)) if row is not None else None

    def talked(self, call: CallId, agent: AgentId) -> bool:
        """Whether this agent answered this call."""
        query = sa.select(segments.c.call).where(segments.c.call == call, segments.c.agent == agent)
        with reading(self.engine) as connection:
            return connection.execute(query).first() is not None

    def reseal(self) -> tuple[int, int]:
        """Words and names under the secret of today: how many were sealed anew, how many no secret of ours opens."""
        done = [
            self._reseal(evidence.c.id, evidence.c.fields, fields_place),
            self._reseal(evidence_files.c.id, evidence_files.c.name, name_place),
        ]
        return sum(sealed for sealed, _ in done), sum(unknown for _, unknown in done)

    def _reseal(self, key: sa.Column[Any], column: sa.Column[Any], place: Callable[[str], str]) -> tuple[int, int]:
        sealed, unknown, after = 0, 0, ""
        while True:
            query = sa.select(key, column).where(key > after).order_by(key).limit(PORTION)
            with reading(self.engine) as connection:
                rows = connection.execute(query).all()
            if not rows:
                return sealed, unknown
            after = rows[-1][0]
            stale = [(row_id, old) for row_id, old in rows if not self.seals.fresh(old)]
            with writing(self.engine) as connection:
                for row_id, old in stale:
                    words = self.seals.open(old, place=place(row_id))
                    if words is None:
                        unknown += 1
                        continue
                    new = self.seals.seal(words, place=place(row_id))
                    changed = sa.update(key.table).where(key == row_id, column == old).values({column: new})
                    sealed += connection.execute(changed).rowcount

    # ---- after it came in ----------------------------------------------------------------------------------------

    def waiting(self) -> Sequence[tuple[str, CallId]]:
        """Files that are to be scanned, with their calls: those that wait, then those of which nothing could be said."""
        query = (
            sa.select(evidence_files.c.id, evidence.c.call)
            .join(evidence, evidence.c.id == evidence_files.c.evidence)
            .where(evidence_files.c.state.in_(UNSCANNED))
            .order_by(evidence_files.c.state.desc(), evidence_files.c.at)
            .limit(SCANNED_AT_ONCE)
        )
        with reading(self.engine) as connection:
            return [(row.id, CallId(row.call)) for row in connection.execute(query)]

    def judged(self, file: str, state: FileState) -> bool:
        """The scanner's word. False: somebody was faster."""
        with writing(self.engine) as connection:
            done = connection.execute(
                evidence_files.update()
                .where(evidence_files.c.id == file, evidence_files.c.state.in_(UNSCANNED))
                .values(state=state)
            )
            return bool(done.rowcount)

    def older(self, than: datetime) -> Sequence[str]:
        """Ids of files whose time is over."""
        query = sa.select(evidence_files.c.id).where(evidence_files.c.at < than).limit(PORTION)
        with reading(self.engine) as connection:
            return list(connection.scalars(query))

    def forget(self, files: Sequence[str], than: datetime) -> int:
        """Remove these rows of files, and every form and link older than that. How many forms."""
        with writing(self.engine) as connection:
            connection.execute(evidence_files.delete().where(evidence_files.c.id.in_(list(files))))
            mine = sa.select(evidence_files.c.evidence)
            gone = connection.execute(evidence.delete().where(evidence.c.at < than, evidence.c.id.not_in(mine)))
            connection.execute(evidence_links.delete().where(evidence_links.c.made_at < than))
            return int(gone.rowcount)

    def known(self, files: Sequence[str]) -> frozenset[str]:
        """Those of these ids that have a row."""
        query = sa.select(evidence_files.c.id).where(evidence_files.c.id.in_(list(files)))
        with reading(self.engine) as connection:
            return frozenset(connection.scalars(query))


def _link_of(row: Any) -> OpenLink:
    topic = row.topic or row.found_topic
    return OpenLink(
        id=row.id,
        hotline=row.hotline,
        call=CallId(row.call),
        case=row.case,
        dialled=row.dialled,
        language=Language(row.language),
        topic=TopicId(topic) if topic else None,
        expires_at=row.expires_at,
        number=row.number or "",
        path=tuple(row.path or ()),
        used_at=row.used_at,
        form=row.form,
    )
