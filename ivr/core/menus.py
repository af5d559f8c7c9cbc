"""The menu tree: what a hotline says and asks, as data.

A tree is immutable and has a version (a hash of its content). A call keeps the version it began with, so a
menu may be replaced at any time without disturbing anyone. The tree knows nothing of files: `storage.files`
reads the YAML, checks it and produces these values; `interpreter` walks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from ivr.core.callback_rules import CallbackRules, Dial
from ivr.core.channels import Channel
from ivr.core.destinations import Destination
from ivr.core.hours import ALWAYS, Calendar
from ivr.core.ids import E164, Language, NodeId, PromptId, TopicId
from ivr.core.prepared_texts import DeskText
from ivr.core.repeats import RepeatRule

PERSON_KEY = "0"
REPEAT_KEY = "9"
BACK_KEY = "*"
SLOWER_KEY = "#"
"""The keys that mean the same in every menu (`DOMAIN.md` 2.1)."""


UPLOAD = PromptId("sms_upload")
"""The text that brings a link to the form."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of speech in one language: text with `{slots}`, or a file in `recordings/`, or both."""

    language: Language
    text: str
    audio: str | None = None


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What is said, per language. A bilingual prompt has the same segments under every language."""

    id: PromptId
    segments: Mapping[Language, tuple[Segment, ...]]
    interruptible: bool = True
    """False: keys do not cut it off (the case number, the callback code, a recording notice)."""


@dataclass(frozen=True, kw_only=True)
class Voice:
    """How a language is spoken and named."""

    language: Language
    locale: str
    """The carrier's name of the language, for example `cmn-CN`."""
    voice: str
    """The carrier's name of the voice, for example `Polly.Zhiyu-Neural`."""
    name: str
    """The language in its own words: 中文, English."""
    countries: tuple[str, ...] = ()
    """ISO codes of the countries whose callers are greeted in it when nothing else is known."""


@dataclass(frozen=True, kw_only=True)
class Relaxation:
    """After `after` in the queue, agents of these levels will do as well."""

    after: timedelta
    level: int | None = None
    """Lowest level that every required skill may have from now on; 0: no longer required; None leaves it."""
    language_level: int | None = None
    """Lowest language level from now on; 0 means the language is no longer required; None leaves it."""


@dataclass(frozen=True, kw_only=True)
class Announcements:
    """The prompts of the wait loop; None leaves a place silent."""

    enter: PromptId | None = None
    """Joined, with `{topic}` and `{wait}`."""
    enter_unknown: PromptId | None = None
    """Joined, when no honest estimate exists."""
    night: PromptId | None = None
    prepare: PromptId | None = None
    """What to have at hand; once, after 30 s."""
    update: PromptId | None = None
    update_longer: PromptId | None = None
    next: PromptId | None = None
    options: PromptId | None = None
    still: PromptId | None = None
    """After the agent's line was lost: first in line again."""
    connect: PromptId | None = None


class Recording(StrEnum):
    """Whether talks about a topic are recorded."""

    OFF = "off"
    ON_REQUEST = "on_request"
    """The agent starts it, after asking."""
    OPT_OUT = "opt_out"
    """From the start, unless the caller said no at the notice."""
    OPT_IN = "opt_in"
    """From the start, if the caller said yes at the notice."""


