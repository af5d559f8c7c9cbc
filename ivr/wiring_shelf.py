"""What is joined for the further reports: a shelf on which each stands by name. Part of the switchboard."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from ivr.workflows.report_agents import ReportAgents
from ivr.workflows.report_book import Report
from ivr.workflows.report_calibration import ReportCalibration
from ivr.workflows.reports import Limits

if TYPE_CHECKING:
    from ivr.web.shelf_doors import Shelf
    from ivr.wiring import Switchboard


class ShelfParts:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of

    @cached_property
    def reports(self) -> Mapping[str, Report]:
        """By the name in the address and on the command line."""
        from ivr.storage.sql.report_agents import AgentRows
        from ivr.storage.sql.report_calibration import CalibrationRows
        from ivr.storage.sql.report_repeats import RepeatRows

        of = self._of
        repeats = RepeatRows(of.engine)
        return {
            "agents": ReportAgents(
                AgentRows(of.engine), repeats, of.clock, roster=of.people_roster.all, limits=self._limits
            ),
            "calibration": ReportCalibration(CalibrationRows(of.engine), of.clock),
        }

    @cached_property
    def doors(self) -> Shelf:
        from ivr.web.shelf_doors import Shelf

        return Shelf(reports=self.reports, audit=self._of.people.audit)

    def _limits(self) -> Mapping[str, Limits]:
        return {
            topic.id: Limits(within=topic.service_level, short=topic.short_abandon)
            for tree in self._of.menus.trees
            for topic in tree.topics.values()
        }
