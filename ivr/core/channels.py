"""The other ways to reach the house (`DOMAIN.md` C2, C3): e-mail, chat, WeChat, an app, whatever the menu file names.

A channel is written down once. What is spoken and texted of it are slots of the file's prompts, filled from here; its hours
are the words of the calendar that also says whether it is open now; and the page behind a texted link offers it with
the case number, so that nobody tells a story twice. A case number goes along in links to listed hosts alone, whatever
has become of the file since it was checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from ivr.core.ids import Language
from ivr.core.links import foreign

MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@((?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63})")
LINK = re.compile(r"(?i)[a-z][a-z0-9+.-]*:|www\.|//")
"""How an address begins that a telephone would follow."""
HTTPS_PORTS = (None, 443)


class AddressKind(StrEnum):
    MAIL = "mail"
    LINK = "link"
    WORDS = "words"
    """To be read: the name of an account, a place in the app."""


@dataclass(frozen=True, kw_only=True)
class Channel:
    name: str
    names: Mapping[Language, str]
    """What people call it."""
    addresses: Mapping[Language, str] = field(default_factory=dict)
    """Empty: there is none to give out (a place in the app)."""
    calendar: str | None = None
    """When somebody is there; None: no hours are told."""
    within: timedelta | None = None
    """An answer is promised within this."""
    texts: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)
    """What else is to be said of it."""
    case: str = ""
    """Name of the part of its link that carries the case number; empty: the link is followed as it is."""


def kind_of(address: str) -> AddressKind:
    if MAIL.fullmatch(address):
        return AddressKind.MAIL
    return AddressKind.LINK if LINK.match(address) else AddressKind.WORDS


def fault(address: str, allowed: Iterable[str]) -> str | None:
    """Why an address is not to be given out: a sentence for who edits the file. None: it may be (`RELIABILITY.md` S-55)."""
    allowed = list(allowed)
    if kind_of(address) is AddressKind.LINK:
        try:
            parts = urlsplit(address)
            port = parts.port
        except ValueError:
            return "is no address"
        if parts.scheme != "https" or not parts.hostname:
            return "must be a link that begins with https://"
        if re.search(r"[\s\\<>\"]", address) or "@" in parts.netloc or port not in HTTPS_PORTS:
            return "must name its host alone: no name or password before it, no other port than 443"
        if foreign(f"https://{parts.hostname}/", allowed):
            return f"leads to {parts.hostname}, which is not among links"
    elif found := foreign(address, allowed):
        return f"leads to {found[0]}, which is not among links"
    return None


def with_case(link: str, *, parameter: str, number: str, allowed: Iterable[str]) -> str:
    """The link with the case number in it; as it stands when it takes none, or leads where no number may go."""
    if not parameter or not number or kind_of(link) is not AddressKind.LINK or fault(link, allowed):
        return link
    parts = urlsplit(link)
    query = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != parameter]
    return urlunsplit(parts._replace(query=urlencode([*query, (parameter, number)])))


def mail_link(address: str, *, subject: str, body: str) -> str:
    """A link that opens an e-mail with these words in it (RFC 6068: lines end with CR LF, a blank is %20)."""
    lines = "\r\n".join(body.splitlines())
    return f"mailto:{quote(address, safe='@')}?subject={quote(subject, safe='')}&body={quote(lines, safe='')}"
