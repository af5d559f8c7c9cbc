"""A form of administration that is refused stands there again as it was filled in."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from tests.web.test_admin import sends

Filled = dict[str, list[str]]


class Forms(HTMLParser):
    """What a browser would send for each form of a page, by the address it is sent to."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, Filled]] = []
        self._select: str | None = None
        self._first: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((has["action"], {}))
        elif tag == "select":
            self._select, self._first = has["name"], None
        elif tag == "option" and self._select:
            self._first = has["value"] if self._first is None else self._first
            if "selected" in has:
                self._put(self._select, has["value"])
                self._select = None
        elif tag == "input" and "name" in has and (has.get("type") not in ("checkbox", "radio") or "checked" in has):
            self._put(has["name"], has.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self._select:
            self._put(self._select, self._first or "")
            self._select = None

    def _put(self, name: str, value: str) -> None:
        if self.forms:
            self.forms[-1][1].setdefault(name, []).append(value)


def stands(page: str, action: str, **sent: object) -> bool:
    """True when a form of this address holds what was sent."""
    wanted = {name: list(value) if isinstance(value, tuple) else [value] for name, value in sent.items()}
    return any(
        to == action and all(filled.get(name, []) == value for name, value in wanted.items())
        for to, filled in Forms(page).forms
    )


AGENT = {"name": "Lee Ann", "phone": "12", "skill-refunds": "4", "skill-other": "", "language-zh": "5"}
RULE = {"threshold": "many", "lasts": "90", "clears": "45", "quiet_start": "22:00", "quiet_until": "06:30"}


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("/admin/agents/save", AGENT | {"id": "a1001"}),
    ("/admin/agents/save", AGENT | {"id": "a1010", "new": "1"}),
    ("/admin/alerts/rule", RULE | {"id": "waiting-red", "ways": ("webhook",)}),
    ("/admin/alerts/rule", RULE | {"figure": "talk", "level": "red", "ways": ("mail", "webhook"), "on": ()}),
    ("/admin/queues/set", {"hotline": "wallet", "topic": "transfers", "name": "wrap_up", "value": "99999"}),
    ("/admin/teams/night/rename", {"name": "n" * 101}),
    ("/admin/teams/add", {"id": "night", "name": "Another one"}),
    ("/admin/shifts/add", {"agent": "a1001", "days": ("1", "5"), "start": "9", "until": "18:00"}),
    ("/admin/webhooks/add", {"url": "ftp://crm.example.org", "events": ("call.ended",)}),
    ("/admin/tokens/add", {"name": "c r m", "days": "30", "scopes": ("calls:read",)}),
    ("/admin/accounts/add", {"login": "!", "roles": ("supervisor",), "agent": "a1001"}),
    (
        "/admin/hours/set",
        {
            "hotline": "wallet",
            "calendar": "office",
            "day": "2030-01-02",
            "kind": "part",
            "spans": "9",
            "note": "why",
        },
    ),
]


def test_what_was_refused_stands_there_again_to_be_mended(staffed):
    root = staffed.client("root")
    assert sends(root, "/admin/teams/add", id="night", name="Night team").status_code == 303
    for address, sent in REFUSED:
        form = {name: list(one) if isinstance(one, tuple) else one for name, one in sent.items()}
        answer = sends(root, address, **form)
        assert answer.status_code in (409, 422), address
        assert 'role="alert"' in answer.text, address
        assert stands(answer.text, address, **sent), (address, sent)
