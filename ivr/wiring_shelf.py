"""What is joined for the further reports: a shelf on which each stands by name. Part of the switchboard."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from ivr.core.ids import AgentId, Language
from ivr.core.intervals import Step, period
from ivr.core.menus import Collect, Menu, MenuTree
from ivr.core.people import Role
from ivr.core.planned_time import Planned, planned_spans
from ivr.core.saved_reports import Saved
from ivr.workflows.dispositions import own_names
from ivr.workflows.keep_reports import KeepReports
from ivr.workflows.mail_reports import Made, MailReports
from ivr.workflows.report_abandons import abandons_sheet
from ivr.workflows.report_access import ReportAccess
from ivr.workflows.report_agents import ReportAgents
from ivr.workflows.report_attempts import ReportAttempts, result_word
from ivr.workflows.report_book import Asked, Report, sheets
from ivr.workflows.report_calibration import ReportCalibration
from ivr.workflows.report_disclosure import ReportDisclosure
from ivr.workflows.report_heat import figure_of, heat_sheet
from ivr.workflows.report_hours import hours_sheet
from ivr.workflows.report_intervals import day_sheet, intervals_sheet, queues_sheet
from ivr.workflows.report_ledger import ReportLedger
from ivr.workflows.report_menu_flow import ReportMenuFlow
from ivr.workflows.report_output import Sheet, callbacks_sheet, to_csv, waits_sheet
from ivr.workflows.report_pdf import PDF, to_pdf
from ivr.workflows.report_quality import ReportQuality
from ivr.workflows.report_repeats import ReportRepeats
from ivr.workflows.report_results import results_sheet
from ivr.workflows.report_satisfaction import ReportSatisfaction
from ivr.workflows.report_topics import topics_sheet
from ivr.workflows.report_xlsx import XLSX, to_xlsx
from ivr.workflows.reports import Placing, ReportQuery

if TYPE_CHECKING:
    from ivr.storage.sql.saved_reports import SavedReports
    from ivr.web.shelf_doors import Shelf
    from ivr.wiring import Switchboard


PLAIN = ("waits", "callbacks", "topics", "results", "hours", "intervals", "queues", "heat", "daily", "abandons")
"""Reports of one table, which can be kept and mailed too."""
PLACED = ("waits", "intervals", "queues")
"""Those in which one may choose how callers are placed."""


class ShelfParts:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of

    @cached_property
    def reports(self) -> Mapping[str, Report]:
        """By the name in the address and on the command line."""
        from ivr.storage.sql.report_access import AccessRows, ComplaintRows
        from ivr.storage.sql.report_agents import AgentRows
        from ivr.storage.sql.report_attempts import AttemptRows
        from ivr.storage.sql.report_calibration import CalibrationRows
        from ivr.storage.sql.report_menu_flow import MenuFlowRows
        from ivr.storage.sql.report_quality import QualityRows
        from ivr.storage.sql.report_repeats import RepeatRows
        from ivr.storage.sql.report_satisfaction import SatisfactionRows

        of = self._of
        repeats, said = RepeatRows(of.engine), SatisfactionRows(of.engine)
        return {
            "agents": ReportAgents(
                AgentRows(of.engine),
                repeats,
                of.clock,
                roster=of.people_roster.all,
                limits=of.reports.all_limits,
                planned=self._planned,
            ),
            "menu-flow": ReportMenuFlow(
                MenuFlowRows(of.engine),
                repeats,
                of.clock,
                trees=lambda: of.menus.trees,
                spoken=_spoken,
                limits=of.reports.all_limits,
            ),
            "repeats": ReportRepeats(repeats, said, of.clock, of.reports.all_limits),
            "satisfaction": ReportSatisfaction(said, of.clock, of.people_roster.names),
            "calibration": ReportCalibration(CalibrationRows(of.engine), of.clock),
            "promises": ReportLedger(of.after.promises_report),
            "attempts": ReportAttempts(AttemptRows(of.engine), of.clock),
            "access": ReportAccess(
                AccessRows(of.engine), of.clock, verify=of.people.verify_audit, length=of.people.chain.count
            ),
            "disclosure": ReportDisclosure(ComplaintRows(of.engine), of.clock),
            "quality": ReportQuality(QualityRows(of.engine), of.clock),
        }

    @cached_property
    def doors(self) -> Shelf:
        from ivr.web.shelf_doors import Shelf

        return Shelf(
            reports=self.reports,
            audit=self._of.people.audit,
            keep=self.keep,
            mail_ready=bool(self._of.settings.smtp_host),
        )

    @cached_property
    def _book(self) -> SavedReports:
        from ivr.storage.sql.saved_reports import SavedReports

        return SavedReports(self._of.engine)

    @cached_property
    def keep(self) -> KeepReports:
        of = self._of
        return KeepReports(
            book=self._book,
            reports={*self.reports, *PLAIN},
            audit=of.people.audit,
            clock=of.clock,
            new_id=lambda: secrets.token_hex(8),
            zone=of.menus.trees[0].zone,
        )

    @cached_property
    def mail_reports(self) -> MailReports:
        return MailReports(
            mails=self._book,
            make=self._make,
            send=self._send,
            may_read=self._may_read,
            audit=self._of.people.audit,
            clock=self._of.clock,
        )

    def _may_read(self, login: str) -> bool:
        known = next((one for one in self._of.people.accounts() if one.login == login), None)
        return known is not None and known.may(Role.SUPERVISOR, Role.ADMIN)

    def _send(self, to: str, made: Made, at: datetime) -> None:
        from ivr.outside.mail import Attachment

        files = [Attachment(name=name, kind=kind, body=body) for name, kind, body in made.files]
        self._of.rules.mail.send(to, subject=made.subject, text=made.text, at=at, attachments=files)

    def _make(self, saved: Saved, first: str, last: str) -> Made:
        """A kept report of these days, in its owner's language."""
        from ivr.web.i18n import speaking

        with speaking(saved.language):
            return self._made(saved, first, last)

    def _made(self, saved: Saved, first: str, last: str) -> Made:
        asked = self._asked(saved, first, last)
        if saved.report in PLAIN and saved.report not in PLACED:
            asked = replace(asked, query=replace(asked.query, by=Placing.ARRIVAL))
        printed: tuple[Sheet, ...]
        told: Sequence[str]
        if saved.report in PLAIN:
            told, sheet, paper = self._plain(saved.report, asked)
            drawn: tuple[Sheet, ...] = (sheet,)
            printed, notes = (paper,), paper.notes
        else:
            book = self.reports[saved.report](asked)
            drawn = sheets(book)
            printed, notes = sheets(book, paper=True), book.notes
            told = notes
        name = f"{saved.report}-{first}-{last}"
        files = tuple(
            (f"{name}.{kind}", media, body)
            for kind, media, body in made_files(saved.title, notes, drawn, printed)
            if kind in saved.files
        )
        link = f"{self._of.settings.public_url}{saved.address_of(first, last)}"
        return Made(
            subject=f"{saved.title} · {first} – {last}",
            text="\n".join([saved.title, *told, "", link, ""]),
            files=files,
        )

    def _asked(self, saved: Saved, first: str, last: str) -> Asked:
        from ivr.web.i18n import translations
        from ivr.web.report_words import result_words

        of, chosen = self._of, saved.words
        zone = ZoneInfo(chosen.get("zone") or saved.zone)
        start, end = period(first, last, zone)
        names = {
            str(topic.id): next((name for key, name in topic.names.items() if key == saved.language), topic.id)
            for topic in of.topics()
        }
        results = own_names(of.menus.trees, Language(saved.language))
        return Asked(
            query=ReportQuery(
                start=start,
                end=end,
                zone=zone,
                step=Step(chosen.get("interval") or Step.HOUR),
                topics=tuple(value for key, value in parse_qsl(saved.chosen) if key == "topic"),
                by=Placing(chosen.get("by") or Placing.ARRIVAL),
            ),
            words=translations(saved.language).gettext,
            language=saved.language,
            topics=lambda topic: names.get(topic, topic),
            results=result_words(results),
            options={key: value for key, value in chosen.items() if key not in ("from", "to", "zone", "topic", "by")},
        )

    def _plain(self, name: str, asked: Asked) -> tuple[Sequence[str], Sheet, Sheet]:
        """One of the reports of one table: its filter in words, the file and the print, all as the page gives them."""
        from ivr.web.i18n import gettext
        from ivr.web.report_told import TITLES, filter_notes, noted

        query, now = asked.query, self._of.clock.now()
        steps, placings = name in ("waits", "callbacks", "intervals"), name in PLACED
        notes = filter_notes(query, now, names=asked.topics, placings=placings, steps=steps)
        sheet, title = self._sheet(name, asked), gettext(TITLES[name])
        return notes, noted(sheet, title, notes, spoken=False), noted(sheet, title, notes, spoken=True)

    def _sheet(self, name: str, asked: Asked) -> Sheet:
        from ivr.web.report_words import DAYS, GAVE_UP, HEAT, hour_words, word_of

        reports, query, names = self._of.reports, asked.query, asked.topics
        match name:
            case "waits":
                return waits_sheet(reports.waits(query), names=names)
            case "callbacks":
                words = asked.words
                return callbacks_sheet(reports.callbacks(query), names=names, words=lambda it: result_word(words, it))
            case "topics":
                return topics_sheet(reports.topics(query), names=names)
            case "results":
                return results_sheet(reports.results(query), names=names, words=asked.results)
            case "hours":
                return hours_sheet(reports.hours(query), words=hour_words)
            case "intervals":
                return intervals_sheet(reports.intervals(query, empties=bool(asked.option("empty"))))
            case "queues":
                return queues_sheet(reports.waits(replace(query, step=Step.MONTH)), names=names)
            case "daily":
                return day_sheet(reports.waits(replace(query, step=Step.MONTH)), names=names)
            case "heat":
                figure = figure_of(asked.option("show"))
                return heat_sheet(reports.heat(query), figure=figure, words=lambda word: word_of(word, DAYS, HEAT))
            case "abandons":
                agents = self._of.people_roster.names()
                return abandons_sheet(
                    self._of.story.abandons(query),
                    names=names,
                    agents=lambda agent: agents.get(AgentId(agent), agent),
                    words=lambda word: word_of(word, GAVE_UP),
                )
        raise KeyError(name)

    def _planned(self, query: ReportQuery, at: datetime) -> Sequence[Planned]:
        """Shifts less the breaks that were set, within the query's time and up to now, by the site's clock."""
        from ivr.storage.sql.planned_breaks import PlannedBreaks

        end = min(query.end, at)
        if end <= query.start:
            return ()
        breaks = PlannedBreaks(self._of.engine).reaching(query.start, end)
        rests = [(one.agent, one.start, one.end) for one in breaks]
        zone = ZoneInfo(self._of.menus.trees[0].zone)
        return planned_spans(self._of.rules.keep.shifts.book.all(), rests, query.start, end, zone)


def _spoken(tree: MenuTree) -> Mapping[tuple[str, str], float]:
    """Seconds of each question, by node and language."""
    from ivr.storage.files.wording import spoken_seconds

    return {
        (node.id, language): spoken_seconds(tree.prompts[node.prompt], language, tree)
        for node in tree.nodes.values()
        if isinstance(node, Menu | Collect)
        for language in tree.voices
    }


def made_files(
    title: str, notes: Sequence[str], drawn: Sequence[Sheet], printed: Sequence[Sheet]
) -> Iterator[tuple[str, str, bytes]]:
    """Every kind of file of a report; CSV holds its first table. `printed`: the tables as they stand on paper."""
    yield "xlsx", XLSX, to_xlsx(*drawn)
    yield "csv", "text/csv", to_csv(drawn[0], noted=True).encode()
    yield "pdf", PDF, to_pdf(title, notes, printed)
