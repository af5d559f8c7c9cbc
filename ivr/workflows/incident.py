"""Switch the incident banner on and off, tell callers' steps what is on, and count what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from ivr.core.banners import Banner, Effect
from ivr.core.errors import RequestError
from ivr.core.events import CallArrived, Event, TurnAsked
from ivr.core.ids import Language, NodeId, TopicId
from ivr.core.incidents import BANNER, has_place, may_follow, topics_heard
from ivr.core.instructions import Link
from ivr.core.menus import MenuTree
from ivr.core.speech import clean, plain_text
from ivr.workflows.ports import Clock, Menus

LONGEST_WORDS = 300
"""Characters of a banner's own words in one language: about as long as people listen to."""
LONGEST_SLOT = 40
LONGEST_TIME = timedelta(days=30)
E = TypeVar("E", bound=Event)
STANDING = frozenset({"back", "room", "left", "bye", "out"})
"""Doors behind which no menu is walked."""


class Banners(Protocol):
    """The copy that callers' requests read. Raises `Unavailable`."""

    def find(self, hotline: str) -> Banner | None:
        """Raises KeyError when nothing is known."""

    def put(self, hotline: str, banner: Banner | None) -> None: ...

    def note(self, hotline: str, banner: Banner | None) -> None:
        """As SQL says; never over a `put`."""


class Incidents(Protocol):
    """The banners in SQL. Raises `Unavailable`."""

    def current(self, hotline: str, at: datetime) -> Banner | None: ...

    def switch_on(self, banner: Banner) -> None: ...

    def switch_off(self, hotline: str, *, at: datetime, who: str) -> bool: ...

    def effect(self, incident: str) -> Effect: ...

    def past(self, hotline: str, *, limit: int = 10) -> Sequence[tuple[Banner, datetime | None]]: ...


@dataclass(frozen=True, kw_only=True)
class TellOfIncident:
    """Fills the events of steps that may lead to a place for the banner. Any other step costs nothing."""

    banners: Banners
    incidents: Incidents
    menus: Menus

    def asked(self, link: Link, event: Event) -> Event:
        """A request of a leg that may go on in the menu. Raises `Unavailable`."""
        tree = self.menus.by_version(link.version)
        if tree is None or link.door in STANDING or (isinstance(event, TurnAsked) and not event.keys):
            return event
        return self._told(event, tree, NodeId(link.node))

    def arrived(self, event: CallArrived, tree: MenuTree) -> CallArrived:
        """A new call, whose first words may already be the banner. Raises `Unavailable`."""
        return self._told(event, tree, tree.start)

    def _told(self, event: E, tree: MenuTree, node: NodeId) -> E:
        return replace(event, banner=self._current(tree.hotline, event.at)) if may_follow(tree, node) else event

    def _current(self, hotline: str, at: datetime) -> Banner | None:
        try:
            return self.banners.find(hotline)
        except KeyError:
            banner = self.incidents.current(hotline, at)
        self.banners.note(hotline, banner)
        return banner


@dataclass(frozen=True, kw_only=True)
class BannerView:
    """A banner as a supervisor sees it."""

    banner: Banner
    text: Mapping[Language, str]
    """As callers hear it, by language."""
    ended_at: datetime | None
    effect: Effect