@dataclass(frozen=True, kw_only=True)
class Topic:
    """What a call is about; also the name of its queue."""

    id: TopicId
    names: Mapping[Language, str]
    short_names: Mapping[Language, str]
    """As whispered to an agent."""
    skills: Mapping[str, int]
    """Every skill an agent must have, with the level wanted (1–5)."""
    language_level: int = 3
    """Level wanted in the caller's language (1–5)."""
    priority: int = 30
    """0–99; 100 is the critical lane. A queue node may set its own."""
    relax: tuple[Relaxation, ...] = ()
    ring_time: timedelta = timedelta(seconds=15)
    wrap_up: timedelta = timedelta(seconds=60)
    turn: timedelta = timedelta(seconds=15)
    """One turn of the wait loop."""
    music: str | None = None
    """File in `recordings/` played between announcements."""
    announcements: Announcements = field(default_factory=Announcements)
    options: Mapping[str, NodeId] = field(default_factory=dict)
    """Keys that mean something while waiting."""
    options_after: timedelta = timedelta(seconds=60)
    overflow_after: timedelta | None = None
    overflow: NodeId | None = None
    """Where a caller goes who waited `overflow_after` without an agent (another queue, a message)."""
    ceiling: timedelta | None = None
    """After so long in the queue a call moves to the critical lane, once."""
    calendar: str | None = None
    """Opening hours by name; None is day and night."""
    closing: NodeId | None = None
    """Where those go who still wait when the desk closes; None: they are served all the same."""
    night: str | None = None
    """Calendar of the thinly staffed hours, for the night announcement."""
    recording: Recording = Recording.OFF
    service_level: timedelta = timedelta(seconds=20)
    short_abandon: timedelta = timedelta(seconds=5)
    dispositions: tuple[str, ...] = ("solved", "pending", "other")
    """Results an agent may choose from; the last one is the default when wrap-up runs out."""
    disposition_reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Why a result came about, by result: one is chosen with it. The last one is the default; most results have none."""
    reply_within: timedelta = timedelta(hours=24)
    """A message is answered within this, counted from the next opening."""
    steps: PromptId | None = None
    """A text message that an agent may send in the talk: what to do now."""
    listening: bool | None = None
    """Whether supervisors may listen in; None: where the caller has heard `listening_notice`."""
    survey: NodeId | None = None
    """Asks for a rating after the talk; None: nobody is asked."""


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One key of a menu."""

    goto: NodeId
    label: Mapping[Language, str] = field(default_factory=dict)
    path: str | None = None
    """Word that this choice adds to the topic path (`transfers`, `late`)."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Answers kept with the call: `{"when": "today"}`."""
    language: Language | None = None
    """Continue in this language."""
    other_language: bool = False
    """Continue in the hotline's next language."""
    recording: bool | None = None
    """The caller says yes, or no, to being recorded."""


@dataclass(frozen=True, kw_only=True)
class Node:
    id: NodeId
    line: int = 0
    """Where it stands in its file."""


@dataclass(frozen=True, kw_only=True)
class Menu(Node):
    """Say a prompt, wait for one key. 0, 9, * and # mean the same in every menu."""

    prompt: PromptId
    choices: Mapping[str, Choice]
    timeout: timedelta = timedelta(seconds=5)
    back: NodeId | None = None
    """Where * leads; None: this is the top, and is said to be."""
    silence: NodeId | None = None
    """Where silence leads; None: two tries, then a person."""
    others: NodeId | None = None
    """A key that this menu does not use is pressed there instead (press-ahead)."""
    person: NodeId | None = None
    """Where 0 and two failures lead; None: the tree's `person`."""


@dataclass(frozen=True, kw_only=True)
class Collect(Node):
    """Ask for digits, ended with #; optionally check them and read them back."""

    prompt: PromptId
    store: str
    """Name under which the digits are kept with the call."""
    goto: NodeId
    min_digits: int = 1
    max_digits: int = 20
    check: str | None = None
    """Name of a check: `luhn`, `mod97` (ISO 7064), `phone`; None accepts any digits of the right count."""
    confirm: PromptId | None = None
    """Reads back `{digits}` and asks 1 or 2."""
    bad: PromptId | None = None
    skip: NodeId | None = None
    """Where a lone # leads; None: a lone # counts as silence."""
    tries: int = 3
    failed: NodeId | None = None
    """Where too many tries lead; None: the tree's `person`."""
    timeout: timedelta = timedelta(seconds=8)
    secret: bool = False
    """True: the digits are kept out of facts, logs and screens."""


@dataclass(frozen=True, kw_only=True)
class Say(Node):
    prompts: tuple[PromptId, ...]
    goto: NodeId


@dataclass(frozen=True, kw_only=True)
class Hours(Node):
    """Branch on a calendar."""

    calendar: str
    open: NodeId
    closed: NodeId


