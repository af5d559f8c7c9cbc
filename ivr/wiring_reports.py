"""What is joined for the reports. Part of the switchboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ivr.core.menu_flow import stops
from ivr.core.rollups import Limits
from ivr.workflows.check_rollups import CheckRollups
from ivr.workflows.report_callbacks import ReportCallbacks
from ivr.workflows.report_heat import ReportHeat
from ivr.workflows.report_hours import ReportHours
from ivr.workflows.report_intervals import ReportIntervals
from ivr.workflows.report_results import ReportResults
from ivr.workflows.report_topics import ReportTopics
from ivr.workflows.reports import ReportWaits
from ivr.workflows.self_check import SelfCheck

if TYPE_CHECKING:
    from ivr.storage.sql.reports import ReportRows
    from ivr.storage.sql.rollup_build import Rollups
    from ivr.storage.sql.rollups import WaitCells
    from ivr.storage.sql.sum_check import SumCheck
    from ivr.storage.sql.sums import Source
    from ivr.web.figure_doors import FigureDoors
    from ivr.wiring import Switchboard


class Reports:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of

    @cached_property
    def _stored(self) -> ReportRows:
        from ivr.storage.sql.reports import ReportRows

        return ReportRows(self._of.engine)

    @cached_property
    def cells(self) -> WaitCells:
        from ivr.storage.sql.rollups import WaitCells

        return WaitCells(self._of.engine)

    @cached_property
    def rollups(self) -> Rollups:
        from ivr.storage.sql.rollup_build import Rollups
        from ivr.storage.sql.sum_build import SumBuild

        zone = ZoneInfo(self._of.menus.trees[0].zone)
        return Rollups(self._of.engine, zone, self.all_limits, sums=SumBuild(self._of.engine, zone, self._sources))

    def _sources(self) -> Sequence[Source]:
        """What is summed, with the menus in use."""
        from ivr.storage.sql.sum_sources import sources

        trees = self._of.menus.trees
        short = {str(topic.id): topic.short_abandon for tree in trees for topic in tree.topics.values()}
        return sources(short, [stops(tree) for tree in trees])

    @cached_property
    def waits(self) -> ReportWaits:
        return ReportWaits(self.cells, self._of.clock, limits=self.limits)

    @cached_property
    def check_rollups(self) -> CheckRollups:
        from ivr.storage.sql.rollups import WaitCells

        counted = ReportWaits(WaitCells(self._of.engine, kept=False), self._of.clock, limits=self.limits)
        return CheckRollups(self.waits, counted)

    @cached_property
    def check_sums(self) -> SumCheck:
        from ivr.storage.sql.sum_check import SumCheck

        return SumCheck(self._of.engine, self._sources)

    @cached_property
    def intervals(self) -> ReportIntervals:
        return ReportIntervals(self.waits, self._stored, self._of.clock)

    @cached_property
    def heat(self) -> ReportHeat:
        return ReportHeat(self.cells, self._stored, self._of.clock, self.all_limits)

    @cached_property
    def self_check(self) -> SelfCheck:
        from ivr.storage.sql.bench import bench

        return SelfCheck(bench, version("ivr"))

    @cached_property
    def doors(self) -> FigureDoors:
        from ivr.web.figure_doors import FigureDoors

        return FigureDoors(intervals=self.intervals, heat=self.heat, self_check=self.self_check)

    @cached_property
    def callbacks(self) -> ReportCallbacks:
        from ivr.storage.sql.callback_sums import CallbackRows

        return ReportCallbacks(CallbackRows(self._of.engine), self._of.clock)

    @cached_property
    def topics(self) -> ReportTopics:
        return ReportTopics(self._stored)

    @cached_property
    def results(self) -> ReportResults:
        return ReportResults(self._stored)

    @cached_property
    def hours(self) -> ReportHours:
        return ReportHours(self.cells, self._stored, self._of.clock, self.all_limits)

    def limits(self, topic: str) -> Limits:
        """What counts as in time and as short, as the menu in use has it."""
        found = next((one for one in self._of.topics() if one.id == topic), None)
        return Limits(within=found.service_level, short=found.short_abandon) if found else Limits()

    def all_limits(self) -> Mapping[str, Limits]:
        """The same of all topics, by topic."""
        return {
            topic.id: Limits(within=topic.service_level, short=topic.short_abandon)
            for tree in self._of.menus.trees
            for topic in tree.topics.values()
        }
