"""Every version of a menu that has been in service, with its source: old calls are finished and read in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ivr.core.errors import Unavailable
from ivr.storage.sql.engine import reading, upsert, writing
from ivr.storage.sql.tables import menu_versions
from ivr.workflows.ports import Clock, MenuSource


@dataclass(frozen=True)
class MenuVersions:
    """The port `MenuArchive`."""

    engine: Engine
    clock: Clock | None = None
    """None: only for reading."""

    def keep(self, sources: Sequence[MenuSource]) -> None:
        if not sources or self.clock is None:
            return
        now = self.clock.now()
        rows = [
            {
                "hotline": one.hotline,
                "version": one.version,
                "file": one.file,
                "source": one.text,
                "first_used": now,
                "last_used": now,
            }
            for one in sources
        ]
        with writing(self.engine) as connection:
            upsert(connection, menu_versions, rows, keep=("first_used", "source"))

    def source(self, version: str) -> MenuSource | None:
        return self._first(menu_versions.c.version == version)

    def newest(self, file: str) -> MenuSource | None:
        return self._first(menu_versions.c.file == file)

    def _first(self, which: sa.ColumnElement[bool]) -> MenuSource | None:
        t = menu_versions
        query = sa.select(t.c.hotline, t.c.version, t.c.file, t.c.source).where(which)
        try:
            with reading(self.engine) as connection:
                row = connection.execute(query.order_by(t.c.last_used.desc()).limit(1)).one_or_none()
        except sa.exc.ProgrammingError as err:  # PostgreSQL before `ivr db upgrade`
            raise Unavailable("the database has no table of menus yet") from err
        return MenuSource(hotline=row.hotline, version=row.version, file=row.file, text=row.source) if row else None