@dataclass(frozen=True, kw_only=True)
class Queue(Node):
    """Wait for an agent of a topic."""

    topic: TopicId
    priority: int | None = None
    """None takes the topic's."""
    prompts: tuple[PromptId, ...] = ()
    """Said before joining."""
    overflow_after: timedelta | None = None
    overflow: NodeId | None = None
    """An overflow of this queue's own (the on-call telephone after a minute); None: the topic's."""


@dataclass(frozen=True, kw_only=True)
class Voicemail(Node):
    topic: TopicId
    prompt: PromptId
    done: PromptId
    goto: NodeId
    review: PromptId | None = None
    max_length: timedelta = timedelta(seconds=120)


@dataclass(frozen=True, kw_only=True)
class Callback(Node):
    """Promise to call the caller back about a topic; its prompts are the standard ones (`cb_…`, `sms_callback`)."""

    topic: TopicId
    unable: NodeId | None = None
    """Where a caller goes who cannot be promised one and does not wait in line; None: the tree's `person`."""
    dial: Dial = Dial.RESERVE
    priority: int | None = None
    """None takes that of the line the caller left, else the topic's."""


@dataclass(frozen=True, kw_only=True)
class Survey(Node):
    """Asks for a rating after a talk. A topic names it; where to go on is goodbye."""

    score: PromptId
    """Keys 1 to 5, 5 best."""
    solved: PromptId
    """Key 1 yes, 2 no."""
    low: PromptId
    """After a score of 1 or 2: key 1 for a supervisor."""
    text: PromptId
    """The question as a text message, for callers who hang up first."""
    every: timedelta = timedelta(days=7)
    """A number is asked at most once in so long."""
    follow_up: timedelta = timedelta(hours=24)
    """A supervisor who was wished for gets in touch within this."""


@dataclass(frozen=True, kw_only=True)
class Returning(Node):
    """Callers whose number has an open case go one way, everybody else the other. Nothing is said here."""

    found: NodeId
    goto: NodeId


@dataclass(frozen=True, kw_only=True)
class Progress(Node):
    """Say how a case stands: that of the number keyed before (`store: case`), else the caller's own open one.

    1 or 0 leads to a person, 2 or * to `goto`. A number that no case has is said to be unknown, with the same keys.
    """

    goto: NodeId
    """Something else."""
    person: NodeId | None = None
    """None: the tree's `person`."""


@dataclass(frozen=True, kw_only=True)
class Sms(Node):
    """Send a text message to the caller's number, then go on. A withheld number is told so by `unable`."""

    text: PromptId
    """With `{link}` in it, a link to the form is made for this caller."""
    goto: NodeId
    unable: NodeId | None = None
    valid: timedelta = timedelta(hours=24)
    """How long such a link works."""


@dataclass(frozen=True, kw_only=True)
class Evidence(Node):
    """Text the caller a link to the form for words and files, say so (`evidence_sent`), then go on."""

    goto: NodeId
    text: PromptId = UPLOAD
    unable: NodeId | None = None
    """Where a caller goes whose number takes no texts, after `evidence_unable`; None: on to `goto`."""
    valid: timedelta = timedelta(hours=24)
    """How long the link works."""


@dataclass(frozen=True, kw_only=True)
class Verify(Node):
    """Prove by a code, sent by text message to the caller's own number; its prompts are the standard ones (`verify_…`)."""

    goto: NodeId
    unverified: NodeId | None = None
    """Where those go who are not verified; None: on to `goto`, unverified."""
    only_if: Mapping[str, str] = field(default_factory=dict)
    """Answers without which no code is sent (`{linked: 'yes'}`); the words are the same."""
    timeout: timedelta = timedelta(seconds=20)
    """A text message takes its time."""


@dataclass(frozen=True, kw_only=True)
class Lookup(Node):
    """Ask a system of the house about the call; its answer gives answers and the way on."""

    default: NodeId
    """Where a call goes whose answer is none of the cases, or never came."""
    url: str = ""
    hook: str = ""
    """A function instead of an address: `package.module:function`."""
    method: str = "post"
    send: tuple[str, ...] = ("call", "topic", "language")
    secret: str = ""
    """Name of the secret that goes with it; the secret itself is a setting."""
    sets: Mapping[str, str] = field(default_factory=dict)
    """Answers, and where in the reply they stand: `{level: account.level}`."""
    by: str = ""
    """The answer that chooses the case."""
    cases: Mapping[str, NodeId] = field(default_factory=dict)
    timeout: timedelta = timedelta(seconds=1)
    retries: int = 0


