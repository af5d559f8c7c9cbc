"""What the pages of the further reports need: the shelf on which reports stand by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ivr.workflows.keep_reports import KeepReports
from ivr.workflows.report_book import Report

Audit = Callable[..., Any]
"""`people.audit`."""


@dataclass(frozen=True, kw_only=True)
class Shelf:
    reports: Mapping[str, Report]
    """By the name in the address."""
    audit: Audit
    keep: KeepReports
    mail_ready: bool
    """A mail server is set."""
