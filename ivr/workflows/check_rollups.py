"""Do kept cells say what the calls say? Every day of a time, counted both ways, every figure compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ivr.core.rollups import Difference
from ivr.workflows.report_output import waits_sheet
from ivr.workflows.reports import Placing, ReportQuery, WaitsReport


@dataclass(frozen=True)
class CheckRollups:
    kept: Callable[[ReportQuery], WaitsReport]
    counted: Callable[[ReportQuery], WaitsReport]
    """The same report from the calls themselves."""

    def __call__(self, query: ReportQuery) -> tuple[int, Sequence[Difference]]:
        """How many rows were compared, and which differ. Callers who still wait are left out of neither."""
        rows, wrong = 0, []
        for by in Placing:
            asked = replace(query, by=by)
            kept, counted = self.kept(asked), self.counted(asked)
            pairs = zip(_lines(kept), _lines(counted), strict=False)
            for one, other in pairs:
                rows += 1
                if one != other:
                    where = f"{other[0]} {other[1]} by {by}"
                    wrong.append(Difference(where=where, kept=str(one[2:]), counted=str(other[2:])))
            if len(_lines(kept)) != len(_lines(counted)):
                wrong.append(
                    Difference(where=f"rows by {by}", kept=str(len(kept.rows)), counted=str(len(counted.rows)))
                )
        return rows, wrong


def _lines(report: WaitsReport) -> list[tuple[object, ...]]:
    sheet = waits_sheet(report)
    return [
        (*cells, row.work, row.time_to_abandon(with_short=False), tuple(row.percentiles_any.items()))
        for row, cells in zip((*report.rows, *report.totals), (*sheet.rows, *sheet.totals), strict=True)
    ]
