"""Scenario files beside a menu: calls as they should go. Read as strictly as menus, and refused with every problem.

`menus/wallet.test.yaml` belongs to `menus/wallet.yaml`. A scenario says when somebody calls from where, which keys are
pressed, and what must come of it; `ivr menu test` walks it. The format is described in `docs/menus.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError

from ivr.core.cases import CaseStatus
from ivr.core.menus import MenuTree
from ivr.storage.files import yaml_nodes
from ivr.storage.files.fields import DAYS, Name, Strict, to_number, wanted
from ivr.storage.files.problems import Path as Place
from ivr.storage.files.problems import Problems, did_you_mean, refusal
from ivr.storage.files.schema import Text, Words
from ivr.storage.files.translate import report

SUFFIX = ".test.yaml"
MONDAY = date(2026, 3, 2)
"""The week in which a time without a date lies: no holiday in China, Europe or America."""
CLOCK = re.compile(rf"(?:({'|'.join(DAYS)}) )?([0-9]{{2}}:[0-9]{{2}})")
WITHHELD = "withheld"
ALL = "all"
WORD = re.compile(r"[0-9*#]+|-|\+[0-9]{1,4}[smh]|[yn]|end|q|message:[0-9]{1,3}s")
Outcome = Literal["menu", "queue", "talk", "message", "callback", "transfer", "hangup", "left"]


def to_time(value: Any) -> Any:
    """`03:10` or `sun 03:10` (in a week without holidays), or a date and time. Checked here, read in the zone later."""
    if isinstance(value, str):
        try:
            instant(value, "UTC")
        except ValueError:
            pass
        else:
            return value
    raise wanted("must be a time in quotes: '03:10', 'sun 03:10' or '2026-12-24T03:10'")


def instant(text: str, zone: str) -> datetime:
    """The instant on the clock of `zone`. Raises `ValueError`."""
    if match := CLOCK.fullmatch(text):
        day = MONDAY + timedelta(days=DAYS.index(match.group(1) or DAYS[0]))
        text = f"{day}T{match.group(2)}"
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))


def to_caller(value: Any) -> Any:
    if isinstance(value, str):
        if value == WITHHELD:
            return value
        try:
            return to_number(value)
        except ValueError:
            pass
    raise wanted("must be withheld, or a valid number with + and country code, in quotes")


def to_keys(value: Any) -> Any:
    if isinstance(value, str):
        wrong = next((word for word in value.split() if not WORD.fullmatch(word)), None)
        if wrong is None:
            return tuple(value.split())
        raise wanted(
            f"'{wrong[:20]}' is no key: write keys such as 1, 12345674# or -, times such as +90s, y, n, end, q"
        )
    raise wanted("must be keys with blanks between them, in quotes: '1 2 - +90s 1'")


When = Annotated[str, BeforeValidator(to_time)]
From = Annotated[str, BeforeValidator(to_caller)]
Keys = Annotated[tuple[str, ...], BeforeValidator(to_keys)]
Ids = list[Name]


class ExpectModel(Strict):
    """What must come of a call; what is not named is not looked at."""

    prompts: Ids | None = None
    """All prompts of the call, in this order."""
    hears: Ids | None = None
    """These prompts in this order, others between them."""
    never: Ids | None = None
    says: Words = Field(default_factory=dict)
    """Words that are heard, per language."""
    texts: Ids | None = None
    """All text messages sent, in order."""
    node: Name | None = None
    topic: Name | None = None
    priority: int | None = Field(default=None, ge=0, le=100)
    path: Ids | None = None
    answers: dict[Name, str] | None = None
    language: str | None = None
    outcome: Outcome | None = None
    state: str | None = None


class ScenarioModel(Strict):
    name: Text
    at: When | None = None
    from_: From | None = Field(default=None, alias="from")
    language: str | None = None
    """What the number's last call was held in; `all`: the scenario is walked in every language."""
    keys: Keys = ()
    agents: Literal["none", "present"] = "none"
    promised: Name | None = None
    """A topic about which this number has been promised a callback already."""
    case: Literal["none", "open", "pending", "solved", "closed"] = "none"
    """How this number's case 2506 1607 stands."""
    lookups: dict[Name, dict[Name, str]] = Field(default_factory=dict)
    """What other systems answer."""
    expect: ExpectModel


