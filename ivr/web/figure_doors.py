"""What the pages of figures need beside the report of waits."""

from __future__ import annotations

from dataclasses import dataclass

from ivr.workflows.report_heat import ReportHeat
from ivr.workflows.report_intervals import ReportIntervals
from ivr.workflows.self_check import SelfCheck


@dataclass(frozen=True, kw_only=True)
class FigureDoors:
    intervals: ReportIntervals
    heat: ReportHeat
    self_check: SelfCheck
