"""What people do with alerts: see them, acknowledge them, say whether they were of use, and set the rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Protocol

from ivr.core.alert_rows import Alert, Worth
from ivr.core.alert_rules import SECURITY, AlertRule, Figure, Level, Quiet, Way
from ivr.core.errors import RequestError
from ivr.core.outgoing import Recipient
from ivr.workflows.ports import Clock
from ivr.workflows.watch_alerts import rules_of

HIGHEST = 100_000
LONGEST_S = 3600
MAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


class AlertLog(Protocol):
    """Raises `Unavailable`."""

    def standing(self) -> Sequence[Alert]: ...

    def page(self, *, after: str = "", limit: int = 50) -> Sequence[Alert]: ...

    def acknowledge(self, alert: str, *, who: str, note: str, at: datetime) -> bool: ...

    def judge(self, alert: str, *, useful: bool, who: str) -> bool: ...

    def worth(self) -> Mapping[str, Worth]: ...


class AlertRules(Protocol):
    """Raises `Unavailable`."""

    def rules(self) -> Sequence[AlertRule]: ...

    def save_rule(self, rule: AlertRule, *, before: AlertRule | None, who: str, at: datetime) -> None: ...

    def drop_rule(self, rule: AlertRule, *, who: str, at: datetime) -> None: ...


class Recipients(Protocol):
    """Raises `Unavailable`."""

    def recipients(self) -> Sequence[Recipient]: ...

    def add_recipient(self, one: Recipient, *, shown: str, at: datetime) -> None: ...

    def remove_recipient(self, id: str, *, shown: str, who: str, at: datetime) -> None: ...  # noqa: A002 - its id


@dataclass(frozen=True, kw_only=True)
class AlertRoom:
    log: AlertLog
    own: AlertRules
    people: Recipients
    topics: Callable[[], Sequence[str]]
    urgent: Callable[[], Collection[str]]
    """Queues of the critical lane, such as security: their alerts may be sent as text messages too."""
    number_of: Callable[[str], str | None]
    """A telephone number as E.164; None for what is none."""
    mask: Callable[[str], str]
    clock: Clock
    new_id: Callable[[], str]
    show: Callable[[], None]
    """Tell the pages that something changed."""

    # ---- alerts --------------------------------------------------------------------------------------------------

    def acknowledge(self, alert: str, *, who: str, note: str) -> None:
        """Raises `RequestError`."""
        if not self.log.acknowledge(alert, who=who, note=note.strip(), at=self.clock.now()):
            raise RequestError("this alert is acknowledged already", status=409, error_id="alert_acknowledged")
        self.show()

    def judge(self, alert: str, *, useful: bool, who: str) -> None:
        """Raises `RequestError`."""
        if not self.log.judge(alert, useful=useful, who=who):
            raise RequestError("there is no such alert", status=404, error_id="alert_unknown")

    # ---- rules ---------------------------------------------------------------------------------------------------

    def rules(self) -> Sequence[AlertRule]:
        return rules_of(self.own.rules())

    def changed(self) -> frozenset[str]:
        """Ids of the rules that are not as the program has them."""
        return frozenset(rule.id for rule in self.own.rules())

    def rule(self, id: str) -> AlertRule:  # noqa: A002 - its id
        """Raises `RequestError`."""
        found = next((rule for rule in self.rules() if rule.id == id), None)
        if found is None:
            raise RequestError("there is no such rule", status=404, error_id="rule_unknown")
        return found

    def save(self, id: str, form: Mapping[str, Any], *, who: str) -> AlertRule:  # noqa: A002 - its id
        """Change a rule, or with an empty id add one. Raises `RequestError`."""
        before = self.rule(id) if id else None
        rule = self._rule(id or self.new_id(), form, before)
        if rule != before:
            self.own.save_rule(rule, before=before, who=who, at=self.clock.now())
        return rule

    def drop(self, id: str, *, who: str) -> None:  # noqa: A002 - its id
        """As the program has it again; a rule that somebody added is gone. Raises `RequestError`."""
        self.own.drop_rule(self.rule(id), who=who, at=self.clock.now())

    def _rule(self, id: str, form: Mapping[str, Any], before: AlertRule | None) -> AlertRule:  # noqa: A002 - its id
        try:
            figure = before.figure if before else Figure(form.get("figure", ""))
            level = before.level if before else Level(form.get("level", ""))
        except ValueError:
            raise RequestError("choose a figure and a level", status=422, error_id="rule_figure") from None
        subject = before.subject if before else str(form.get("subject", ""))
        if (
            before is None and subject and subject not in self.topics()
        ):  # a queue may have gone since: its rule can be switched off
            raise RequestError("there is no such queue", status=422, error_id="rule_subject")
        ways = frozenset(Way(way) for way in form.get("ways", ()) if way in set(Way))
        if Way.SMS in ways and figure not in SECURITY and subject not in self.urgent():
            raise RequestError("text messages are for security alone", status=422, error_id="rule_sms")
        return AlertRule(
            id=id,
            figure=figure,
            level=level,
            threshold=_number(form.get("threshold", ""), "rule_threshold", most=HIGHEST),
            lasts=timedelta(seconds=_number(form.get("lasts", ""), "rule_lasts", most=LONGEST_S)),
            clears=timedelta(seconds=_number(form.get("clears", ""), "rule_lasts", most=LONGEST_S)),
            subject=subject,
            quiet=_quiet(str(form.get("quiet_start", "")), str(form.get("quiet_until", ""))),
            ways=ways,
            on=bool(form.get("on")),
        )

    # ---- who is told ---------------------------------------------------------------------------------------------

    def recipients(self) -> Sequence[tuple[Recipient, str]]:
        """Each with its address as it may be shown."""
        return [(one, self._shown(one)) for one in self.people.recipients()]

    def add_recipient(self, way: str, address: str, *, who: str) -> None:
        """Raises `RequestError`."""
        address = address.strip()
        if way == Way.SMS:
            number = self.number_of(address)
            if number is None:
                raise RequestError("write the number with its country", status=422, error_id="recipient_number")
            address = number
        elif way != Way.MAIL or not MAIL.fullmatch(address):
            raise RequestError("this is no mail address", status=422, error_id="recipient_mail")
        if any(one.address == address for one in self.people.recipients()):
            raise RequestError("this one is told already", status=409, error_id="recipient_taken")
        one = Recipient(id=self.new_id(), way=Way(way), address=address, added_by=who)
        self.people.add_recipient(one, shown=self._shown(one), at=self.clock.now())

    def remove_recipient(self, id: str, *, who: str) -> None:  # noqa: A002 - its id
        """One that is not there is gone already."""
        for one in self.people.recipients():
            if one.id == id:
                self.people.remove_recipient(id, shown=self._shown(one), who=who, at=self.clock.now())

    def _shown(self, one: Recipient) -> str:
        return self.mask(one.address) if one.way is Way.SMS else one.address


def _number(text: object, error_id: str, *, most: float) -> float:
    with suppress(ValueError):
        value = float(str(text).strip().replace(",", "."))
        if 0 <= value <= most:
            return value
    raise RequestError("this is no number that will do", status=422, error_id=error_id)


def _quiet(start: str, until: str) -> Quiet | None:
    if not start and not until:
        return None
    try:
        found = Quiet(start=time.fromisoformat(start), until=time.fromisoformat(until))
    except ValueError:
        raise RequestError("quiet hours need a beginning and an end", status=422, error_id="rule_quiet") from None
    if found.start == found.until or found.start.tzinfo or found.until.tzinfo:
        raise RequestError("quiet hours need a beginning and an end", status=422, error_id="rule_quiet")
    return found
