"""The whole schema. Tables are known once their module is loaded: who looks at all of them looks here."""

from __future__ import annotations

from ivr.storage.sql import (
    admin_tables,
    after_tables,
    alert_tables,
    call_out_table,
    carrier_tables,
    evidence_tables,
    opening_tables,
    people_tables,
    report_indexes,
    rollup_tables,
    room_tables,
    saved_report_tables,
    story_tables,
    tables,
)

__all__ = ["MODULES", "metadata"]

MODULES = (
    tables,
    people_tables,
    after_tables,
    evidence_tables,
    opening_tables,
    call_out_table,
    alert_tables,
    carrier_tables,
    rollup_tables,
    report_indexes,
    admin_tables,
    room_tables,
    story_tables,
    saved_report_tables,
)
metadata = tables.metadata
