"""Slow work, one line each into the switchboard. A job is a hint: it may run twice, or late."""

from __future__ import annotations

import structlog

log = structlog.get_logger(__name__)


def check_recordings() -> list[str]:
    """Files that menus name and that are missing or empty, one sentence each; logged as warnings."""
    from ivr.jobs.context import switchboard

    missing = switchboard().missing_recordings()
    for line in missing:
        log.warning("recording_missing", problem=line)
    return missing


def verify_audit() -> int | None:
    """The first line of the audit that does not follow from the one before; None when all do."""
    from ivr.jobs.context import switchboard

    broken = switchboard().people.verify_audit()
    if broken is not None:
        log.error("audit_broken", line=broken)
    return broken


def scan_files() -> int:
    """Files of callers that the scanner has looked at; none without a scanner."""
    from ivr.jobs.context import switchboard

    return switchboard().evidence.scan_waiting()


def forget_evidence() -> int:
    """Files of callers that were deleted because their time is over."""
    from ivr.jobs.context import switchboard

    gone = switchboard().evidence.forget()
    log.info("evidence_forgotten", files=gone)
    return gone


def send_outgoing() -> int:
    """Mails, text messages and webhooks that were tried."""
    from ivr.jobs.context import switchboard

    return switchboard().rules.send_due()


def forget_outgoing() -> int:
    """Old ones that left the log."""
    from ivr.jobs.context import switchboard

    return switchboard().rules.send_outgoing.forget()


def mail_reports() -> int:
    """Reports that were due and taken by the mail server."""
    from ivr.jobs.context import switchboard
    from ivr.wiring_shelf import ShelfParts

    return ShelfParts(switchboard()).mail_reports()


def transcribe_messages() -> int:
    """Messages whose words were written down; none where nothing does that."""
    from ivr.jobs.context import switchboard

    return switchboard().after.transcribe()


def match_carrier() -> int:
    """Days that were matched with the carrier's list of calls; what does not agree is logged as a warning."""
    from ivr.jobs.context import switchboard

    matches = switchboard().at_carrier.match.nightly()
    for one in matches:
        say = log.info if one.agrees else log.warning
        say("carrier_matched", day=one.day, hotline=one.hotline, agreed=one.agreed, of=one.calls, trouble=one.trouble)
    return len(matches)


def refresh_rollups() -> tuple[int, int]:
    """Quarters of an hour, and days, whose kept cells were made again."""
    from ivr.jobs.context import switchboard

    reports = switchboard().reports
    return reports.rollups.refresh(switchboard().clock.now())


def note_roster() -> int:
    """Agents whose skills or languages have changed since the last look, noted for reports about the past."""
    from ivr.jobs.context import switchboard

    return switchboard().story.keep_roster()