class ScenarioFile(Strict):
    at: When = "10:00"
    from_: From = Field(default=WITHHELD, alias="from")
    language: str | None = None
    scenarios: list[ScenarioModel] = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One call to be walked, in one language."""

    name: str
    at: datetime
    caller: str
    """E.164, or empty when withheld."""
    language: str | None
    keys: tuple[str, ...]
    agents: bool
    promised: str | None
    case: CaseStatus | None
    lookups: Mapping[str, Mapping[str, str]]
    expect: ExpectModel
    lines: Mapping[str, int] = field(default_factory=dict)
    """Where each expectation stands in the file."""

    @property
    def title(self) -> str:
        return f"{self.name} ({self.language})" if self.language else self.name


def scenario_file(menu: Path) -> Path:
    """Where the scenarios of a menu file are."""
    return menu.with_name(menu.name.removesuffix(".yaml") + SUFFIX)


def menu_of(scenarios: Path) -> Path:
    """The menu file that a scenario file belongs to."""
    return scenarios.with_name(scenarios.name.removesuffix(SUFFIX) + ".yaml")


def load_scenarios(path: Path, tree: MenuTree) -> tuple[Scenario, ...]:
    """The calls of a file, one for each language that a scenario names. Raises `OperatorError` with all problems."""
    document, problems = yaml_nodes.read(path)
    if document is None:
        raise refusal(problems.sorted())
    try:
        file = ScenarioFile.model_validate(document.value)
    except ValidationError as err:
        report(err, ScenarioFile, problems)
        raise refusal(problems.sorted()) from None
    _refer(file, tree, problems)
    problems.raise_if_refused()
    return tuple(
        scenario
        for number, model in enumerate(file.scenarios)
        for scenario in _scenarios(file, model, tree, _lines(document, number))
    )


def _lines(document: yaml_nodes.Document, number: int) -> dict[str, int]:
    """Lines of the expectations of one scenario, and under the empty name its own."""
    above: Place = ("scenarios", str(number))
    below = (*above, "expect")
    lines = {place[3]: line for place, line in document.lines.items() if place[:3] == below and len(place) == 4}
    return {"": document.lines.get(above, 1), **lines}


def _scenarios(
    file: ScenarioFile, model: ScenarioModel, tree: MenuTree, lines: Mapping[str, int]
) -> Iterable[Scenario]:
    wanted_language = model.language or file.language
    languages: Iterable[str | None] = list(tree.voices) if wanted_language == ALL else [wanted_language]
    caller = model.from_ or file.from_
    for language in languages:
        yield Scenario(
            name=model.name,
            at=instant(model.at or file.at, tree.zone),
            caller="" if caller == WITHHELD else caller,
            language=language,
            keys=model.keys,
            agents=model.agents == "present",
            promised=model.promised,
            case=None if model.case == "none" else CaseStatus(model.case),
            lookups=model.lookups,
            expect=model.expect,
            lines=lines,
        )


def _refer(file: ScenarioFile, tree: MenuTree, problems: Problems) -> None:
    """Every name must be one of the menu's."""
    names: dict[str, None] = {}
    _known(("language",), file.language, {*tree.voices, ALL}, problems)
    for number, model in enumerate(file.scenarios):
        place: Place = ("scenarios", str(number))
        if model.name in names:
            problems.refuse((*place, "name"), "is the name of another scenario too")
        names[model.name] = None
        _known((*place, "language"), model.language, {*tree.voices, ALL}, problems)
        _known((*place, "promised"), model.promised, tree.topics, problems)
        expect, below = model.expect, (*place, "expect")
        for name in ("prompts", "hears", "never", "texts"):
            for prompt in getattr(expect, name) or ():
                _known((*below, name), prompt, tree.prompts, problems)
        _known((*below, "topic"), expect.topic, tree.topics, problems)
        _known((*below, "node"), expect.node, tree.nodes, problems)
        _known((*below, "language"), expect.language, tree.voices, problems)
        for language in expect.says:
            _known((*below, "says"), language, tree.voices, problems)


def _known(place: Place, word: str | None, known: Iterable[str], problems: Problems) -> None:
    names = set(known)
    if word is not None and word not in names:
        problems.refuse(place, f"'{word}' is not in the menu{did_you_mean(word, names)}")
