"""The page of all reports: which question each one answers, and the kept ones.

A new report is one entry here; `tests/web/test_report_index.py` fails while it has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from ivr.core.saved_reports import PATH
from ivr.web.doors import Site
from ivr.web.saved_reports import troubled
from ivr.web.security import allow, signed_in
from ivr.web.texts import N_


@dataclass(frozen=True, kw_only=True)
class Entry:
    name: str
    """As in the address."""
    title: str
    question: str
    """That it answers; both are translated when they are shown."""

    @property
    def address(self) -> str:
        return f"{PATH}{self.name}"


@dataclass(frozen=True, kw_only=True)
class Group:
    key: str
    title: str
    entries: Sequence[Entry]


GROUPS = (
    Group(
        key="waits",
        title=N_("Waits and queues"),
        entries=(
            Entry(name="daily", title=N_("The day"), question=N_("How did the day go, on one page to print?")),
            Entry(name="waits", title=N_("Waiting times"), question=N_("How long did callers wait, topic by topic?")),
            Entry(
                name="intervals",
                title=N_("Intervals"),
                question=N_("When did callers come, and how many agents were at work then?"),
            ),
            Entry(name="queues", title=N_("Queues"), question=N_("Which queue does well, and which does not?")),
            Entry(
                name="hours",
                title=N_("Hours of the day"),
                question=N_("At which hours are there too few people?"),
            ),
            Entry(
                name="heat",
                title=N_("Hours by weekday"),
                question=N_("Which hours of which weekdays are the fullest?"),
            ),
            Entry(
                name="abandons",
                title=N_("Who gave up"),
                question=N_("Who left unanswered, and who was free at that time?"),
            ),
            Entry(
                name="calibration",
                title=N_("Announced waits"),
                question=N_("Did callers wait as long as we told them?"),
            ),
        ),
    ),
    Group(
        key="callers",
        title=N_("Callers and their matters"),
        entries=(
            Entry(
                name="topics",
                title=N_("Topics"),
                question=N_("What did callers tell the menu, and what was it really about?"),
            ),
            Entry(name="results", title=N_("Results"), question=N_("How did answered calls end?")),
            Entry(
                name="menu-flow",
                title=N_("Menu flow"),
                question=N_("Which ways do callers take through the menu, and where do they hang up?"),
            ),
            Entry(
                name="repeats",
                title=N_("Repeats and resolution"),
                question=N_("Whose matter was solved at once, and who had to call again?"),
            ),
        ),
    ),
    Group(
        key="promises",
        title=N_("Callbacks and promises"),
        entries=(
            Entry(name="callbacks", title=N_("Callbacks"), question=N_("What became of callbacks, and how fast?")),
            Entry(
                name="attempts",
                title=N_("Callbacks in detail"),
                question=N_("Which callbacks are open, and how did each try end?"),
            ),
            Entry(name="promises", title=N_("Promises"), question=N_("Which promises were kept, late or broken?")),
        ),
    ),
    Group(
        key="agents",
        title=N_("Agents and quality"),
        entries=(
            Entry(
                name="agents",
                title=N_("Agents"),
                question=N_("How was the agents' time spent, and what became of their offers and talks?"),
            ),
            Entry(name="satisfaction", title=N_("Satisfaction"), question=N_("How do callers rate us, and why?")),
            Entry(
                name="disclosure",
                title=N_("Complaints of the year"),
                question=N_("How many complaints came in, and how fast were they closed?"),
            ),
        ),
    ),
    Group(
        key="cost",
        title=N_("Cost and capacity"),
        entries=(
            Entry(
                name="cost",
                title=N_("Cost and capacity"),
                question=N_("What do calls cost at the carrier, and when do its limits bind?"),
            ),
            Entry(
                name="carrier",
                title=N_("Carrier match"),
                question=N_("Does the carrier's list of calls agree with ours?"),
            ),
        ),
    ),
    Group(
        key="audit",
        title=N_("Audit and trust in the figures"),
        entries=(
            Entry(
                name="access",
                title=N_("Access audit"),
                question=N_("Who listened, revealed a number or took a file?"),
            ),
            Entry(
                name="quality",
                title=N_("Data quality"),
                question=N_("What is missing in the records, and what was repaired?"),
            ),
            Entry(
                name="selfcheck",
                title=N_("Self-check"),
                question=N_("Does every formula still give what was computed by hand?"),
            ),
        ),
    ),
)
NO_ENTRY = ("saved", "formula")
"""Pages beside the reports: the kept ones are listed on the page itself, a formula card belongs to a figure."""


def report_index_blueprint(site: Site) -> Blueprint:
    blueprint = Blueprint("report_index", __name__)

    @blueprint.get(PATH.rstrip("/"))
    @allow("supervisor", "admin")
    def index() -> ResponseReturnValue:
        login = signed_in(site).login
        return render_template(
            "report_index.html",
            groups=GROUPS,
            kept=site.shelf.keep.book.seen_by(login),
            troubled=len(troubled(site)),
        )

    return blueprint
