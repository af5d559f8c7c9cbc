"""What `ivr menu test` does: walk the scenarios of a menu and compare what came with what was expected.

The walk is that of `ivr menu play`: the rules of live calls, on a clock of its own. Nothing is sent or stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ivr.core import facts
from ivr.core.calls import CallSession, State, Step
from ivr.core.errors import OperatorError
from ivr.core.ids import Language, TopicId
from ivr.core.instructions import Gather, SendText, Speak
from ivr.core.menus import MenuTree
from ivr.core.verification import SendCode
from ivr.core.verification_talk import SMS
from ivr.menu_coverage import Coverage, share
from ivr.menu_rehearsal import World
from ivr.menu_tools import KEY, TONE, Walk
from ivr.storage.files.menus import load_menu, menu_files
from ivr.storage.files.scenarios import SUFFIX, Scenario, load_scenarios, menu_of, scenario_file
from ivr.telephony.numbers import caller_of

Say = Callable[[str], None]
WAITING = frozenset({State.QUEUED, State.OFFERED, State.CONNECTING})
SHOWN = 12
"""Lines of what is missing, unless all are asked for."""


class OutOfKeys(Exception):
    """The scenario's keys are used up: the call is left where it is."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One expectation that was not met."""

    about: str
    expected: str
    came: str


@dataclass
class Rehearsal:
    """One scenario, walked."""

    scenario: Scenario
    tree: MenuTree
    steps: list[Step] = field(default_factory=list)
    used: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    trouble: list[Failure] = field(default_factory=list)

    def walk(self) -> Rehearsal:
        self.left = list(self.scenario.keys)
        scenario = self.scenario
        walk = Walk(
            tree=self.tree,
            at=scenario.at,
            out=self._told,
            ask=self._answer,
            caller=caller_of(scenario.caller or "anonymous"),
            language=Language(scenario.language) if scenario.language else None,
            world=World(
                agents=scenario.agents,
                promised=TopicId(scenario.promised) if scenario.promised else None,
                case=scenario.case,
                lookups=scenario.lookups,
            ),
            watch=self.steps.append,
        )
        with suppress(OutOfKeys):
            walk.run()
        return self

    def _told(self, line: str) -> None:
        if line.startswith("-- node") and "goes round" in line:
            self.trouble.append(Failure(about="", expected="a place where the caller has a say", came=line[3:]))

    def _answer(self, question: str) -> str:
        if not self.left:
            raise OutOfKeys
        word = self.left.pop(0)
        self.used.append(word)
        if question.startswith(KEY) and len(word) > 1 and word[0] in "0123456789*#":
            self.trouble.append(Failure(about="keys", expected="one key at a menu, blanks between keys", came=word))
        if question.startswith(TONE):
            return word.removeprefix("message:").removesuffix("s") if word != "-" else ""
        return "" if word in ("-", "end") else word

    @property
    def session(self) -> CallSession:
        return self.steps[-1].session

    def facts(self) -> Iterator[facts.Fact]:
        return (fact for step in self.steps for fact in step.facts)

    def prompts(self) -> list[str]:
        return [fact.prompt for fact in self.facts() if isinstance(fact, facts.PromptHeard)]

    def texts(self) -> list[str]:
        orders = [order for step in self.steps for order in step.orders if isinstance(order, SendText | SendCode)]
        return [order.kind if isinstance(order, SendText) else SMS for order in orders]

    def words(self) -> str:
        sounds = [
            sound.text
            for step in self.steps
            for instruction in step.instructions
            if isinstance(instruction, Gather | Speak)
            for sound in instruction.sounds
        ]
        return "\n".join(sounds)

    def outcome(self) -> str:
        """What the call came to, in one of the words of `Outcome`."""
        session = self.session
        if session.state is State.CALLBACK_PROMISED:
            return "callback"
        if session.state in WAITING:
            return "queue"
        if session.talked:
            return "talk"
        ends = [fact for fact in self.facts() if isinstance(fact, facts.CallEnded)]
        by_end = {facts.CallEnd.VOICEMAIL: "message", facts.CallEnd.TRANSFERRED: "transfer"}
        by_end |= {facts.CallEnd.CALLBACK: "callback"}
        if session.recorded_s:
            return "message"
        if ends:
            return by_end.get(ends[-1].end) or ("left" if ends[-1].hung_up_by == "caller" else "hangup")
        return "menu"

    def failures(self) -> Iterator[Failure]:
        """Where the call was not as expected."""
        yield from self.trouble
        if self.left:
            yield Failure(about="keys", expected="a place for every key", came=f"{' '.join(self.left)} left over")
        expect, session, prompts = self.scenario.expect, self.session, self.prompts()
        demand = session.demand.priority if session.demand else None
        facts_of_call: list[tuple[str, object, object]] = [
            ("prompts", expect.prompts, prompts),
            ("texts", expect.texts, self.texts()),
            ("node", expect.node, session.node),
            ("topic", expect.topic, session.topic),
            ("priority", expect.priority, demand),
            ("path", expect.path, list(session.path)),
            ("answers", expect.answers, dict(session.answers)),
            ("language", expect.language, session.language),
            ("outcome", expect.outcome, self.outcome()),
            ("state", expect.state, session.state.value),
        ]
        for about, expected, came in facts_of_call:
            if expected is not None and expected != came:
                yield Failure(about=about, expected=_shown(expected), came=_shown(came))
        if expect.hears is not None and (missing := _not_in_order(expect.hears, prompts)):
            yield Failure(about="hears", expected=missing, came=_shown(prompts))
        for prompt in expect.never or ():
            if prompt in prompts:
                yield Failure(about="never", expected=f"no {prompt}", came=_shown(prompts))
        said = expect.says.get(session.language)
        if said is not None and said not in self.words():
            yield Failure(about="says", expected=f"'{said}'", came=_shown(self.words().splitlines()[-1:]))

    def line(self, failure: Failure, file: Path) -> str:
        """One failure with its place, the keys that led there, and what came instead."""
        lines = self.scenario.lines
        place = f"{file}:{lines.get(failure.about, lines.get('', 1))} > {self.scenario.title}"
        about = f" {failure.about}:" if failure.about else ""
        keys = " ".join(self.used) or "no key"
        return f"{place}: after {keys}, at {self.session.node}:{about} expected {failure.expected}, came {failure.came}"


