"""Words of the stories about texted links: the telephone opens one, fills the form, sends it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import requests
import sqlalchemy as sa

from ivr.core.ids import AgentId, Language
from ivr.storage.sql.engine import reading
from ivr.storage.sql.evidence_tables import evidence, evidence_files, evidence_links
from tests.stories.callbacks import every_text
from tests.stories.town import Town

LINK = re.compile(r"https?://\S+/e/[a-z2-7]{26}(?=\s)")
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 600
JPEG = b"\xff\xd8\xff\xe0" + b"\x01" * 900


def link_in(town: Town, number: str) -> str:
    """The link of the last text message to this number."""
    found = [match for body in every_text(town, number) if (match := LINK.search(body))]
    assert found, every_text(town, number)
    return found[-1].group(0)


@dataclass
class Page:
    """What a telephone shows."""

    status: int
    text: str
    headers: Any

    @classmethod
    def of(cls, answer: requests.Response) -> Page:
        return cls(answer.status_code, answer.text, answer.headers)


@dataclass
class Browser:
    """The browser of a telephone, without script."""

    link: str
    page: Page | None = None
    session: requests.Session = field(default_factory=requests.Session)

    def opens(self, query: str = "") -> Page:
        self.page = Page.of(self.session.get(self.link + query, timeout=10))
        return self.page

    def sends(self, *, files: list[tuple[str, bytes]] | None = None, **fields: str) -> Page:
        """Fill the form that is shown, and press Send."""
        assert self.page is not None
        action = re.search(r'action="([^"]+)"', self.page.text)
        assert action is not None, self.page.text
        origin = self.link.partition("/e/")[0]
        sent = [("files", (name, body)) for name, body in files or []] or [("files", ("", b""))]
        answer = self.session.post(origin + action.group(1).replace("&amp;", "&"), data=fields, files=sent, timeout=10)
        return Page.of(answer)


def asks_for_link(town: Town, number: str, *, language: str = "2") -> Any:
    """A caller with a late transfer who wants to send something. In line afterwards."""
    call = town.caller(number)
    town.presses(call, f"{language}211")
    call.presses("#")
    town.settle()
    town.presses(call, "1")
    return call


def stored(town: Town) -> tuple[list[Any], list[Any]]:
    """Rows of forms and of files."""
    with reading(town.switchboard.engine) as connection:
        return (
            list(connection.execute(sa.select(evidence)).all()),
            list(connection.execute(sa.select(evidence_files).order_by(evidence_files.c.place)).all()),
        )


def links(town: Town) -> list[Any]:
    with reading(town.switchboard.engine) as connection:
        return list(connection.execute(sa.select(evidence_links).order_by(evidence_links.c.made_at)).all())


def panel(town: Town, agent: str) -> Any:
    """What the agent's page shows."""
    return town.switchboard.desk.view(AgentId(agent), Language("en"))
