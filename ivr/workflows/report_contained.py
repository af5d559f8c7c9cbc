"""What the menu did alone: the table of the menu flow that tells helped callers from those who gave up (`DOMAIN.md` 3.7)."""

from __future__ import annotations

from ivr.core.menu_flow import Contained
from ivr.core.metrics import Share
from ivr.workflows.report_book import Asked, Field, Row, Table


def contained_table(asked: Asked, hotline: str, of: Contained) -> Table:
    words = asked.words
    return Table(
        key="contained",
        title=words("What the menu did alone"),
        about=words("Who ends in the menu was helped or gave up: the raw share counts both and is no success. The others tell them apart. Calls of people; our own calls are none."),
        fields=(
            Field(key="hotline", heading=words("Hotline")),
            Field(key="calls", heading=words("Calls")),
            Field(key="in_menu", heading=words("Ended without a queue")),
            Field(key="contained", heading=words("Containment, raw"), meaning=words("ended without a queue / calls")),
            Field(key="served", heading=words("Served by the menu"), meaning=words("heard the information asked for, and went")),
            Field(key="served_share", heading=words("Share served"), meaning=words("served by the menu / calls")),
            Field(key="settled", heading=words("Served, and no call again"), meaning=words("served without a further call of the number within 24 hours / served with a number")),
            Field(key="provisional", heading=words("Provisional"), meaning=words("of these without a further call: their 24 hours are not over")),
            Field(key="gave_up", heading=words("Hung up in the menu")),
            Field(key="gave_up_share", heading=words("Share hung up"), meaning=words("hung up in the menu / calls")),
            Field(key="messages", heading=words("Messages without a queue"), meaning=words("the desk was closed, or the menu led there")),
        ),
        rows=(
            Row(
                cells=(
                    hotline,
                    of.calls,
                    of.in_menu,
                    Share(part=of.in_menu, whole=of.calls),
                    of.served,
                    Share(part=of.served, whole=of.calls),
                    of.settled,
                    of.provisional,
                    of.gave_up,
                    Share(part=of.gave_up, whole=of.calls),
                    of.messages,
                ),
                mark="provisional" if of.provisional else "",
            ),
        )
        if of.calls
        else (),
        empty=words("Nobody called in this time."),
    )  # fmt: skip