def _not_in_order(wanted: Iterable[str], came: list[str]) -> str:
    """The first prompt that does not follow those before it; empty when all do."""
    place, before = 0, ""
    for prompt in wanted:
        if prompt not in came[place:]:
            return f"{prompt}{f' after {before}' if before else ''}"
        place, before = came.index(prompt, place) + 1, prompt
    return ""


def _shown(value: object) -> str:
    if isinstance(value, dict):
        value = [f"{name}={item}" for name, item in value.items()]
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return "none" if value is None else str(value)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """How much must be covered, in percent."""

    nodes: float = 0
    keys: float = 0
    every: bool = False
    """Show all that is missing."""


def run_scenarios(paths: Iterable[Path], *, out: Say, err: Say, wanted: Wanted, recordings: Path | None = None) -> int:
    """Walk the scenarios of menus, scenario files and folders. The exit code: 0 when all came as expected, else 1."""
    files = [file for path in paths for file in _scenario_files(path)]
    if not files:
        err("there are no scenarios to walk: write them beside the menu, in NAME.test.yaml")
        return 1
    failed = False
    for file in files:
        try:
            failed |= not _run_file(file, out=out, err=err, wanted=wanted, recordings=recordings)
        except OperatorError as problem:
            failed = True
            for one in problem.problems:
                err(str(one))
            if not problem.problems:
                err(str(problem))
    return 1 if failed else 0


def _scenario_files(path: Path) -> list[Path]:
    if path.is_dir():
        return [scenario_file(menu) for menu in menu_files(path)]
    return [path if path.name.endswith(SUFFIX) else scenario_file(path)]


def _run_file(file: Path, *, out: Say, err: Say, wanted: Wanted, recordings: Path | None) -> bool:
    tree = load_menu(menu_of(file), recordings=recordings)
    coverage = Coverage(tree)
    if not file.exists():
        err(f"{file}: is not there: {tree.hotline} has no scenarios")
        return not (wanted.nodes or wanted.keys)
    good, walked = True, 0
    for scenario in load_scenarios(file, tree):
        rehearsal = Rehearsal(scenario, tree).walk()
        for step in rehearsal.steps:
            coverage.watch(step)
        failures = list(rehearsal.failures())
        walked += 1
        out(f"{'FAIL' if failures else 'good'}  {scenario.title}: {' '.join(scenario.keys) or 'no key'}")
        for failure in failures:
            err(rehearsal.line(failure, file))
        good &= not failures
    out(f"{file}: {walked} calls walked")
    return _covered(coverage, out=out, err=err, wanted=wanted) and good


def _covered(coverage: Coverage, *, out: Say, err: Say, wanted: Wanted) -> bool:
    """Print what was covered and what is missing; False when that is too little."""
    good = True
    for what, done, missing, least in (
        ("nodes", coverage.nodes, list(coverage.missing_nodes()), wanted.nodes),
        ("keys", coverage.keys, list(coverage.missing_keys()), wanted.keys),
    ):
        out(f"{coverage.tree.hotline}: {what} {done[0]} of {done[1]} ({int(share(done))} %)")
        shown = missing if wanted.every else missing[:SHOWN]
        for line in shown:
            out(f"  not walked: {line}" if what == "nodes" else f"  not pressed at {line}")
        if len(missing) > len(shown):
            out(f"  and {len(missing) - len(shown)} more (--missing shows all)")
        if share(done) < least:
            err(f"{coverage.tree.hotline}: {what} {share(done):.1f} % covered, wanted {least:g} %")
            good = False
    return good
