"""Agents and accounts as the pages change them. SQL is the truth from then on; a file is only taken over with `ivr agents import`.

A saved agent works from the next look of the matching: whoever is signed in takes over skills, languages and telephone at once.
Nobody is ever told somebody else's password: an account is opened, or reset, with a link that is good once, for a quarter of an
hour. Every change stands in the audit first, with what was before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from ivr.core.agents import BROWSER, Presence, is_telephone
from ivr.core.errors import RequestError
from ivr.core.ids import AgentId
from ivr.core.menus import MenuTree
from ivr.core.people import Account, Role, RosterAgent, login_problem
from ivr.core.roster import Team
from ivr.workflows.ports import Clock, Presences

LINK_GOOD = timedelta(minutes=15)
AN_ID = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
SIP = re.compile(r"sip:[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}")
LONGEST_NAME = 100
LEVELS = range(1, 6)


class Staff(Protocol):
    """The roster in SQL. Raises `Unavailable`."""

    def all(self) -> Sequence[RosterAgent]: ...

    def teams(self) -> Sequence[Team]: ...

    def find(self, agent: AgentId) -> RosterAgent | None: ...

    def put(self, agent: RosterAgent) -> None:
        """Add, or overwrite at the same place in the list."""


class Accounts(Protocol):
    """Raises `Unavailable`."""

    def accounts(self) -> Sequence[Account]: ...

    def account(self, account_id: str) -> Account | None: ...

    def add_account(
        self, login: str, password: str, *, at: datetime, roles: Sequence[Role], agent: AgentId | None, language: str
    ) -> Account: ...

    def change_rights(  # noqa: PLR0913 - the change, and its row of the audit
        self,
        account_id: str,
        *,
        by: Account,
        at: datetime,
        what: str,
        before: Mapping[str, Any],
        roles: Sequence[Role] | None = None,
        disabled: bool | None = None,
    ) -> None:
        """With its row of the audit. Raises `RequestError`: who presses is no administrator any more."""

    def set_disabled(self, account_id: str, disabled: bool) -> None: ...  # noqa: FBT001 - reads well either way


class Resets(Protocol):
    """Links that set a password, once. Raises `Unavailable`."""

    def add(self, account: str, *, until: datetime) -> str:
        """The token of a link; earlier ones of the account open nothing any more."""

    def whose(self, token: str, *, at: datetime) -> str | None:
        """The account; None when the link is unknown, used or over."""

    def use(self, token: str, *, at: datetime) -> str | None:
        """As `whose`, and from now on it is used."""


class Desk(Protocol):
    def open(self, agent: AgentId, console: str = "") -> None: ...

    def sign_out(self, agent: AgentId) -> None: ...


@dataclass(frozen=True, kw_only=True)
class KeepPeople:
    staff: Staff
    people: Accounts
    resets: Resets
    presences: Presences
    desk: Desk
    trees: Callable[[], Sequence[MenuTree]]
    number_of: Callable[[str], str | None]
    mask: Callable[[str], str]
    set_password: Callable[[str, str], None]
    audit: Callable[..., None]
    clock: Clock
    draw: Callable[[], str]

    # ---- agents --------------------------------------------------------------------------------------------------

    def skills(self) -> Sequence[str]:
        """Every skill that a queue asks for, or an agent has."""
        wanted = {skill for tree in self.trees() for topic in tree.topics.values() for skill in topic.skills}
        return sorted(wanted | {skill for agent in self.staff.all() for skill in agent.skills})

    def languages(self) -> Mapping[str, str]:
        """Languages of the hotlines, with their own names."""
        return {voice.language: voice.name for tree in self.trees() for voice in tree.voices.values()}

    def teams(self) -> Mapping[str, str]:
        """Every team's name by its id."""
        return {team.id: team.name for team in self.staff.teams()}

    def save_agent(self, form: Mapping[str, Any], *, new: bool, who: str, may_ring: bool) -> RosterAgent:
        """`may_ring`: the telephone may be changed too, which only administrators may. Raises `RequestError`."""
        name = str(form.get("id", "")).strip()
        before = self.staff.find(AgentId(name)) if name else None
        if new and (before is not None or not AN_ID.fullmatch(name)):
            taken = before is not None
            raise RequestError(
                "this id is taken" if taken else "an id has letters a-z, digits and . _ -",
                status=409 if taken else 422,
                error_id="agent_taken" if taken else "agent_id",
            )
        if not new and before is None:
            raise RequestError("there is no such agent", status=404, error_id="agent_unknown")
        agent = self._agent(AgentId(name), form, before)
        if not may_ring and agent.phone != (before.phone if before else BROWSER):
            raise RequestError("only administrators change the telephone", status=403, error_id="agent_phone_admin")
        if agent == before:
            return agent
        self._note("agent added" if new else "agent changed", name, who, self._seen(before), self._seen(agent))
        self.staff.put(agent)
        self._take_over(agent)
        return agent

    def disable_agent(self, name: str, *, off: bool, who: str) -> None:
        """Takes no calls any more, and cannot sign in; a talk is finished first. Raises `RequestError`."""
        before = self.staff.find(AgentId(name))
        if before is None:
            raise RequestError("there is no such agent", status=404, error_id="agent_unknown")
        if before.disabled == off:
            return
        self._note("agent disabled" if off else "agent enabled", name, who, {"disabled": not off}, {"disabled": off})
        self.staff.put(RosterAgent(**{**_fields(before), "disabled": off}))
        for account in self.people.accounts():
            if account.agent == name and account.roles == {Role.AGENT}:
                self.people.set_disabled(account.id, off)
        present = self.presences.find(AgentId(name))
        if off and present is not None and present.presence is not Presence.SIGNED_OUT:
            self.desk.sign_out(AgentId(name))

    def _agent(self, id: AgentId, form: Mapping[str, Any], before: RosterAgent | None) -> RosterAgent:  # noqa: A002 - its id
        name = " ".join(str(form.get("name", "")).split())
        if not name or len(name) > LONGEST_NAME:
            raise RequestError("give a name", status=422, error_id="agent_name")
        team = str(form.get("team", "")).strip()
        if team and not AN_ID.fullmatch(team):
            raise RequestError("a team has letters a-z, digits and . _ -", status=422, error_id="agent_team")
        return RosterAgent(
            id=id,
            name=name,
            team=team,
            skills=_levels(form, "skill", self.skills()),
            languages=_levels(form, "language", list(self.languages())),
            phone=self._phone(str(form.get("phone", "")).strip()),
            disabled=before.disabled if before else False,
        )

    def _phone(self, text: str) -> str:
        if not is_telephone(text):
            return BROWSER
        if text.startswith("sip:"):
            if SIP.fullmatch(text):
                return text
        elif (number := self.number_of(text)) is not None:
            return number
        raise RequestError("browser, a number with its country, or sip:…", status=422, error_id="agent_phone")

    def _take_over(self, agent: RosterAgent) -> None:
        present = self.presences.find(agent.id)
        if present is not None and present.presence is not Presence.SIGNED_OUT:
            self.desk.open(agent.id, present.console)

    def _seen(self, agent: RosterAgent | None) -> Mapping[str, object] | None:
        """As the audit may hold it: the number of a telephone masked."""
        if agent is None:
            return None
        phone = self.mask(agent.phone) if agent.phone.startswith("+") else agent.phone
        return {**_fields(agent), "phone": phone}

    # ---- accounts ------------------------------------------------------------------------------------------------

    def accounts(self) -> Sequence[Account]:
        return self.people.accounts()

    def add_account(self, login: str, roles: Sequence[str], agent: str, *, who: str) -> str:
        """The token of the link with which its person sets a password. Raises `RequestError`."""
        login, chosen = login.strip().casefold(), _roles(roles)
        if login_problem(login):
            raise RequestError("2 to 64 of a-z 0-9 . _ - @", status=422, error_id="account_login")
        if any(account.login == login for account in self.people.accounts()):
            raise RequestError("this login is taken", status=409, error_id="login_taken")
        if agent and self.staff.find(AgentId(agent)) is None:
            raise RequestError("there is no such agent", status=422, error_id="agent_unknown")
        if Role.AGENT in chosen and not agent:
            raise RequestError("which agent is this person?", status=422, error_id="account_agent")
        self._note("account added", login, who, None, {"roles": [role.value for role in chosen], "agent": agent})
        made = self.people.add_account(
            login,
            self.draw(),
            at=self.clock.now(),
            roles=chosen,
            agent=AgentId(agent) if agent else None,
            language="zh",
        )
        return self.resets.add(made.id, until=self.clock.now() + LINK_GOOD)

    def set_roles(self, account: str, roles: Sequence[str], *, who: Account) -> None:
        """Nobody changes their own; whose roles change is signed out. Raises `RequestError`."""
        found, chosen = self._other(account, who), _roles(roles)
        if Role.AGENT in chosen and found.agent is None:
            raise RequestError("this account belongs to no agent", status=422, error_id="account_no_agent")
        if found.roles != set(chosen):
            before = {"roles": sorted(role.value for role in found.roles)}
            self.people.change_rights(
                account, by=who, at=self.clock.now(), what="roles changed", before=before, roles=chosen
            )

    def disable_account(self, account: str, *, off: bool, who: Account) -> None:
        """Raises `RequestError`."""
        found = self._other(account, who)
        if found.disabled != off:
            what = "account disabled" if off else "account enabled"
            before = {"disabled": not off}
            self.people.change_rights(account, by=who, at=self.clock.now(), what=what, before=before, disabled=off)

    def reset(self, account: str, *, who: Account) -> str:
        """The token of a link that sets a new password; the old one holds until it is used. Raises `RequestError`."""
        found = self._other(account, who)
        self._note("password link made", found.login, who.login, None, None)
        return self.resets.add(account, until=self.clock.now() + LINK_GOOD)

    def link_is_good(self, token: str) -> bool:
        return self.resets.whose(token, at=self.clock.now()) is not None

    def use_link(self, token: str, password: str) -> None:
        """Raises `RequestError`: the link is over, or the password will not do (the link stays good then)."""
        now = self.clock.now()
        account = self.resets.whose(token, at=now)
        found = self.people.account(account) if account else None
        if found is None:
            raise RequestError("this link is over", status=404, error_id="link_over")
        self._note("password set by link", found.login, found.login, None, None)
        self.set_password(found.id, password)
        self.resets.use(token, at=now)

    def _other(self, account: str, who: Account) -> Account:
        found = self.people.account(account)
        if found is None:
            raise RequestError("there is no such account", status=404, error_id="account_unknown")
        if found.id == who.id:
            raise RequestError("not your own account", status=403, error_id="account_own")
        return found

    def _note(self, what: str, object: str, who: str, before: object, after: object) -> None:  # noqa: A002 - the word of the audit
        self.audit(at=self.clock.now(), who=who, what=what, object=object, detail={"before": before, "after": after})


def _fields(agent: RosterAgent) -> dict[str, Any]:
    return {**asdict(agent), "skills": dict(agent.skills), "languages": dict(agent.languages)}


def _levels(form: Mapping[str, Any], kind: str, names: Sequence[str]) -> dict[str, int]:
    found = {}
    for name in names:
        text = str(form.get(f"{kind}-{name}", "")).strip()
        if text in ("", "0"):
            continue
        if not text.isascii() or not text.isdigit() or int(text[:3]) not in LEVELS:
            raise RequestError("levels are 1 to 5", status=422, error_id="agent_level")
        found[name] = int(text)
    return found


def _roles(roles: Sequence[str]) -> Sequence[Role]:
    chosen = sorted(set(roles) & set(Role))
    if not chosen or len(chosen) != len(set(roles)):
        raise RequestError("choose a role", status=422, error_id="account_roles")
    return [Role(role) for role in chosen]