@dataclass(frozen=True, kw_only=True)
class Goto(Node):
    goto: NodeId


@dataclass(frozen=True, kw_only=True)
class Incident(Node):
    """A place for the incident banner: spoken while one is switched on, passed in silence otherwise."""

    goto: NodeId
    topic: TopicId | None = None
    """Here the banners about this topic are heard; None: those about everything."""


@dataclass(frozen=True, kw_only=True)
class Transfer(Node):
    """Connect to an outside number of the operator's; comes back to `failed` when nobody answers."""

    number: E164
    failed: NodeId
    prompt: PromptId | None = None
    timeout: timedelta = timedelta(seconds=25)


@dataclass(frozen=True, kw_only=True)
class Hangup(Node):
    prompt: PromptId | None = None


@dataclass(frozen=True, kw_only=True)
class MenuTree:
    """One version of one hotline's dialogue."""

    hotline: str
    """Name of the hotline: lower-case letters, digits, dashes."""
    version: str
    """Twelve hex digits of the content's hash."""
    title: Mapping[Language, str]
    numbers: tuple[E164, ...]
    zone: str
    """IANA time zone of the site."""
    voices: Mapping[Language, Voice]
    """In the order in which key 8 goes round."""
    default_language: Language
    start: NodeId
    person: NodeId
    """The node that leads to a person: key 0, second failure, trouble."""
    nodes: Mapping[NodeId, Node]
    prompts: Mapping[PromptId, Prompt]
    topics: Mapping[TopicId, Topic]
    calendars: Mapping[str, Calendar]
    reasons: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)
    """What else a call can be about, as agents may say at wrap-up: names beside those of the topics."""
    result_names: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)
    """Words for results of talks and for the reasons beneath them, where the menu has some."""
    recording_notice: PromptId | None = None
    """Who has heard this in full knows that the talk may be recorded."""
    listening_notice: PromptId | None = None
    """Who has heard this in full knows that supervisors may listen in."""
    notice: PromptId | None = None
    """Said to callers who do not come through the menu: those whom the app announced."""
    callbacks: CallbackRules = field(default_factory=CallbackRules)
    repeat: RepeatRule | None = None
    """Who rings again is served sooner; None: nobody is."""
    test_numbers: frozenset[str] = frozenset()
    """Calls from these are tests: recorded, flagged, and counted in no figure."""
    links: tuple[str, ...] = ()
    """Hosts that text messages may lead to, beside our own."""
    texts: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)
    """Slots filled from the file: its own texts, and what its channels fill (`{chat_hours}`)."""
    channels: Mapping[str, Channel] = field(default_factory=dict)
    destinations: tuple[Destination, ...] = ()
    desk_texts: tuple[DeskText, ...] = ()

    def node(self, node: NodeId) -> Node:
        return self.nodes[node]

    def topic(self, topic: TopicId) -> Topic:
        return self.topics[topic]

    def destination(self, name: str) -> Destination | None:
        return next((one for one in self.destinations if one.name == name), None)

    def own_number(self, dialled: str) -> E164:
        """The number dialled, if it is one of this hotline's; else its first. The only one that people outside see."""
        return E164(dialled) if dialled in self.numbers else self.numbers[0]

    def language_for(self, remembered: Language | None, country: str) -> Language:
        """The language remembered for a number, else of its country, else the default."""
        if remembered is not None and remembered in self.voices:
            return remembered
        by_country = (voice.language for voice in self.voices.values() if country in voice.countries)
        return next(by_country, self.default_language)

    def calendar_of(self, topic: TopicId | None) -> Calendar:
        """The opening hours of a topic; day and night for one without hours, or that is no longer there."""
        found = self.topics.get(topic) if topic else None
        return self.calendars.get(found.calendar or "", ALWAYS) if found else ALWAYS
