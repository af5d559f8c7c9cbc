"""Links in texts: which hosts a text leads to, and which of them nobody allowed (`DOMAIN.md` C5).

A telephone makes a link of more than what begins with https, so bare names count too; and a browser reads an address
otherwise than people do: what stands before an @ is no host, and a full-width stop is a dot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

LINK = re.compile(
    r"(?i)(?:[a-z][a-z0-9+.-]*://|www\.)([^\s/\\?#，。：；,;<>\"']+)|\b((?:[a-z0-9-]+\.)+[a-z]{2,})(?=[/:?#\s，。]|$)"
)
STOPS = re.compile(r"(?<=[a-z0-9-])[。．｡](?=[a-z0-9])", re.IGNORECASE)


def hosts_in(text: str) -> list[str]:
    """Every host that a link in the text leads to, in lower case; one with a trick in it as it stands."""
    found = []
    for match in LINK.finditer(STOPS.sub(".", text)):
        place = (match.group(1) or match.group(2)).lower()
        host = place if "@" in place else place.partition(":")[0]
        found.append(host.rstrip("."))
    return found


def foreign(text: str, allowed: Iterable[str]) -> list[str]:
    """Hosts that are neither allowed nor below one that is."""
    allowed = [one.lower() for one in allowed if one]
    return [host for host in hosts_in(text) if not any(host == one or host.endswith("." + one) for one in allowed)]
