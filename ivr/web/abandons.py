"""The report of callers who gave up, as the frame of the reports draws it."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from ivr.core.ids import AgentId
from ivr.core.who_was_free import Free, Verdict
from ivr.web.call_words import language_name, span
from ivr.web.doors import Site
from ivr.web.i18n import gettext
from ivr.web.report_frame import Drawn, Report, Terms
from ivr.web.report_words import GAVE_UP, word_of
from ivr.web.texts import N_
from ivr.workflows.report_abandons import AbandonsReport, abandons_sheet

MOST_SHOWN = 200


def abandons_report(site: Site) -> Report:
    return Report(
        title=N_("Who gave up"),
        draw=lambda asked: _draw(site, asked),
        nothing=N_("Nobody gave up in this time."),
        template="report_abandons.html",
    )


def _draw(site: Site, asked: Terms) -> Drawn:
    report = site.story.abandons(asked.query)
    names = site.desk.roster.names()
    page = Page(asked=asked, names={str(agent): words for agent, words in names.items()})
    sheet = abandons_sheet(
        report,
        names=asked.names,
        agents=lambda agent: names.get(AgentId(agent), agent),
        words=lambda word: word_of(word, GAVE_UP),
    )
    return Drawn(sheet=sheet, more=page.words(report))


class Page:
    """Words of the page beside its files."""

    def __init__(self, *, asked: Terms, names: dict[str, str]) -> None:
        self._asked, self._names = asked, names

    def words(self, report: AbandonsReport) -> dict[str, Any]:
        zone = report.query.zone
        return {
            "lessons": [
                gettext("Teach %(agent)s %(what)s: at most %(callers)s more answered.")
                % {"agent": self._name(one.agent), "what": self._missing(one.lacks), "callers": one.callers}
                for one in report.lessons[:12]
            ],
            "lonely": [
                gettext("%(from)s to %(to)s: %(alone)s of %(gone)s gave up while nobody was free.")
                % {
                    "from": f"{one.hour:02}:00",
                    "to": f"{(one.hour + 1) % 24:02}:00",
                    "alone": one.nobody_free,
                    "gone": one.gone,
                }
                for one in report.hours[:8]
            ],
            "gone": [self._line(one, zone) for one in report.verdicts[:MOST_SHOWN]],
            "more": report.more or len(report.verdicts) > MOST_SHOWN,
            "count": len(report.verdicts),
        }

    def _line(self, verdict: Verdict, zone: ZoneInfo) -> dict[str, Any]:
        stay = verdict.stay
        return {
            "at": f"{stay.left_at.astimezone(zone):%Y-%m-%d %H:%M:%S}",
            "call": stay.call,
            "topic": self._asked.names(stay.topic),
            "language": language_name(stay.language),
            "wait": span(stay.wait),
            "able": [self._name(one.agent) for one in verdict.free if one.able],
            "free": [f"{self._name(one.agent)} ({self._missing(one)})" for one in verdict.free if not one.able],
        }

    def _name(self, agent: str) -> str:
        return self._names.get(agent, agent)

    def _missing(self, lacks: Free) -> str:
        skills = [self._asked.names(skill) for skill in lacks.skills]
        return " + ".join([*skills, *([language_name(lacks.language)] if lacks.language else [])])
