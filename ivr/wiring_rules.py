"""What is joined for alerts, for what goes out to others, and for administration. Part of the switchboard."""

from __future__ import annotations

import json
import secrets
from collections import deque
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ivr.core.alert_rules import Way
from ivr.core.errors import CarrierError, OperatorError, Unavailable
from ivr.core.ids import E164
from ivr.core.outgoing import OFF, EventKind, Outgoing
from ivr.core.queueing import urgent_topics
from ivr.storage.redis.event_log import EventLog
from ivr.storage.redis.leases import Leases
from ivr.telephony.numbers import e164, masked
from ivr.workflows.alert_readings import ReadBoard
from ivr.workflows.alert_room import AlertRoom
from ivr.workflows.hooks_room import HooksRoom
from ivr.workflows.ports import FactRow
from ivr.workflows.send_outgoing import NotSent, SendOutgoing
from ivr.workflows.tell_events import TellClosed, happened
from ivr.workflows.tell_out import TellAlert, TellHooks
from ivr.workflows.token_room import TokenRoom
from ivr.workflows.watch_alerts import WatchAlerts

if TYPE_CHECKING:
    from ivr.outside.mail import SendMail
    from ivr.outside.webhook import PostWebhook
    from ivr.storage.sql.alerts import AlertBook
    from ivr.storage.sql.outgoing import Endpoints, OutgoingBook
    from ivr.web.rules_doors import RulesDoors
    from ivr.wiring import Switchboard
    from ivr.wiring_admin import Administration

GUESSES_IN = timedelta(minutes=10)
AUDIT_EVERY = timedelta(hours=1)


