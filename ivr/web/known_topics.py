"""The topics that a filter may name: those of the menus in service, and one of the records that no menu has any more."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ivr.web.doors import Site
from ivr.web.i18n import page_language

AN_ID = re.compile(r"[a-z][a-z0-9_-]{0,63}")


def topics_for(site: Site, asked: Iterable[str]) -> dict[str, str]:
    """Ids and names in the page's language; one that is gone from the menus goes by its id."""
    topics = dict(site.topics(page_language()))
    for one in asked:
        if one not in topics and AN_ID.fullmatch(one) and site.story.find.stored.known_topic(one):
            topics[one] = one
    return topics
