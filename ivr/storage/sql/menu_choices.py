"""Menus that were proposed on the page, and which version is in service instead of the file's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.menu_rows import ChoiceRow, VersionRow
from ivr.storage.sql.admin_tables import menu_choices, menu_proposals
from ivr.storage.sql.audit import LOCK, Audit
from ivr.storage.sql.engine import insert_new, perhaps, reading, upsert, writing
from ivr.storage.sql.tables import menu_versions
from ivr.workflows.ports import MenuSource

v, p, c = menu_versions, menu_proposals, menu_choices
MOST = 100


@dataclass(frozen=True)
class MenuChoices:
    """Raises `Unavailable` while SQL is away."""

    engine: Engine
    audit: Audit | None = None
    """None: only for reading."""

    def choices(self) -> Sequence[ChoiceRow]:
        with perhaps(self.engine) as connection:
            return [
                ChoiceRow(
                    hotline=row.hotline,
                    version=row.version,
                    over=row.over,
                    chosen_at=row.chosen_at,
                    chosen_by=row.chosen_by,
                )
                for row in connection.execute(sa.select(c).order_by(c.c.hotline))
            ]

    def versions(self, hotline: str) -> Sequence[VersionRow]:
        used = sa.select(v.c.version, v.c.file, v.c.first_used, v.c.last_used).where(v.c.hotline == hotline)
        drafts = sa.select(p).where(p.c.hotline == hotline).order_by(p.c.proposed_at.desc()).limit(MOST)
        with reading(self.engine) as connection:
            proposed = {row.version: row for row in connection.execute(drafts)}
            known = {row.version: row for row in connection.execute(used.order_by(v.c.last_used.desc()).limit(MOST))}
        names = [*(version for version in proposed if version not in known), *known]
        return [
            VersionRow(
                hotline=hotline,
                version=version,
                file=(known.get(version) or proposed[version]).file,
                first_used=known[version].first_used if version in known else None,
                last_used=known[version].last_used if version in known else None,
                proposed_by=proposed[version].proposed_by if version in proposed else "",
                proposed_at=proposed[version].proposed_at if version in proposed else None,
            )
            for version in names
        ]

    def find(self, version: str) -> MenuSource | None:
        with reading(self.engine) as connection:
            for table in (v, p):
                query = sa.select(table.c.hotline, table.c.file, table.c.source).where(table.c.version == version)
                row = connection.execute(query.limit(1)).first()
                if row is not None:
                    return MenuSource(hotline=row.hotline, version=version, file=row.file, text=row.source)
        return None

    def propose(self, source: MenuSource, *, who: str, at: datetime) -> None:
        row = {
            "version": source.version,
            "hotline": source.hotline,
            "file": source.file,
            "source": source.text,
            "proposed_at": at,
            "proposed_by": who,
        }
        with writing(self.engine, locks=[LOCK]) as connection:
            insert_new(connection, p, [row])
            if self.audit:
                self.audit.add_within(
                    connection,
                    at=at,
                    who=who,
                    what="menu proposed",
                    object=source.hotline,
                    detail={"version": source.version},
                )

    def choose(self, one: ChoiceRow, *, before: str) -> None:
        row = {
            "hotline": one.hotline,
            "version": one.version,
            "over": one.over,
            "chosen_at": one.chosen_at,
            "chosen_by": one.chosen_by,
        }
        with writing(self.engine, locks=[LOCK]) as connection:
            upsert(connection, c, [row])
            if self.audit:
                self.audit.add_within(
                    connection,
                    at=one.chosen_at,
                    who=one.chosen_by,
                    what="menu activated",
                    object=one.hotline,
                    detail={"before": before, "after": one.version},
                )

    def let_go(self, hotline: str, *, before: str, who: str, at: datetime) -> None:
        with writing(self.engine, locks=[LOCK]) as connection:
            gone = connection.execute(c.delete().where(c.c.hotline == hotline)).rowcount
            if gone and self.audit:
                self.audit.add_within(
                    connection,
                    at=at,
                    who=who,
                    what="menu activated",
                    object=hotline,
                    detail={"before": before, "after": "the file's"},
                )