class Rules:
    """Made when it is first asked for; opens nothing."""

    def __init__(self, of: Switchboard) -> None:
        self._of = of
        self._guesses: deque[tuple[datetime, int]] = deque()
        self._audited: tuple[datetime, bool] | None = None

    # ---- stores --------------------------------------------------------------------------------------------------

    @cached_property
    def book(self) -> AlertBook:
        from ivr.storage.sql.alerts import AlertBook

        return AlertBook(self._of.engine, self._of.seals, self._of.people.chain)

    @cached_property
    def outgoing(self) -> OutgoingBook:
        from ivr.storage.sql.outgoing import OutgoingBook

        return OutgoingBook(self._of.engine)

    @cached_property
    def endpoints(self) -> Endpoints:
        from ivr.storage.sql.outgoing import Endpoints

        return Endpoints(self._of.engine, self._of.seals, self._of.people.chain)

    # ---- alerts --------------------------------------------------------------------------------------------------

    @cached_property
    def watch_alerts(self) -> WatchAlerts:
        of = self._of
        return WatchAlerts(
            read=ReadBoard(
                board=of.board,
                trees=lambda: of.menus.trees,
                absent=self.keep.shifts.absent,
                guesses=self._guessed,
                audit_broken=self._audit_broken,
            ),
            alerts=self.book,
            own=self.book,
            tell=TellAlert(
                rows=self.outgoing,
                recipients=self.book.recipients,
                hooks=self.tell_hooks,
                names=lambda: self.names("en"),
                urgent=self._urgent,
                page=f"{of.settings.public_url}/supervisor/alerts",
            ),
            lease=Leases(of.link, secrets.token_hex(8)),
            zone=lambda: of.menus.trees[0].zone,
            new_id=lambda: secrets.token_hex(8),
            show=self._show,
        )

    @cached_property
    def alert_room(self) -> AlertRoom:
        of = self._of
        return AlertRoom(
            log=self.book,
            own=self.book,
            people=self.book,
            topics=lambda: [topic.id for topic in of.topics()],
            urgent=self._urgent,
            number_of=e164,
            mask=masked,
            clock=of.clock,
            new_id=lambda: secrets.token_hex(8),
            show=self._show,
        )

    def _urgent(self) -> Collection[str]:
        return {topic for tree in self._of.menus.trees for topic in urgent_topics(tree)}

    def _show(self) -> None:
        self._of.link.run(lambda connection: connection.publish(self._of.link.keys("feed"), "alerts board"))

    def names(self, language: str) -> dict[str, str]:
        topics = {
            str(one.id): next((n for key, n in one.names.items() if key == language), one.id)
            for one in self._of.topics()
        }
        return topics | {str(agent): name for agent, name in self._of.people_roster.names().items()}

    def _guessed(self, at: datetime) -> int:
        """How many more there are than ten minutes ago, as far back as this process has looked."""
        total = self._of.alert_counts.all().get("code_guessing", 0)
        self._guesses.append((at, total))
        while self._guesses[0][0] < at - GUESSES_IN:
            self._guesses.popleft()
        return max(0, total - self._guesses[0][1])

    def _audit_broken(self) -> bool:
        now = self._of.clock.now()
        if self._audited is None or now - self._audited[0] >= AUDIT_EVERY:
            self._audited = (now, self._of.people.verify_audit() is not None)
        return self._audited[1]

    # ---- what goes out -------------------------------------------------------------------------------------------

    @cached_property
    def tell_hooks(self) -> TellHooks:
        return TellHooks(rows=self.outgoing, endpoints=self.endpoints)

    @cached_property
    def hooks_room(self) -> HooksRoom:
        return HooksRoom(
            hooks=self.endpoints,
            sent=self.outgoing,
            problem=self.webhook.problem,
            clock=self._of.clock,
            new_id=lambda: secrets.token_hex(8),
            draw=secrets.token_bytes,
            audit=self._of.people.audit,
        )

    @cached_property
    def event_log(self) -> EventLog:
        return EventLog(self._of.link)

    def tell_of(self, facts: Sequence[FactRow]) -> None:
        """To webhooks and to programs that follow. The records are written already: a store that is away loses nobody."""
        events = happened(facts)
        self.tell_hooks(events)
        with suppress(Unavailable):
            self.event_log.add(events)

    @cached_property
    def _tell_closed(self) -> TellClosed:
        return TellClosed(
            callbacks=self.keep.lists, endpoints=self.endpoints, tell=self.tell_hooks, clock=self._of.clock
        )

    def send_due(self) -> int:
        """Mails, text messages and webhooks that were tried."""
        self._tell_closed()
        return self.send_outgoing()

    @cached_property
    def keep(self) -> Administration:
        from ivr.wiring_admin import Administration

        return Administration(self._of)

    @cached_property
    def mail(self) -> SendMail:
        from ivr.outside.mail import SendMail

        settings = self._of.settings
        host = urlsplit(settings.public_url).hostname or "localhost"
        return SendMail(
            host=settings.smtp_host,
            port=settings.smtp_port,
            sender=settings.smtp_from or f"hotline@{host}",
            user=settings.smtp_user,
            password=settings.smtp_password.get_secret_value(),
            tls=settings.smtp_tls,
        )

    @cached_property
    def webhook(self) -> PostWebhook:
        from ivr.outside.allowed import AllowList
        from ivr.outside.webhook import PostWebhook

        try:
            return PostWebhook(allowed=AllowList.parse(self._of.settings.webhook_hosts))
        except ValueError as err:
            raise OperatorError(f"IVR_WEBHOOK_HOSTS: {err}") from err

    @cached_property
    def send_outgoing(self) -> SendOutgoing:
        return SendOutgoing(
            box=self.outgoing,
            senders={Way.MAIL: self._by_mail, Way.SMS: self._by_text, Way.WEBHOOK: self._by_webhook},
            clock=self._of.clock,
        )

    def _by_mail(self, row: Outgoing) -> str:
        body = json.loads(row.body)
        return self.mail.send(self._address(row), subject=body["subject"], text=body["text"], at=self._of.clock.now())

    def _by_text(self, row: Outgoing) -> str:
        sender = self._of.menus.trees[0].numbers[0]
        try:
            self._of.evidence.texts.send_text(
                to=E164(self._address(row)), body=json.loads(row.body)["text"], sender=sender
            )
        except CarrierError as err:
            raise NotSent(str(err)) from err
        return "taken by the carrier"

    def _by_webhook(self, row: Outgoing) -> str:
        found = self.endpoints.find(row.target)
        if found is None:
            raise NotSent("removed", final=True)
        endpoint, secret = found
        if not endpoint.on and row.event != EventKind.TEST:
            raise NotSent(OFF, final=True)
        now = self._of.clock.now()
        at, both = int(now.timestamp()), endpoint.old_until is not None and now < endpoint.old_until
        secrets = secret.split() if both else secret.split()[:1]
        return self.webhook.post(endpoint.url, *secrets, message=row.message, at=at, body=row.body.encode())

    def _address(self, row: Outgoing) -> str:
        found = [one.address for one in self.book.recipients() if one.id == row.target]
        if not found:
            raise NotSent("removed", final=True)
        return found[0]

    # ---- pages ---------------------------------------------------------------------------------------------------

    @cached_property
    def doors(self) -> RulesDoors:
        from ivr.web.rules_doors import RulesDoors

        return RulesDoors(
            hooks=self.hooks_room,
            tokens=TokenRoom(tokens=self._of.tokens, clock=self._of.clock),
            people=self.keep.people,
            queues=self.keep.queues,
            menus=self.keep.menus,
            shifts=self.keep.shifts,
            teams=self.keep.teams,
            programs=self.keep.programs,
            events=self.event_log,
            trees=lambda: self._of.menus.trees,
            alerts=self.alert_room,
            names=self.names,
            mail_ready=bool(self._of.settings.smtp_host),
        )