@dataclass(frozen=True, kw_only=True)
class SwitchIncident:
    """What a supervisor does with the banner, from the page and from the command line."""

    banners: Banners
    incidents: Incidents
    trees: Callable[[], Sequence[MenuTree]]
    """The menus in use, first hotline first."""
    banned: Callable[[str], tuple[str, str] | None]
    """The first phrase of a text that no caller should hear, and why."""
    draw: Callable[[], str]
    """A fresh id."""
    clock: Clock

    def tree(self, hotline: str = "") -> MenuTree:
        """The hotline of this name; without a name the first. Raises RequestError."""
        found = next((tree for tree in self.trees() if hotline in ("", tree.hotline)), None)
        if found is None:
            raise RequestError("there is no such hotline", status=404, error_id="hotline_unknown")
        return found

    def topics(self, hotline: str = "") -> Sequence[TopicId]:
        """Topics that a banner can be about: those with a place for it in the menu."""
        return topics_heard(self.tree(hotline))

    def on(  # noqa: PLR0913 - everything a banner is
        self,
        *,
        who: str,
        hotline: str = "",
        network: str = "",
        minutes: int | None = None,
        words: Mapping[str, str] | None = None,
        topics: Sequence[str] = (),
        until: datetime | None = None,
    ) -> Banner:
        """Heard by the next caller. Raises RequestError (422) when it cannot be said, `Unavailable` when it is not on."""
        tree, now = self.tree(hotline), self.clock.now()
        if not has_place(tree):
            raise RequestError("the menu has no place for a banner", status=422, error_id="banner_no_place")
        own = {Language(name): clean(text).strip() for name, text in (words or {}).items() if text.strip()}
        slots = {} if own else self._slots(network, minutes)
        if own:
            self._check_words(own, tree)
        if unknown := sorted(set(topics) - set(topics_heard(tree))):
            message = f"no banner can be about {', '.join(unknown)}"
            raise RequestError(message, status=422, error_id="banner_topic_unknown")
        if until is not None and not now < until <= now + LONGEST_TIME:
            raise RequestError("the end must lie within the next 30 days", status=422, error_id="banner_end")
        banner = Banner(
            id=self.draw(),
            hotline=tree.hotline,
            since=now,
            until=until,
            topics=tuple(TopicId(topic) for topic in topics),
            words=own,
            slots=slots,
            who=who,
        )
        self.incidents.switch_on(banner)
        self.banners.put(tree.hotline, banner)
        return banner

    def _slots(self, network: str, minutes: int | None) -> Mapping[str, str]:
        network = clean(network).strip()
        if not network or len(network) > LONGEST_SLOT:
            raise RequestError("name the network, in 40 characters", status=422, error_id="banner_network")
        if minutes is None or not 1 <= minutes <= 24 * 60:
            raise RequestError("the delay must be 1 to 1440 minutes", status=422, error_id="banner_minutes")
        return {"network": network, "minutes": str(minutes)}

    def _check_words(self, own: Mapping[Language, str], tree: MenuTree) -> None:
        for language in tree.voices:
            text = own.get(language, "")
            if not text:
                message = f"own words are needed in every language; '{language}' is missing"
                raise RequestError(message, status=422, error_id="banner_language")
            if len(text) > LONGEST_WORDS:
                message = f"the words in '{language}' are longer than {LONGEST_WORDS} characters"
                raise RequestError(message, status=422, error_id="banner_long")
            if found := self.banned(text):
                raise RequestError(f"'{found[0]}' {found[1]}", status=422, error_id="banner_phrase")

    def off(self, *, who: str, hotline: str = "") -> bool:
        """Heard by nobody from now on; False: nothing was on. Raises `Unavailable` when callers may still hear it."""
        tree = self.tree(hotline)
        was_on = self.incidents.switch_off(tree.hotline, at=self.clock.now(), who=who)
        self.banners.put(tree.hotline, None)
        return was_on

    def show(self, hotline: str = "") -> BannerView | None:
        """What is on now."""
        tree = self.tree(hotline)
        banner = self.incidents.current(tree.hotline, self.clock.now())
        return self._view(banner, None, tree) if banner else None

    def past(self, hotline: str = "") -> Sequence[BannerView]:
        """The last ten that are over, newest first."""
        tree, now = self.tree(hotline), self.clock.now()
        rows = [(banner, ended or banner.until) for banner, ended in self.incidents.past(tree.hotline)]
        return [self._view(banner, ended, tree) for banner, ended in rows if ended is not None and ended <= now]

    def _view(self, banner: Banner, ended_at: datetime | None, tree: MenuTree) -> BannerView:
        prompt = tree.prompts.get(BANNER)
        text = {
            language: banner.words.get(language) or (plain_text(prompt, language, banner.slots, tree) if prompt else "")
            for language in tree.voices
        }
        return BannerView(banner=banner, text=text, ended_at=ended_at, effect=self.incidents.effect(banner.id))
