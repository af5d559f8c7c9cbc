"""From the telephone to another channel (`DOMAIN.md` C3): what the page behind a texted link offers beside the form.

The words and addresses are those of the menu in use now, so that a link which was texted before a change leads to the
right place after it. The case number goes along in e-mails and in links to hosts that the menu lists.
"""

from __future__ import annotations

from dataclasses import dataclass

from ivr.core.channels import AddressKind, Channel, fault, kind_of, with_case
from ivr.core.evidence import OpenLink
from ivr.core.hours import ALWAYS, is_open
from ivr.core.ids import Language
from ivr.core.menus import MenuTree
from ivr.workflows.menu_labels import named, path_labels
from ivr.workflows.ports import Clock, Menus


@dataclass(frozen=True, kw_only=True)
class Way:
    """A channel in the words of one language."""

    name: str
    kind: AddressKind
    address: str
    """As people read it."""
    link: str = ""
    """Where a press leads; empty for what is only read, and for e-mail, whose words the page has."""
    takes_case: bool = False
    hours: str = ""
    open: bool | None = None
    """Whether somebody is there now; None: no hours are told."""
    within: str = ""
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    topic: str
    """What the call was about, as far as the menu knew."""
    number: str
    """The case number."""
    ways: tuple[Way, ...]


@dataclass(frozen=True, kw_only=True)
class HandOver:
    menus: Menus
    clock: Clock

    def __call__(self, link: OpenLink, language: Language) -> HandedOver:
        tree = self.menus.by_number(link.dialled)
        spoken = next((one for one in tree.voices if one.split("-")[0] == language), tree.default_language)
        topic = tree.topics.get(link.topic) if link.topic else None
        return HandedOver(
            topic=named(topic.names, spoken) if topic else " › ".join(path_labels(tree, link.path, spoken)),
            number=link.number,
            ways=tuple(
                self._way(channel, tree, spoken, link.number)
                for channel in tree.channels.values()
                if channel.addresses or channel.texts
            ),
        )

    def _way(self, channel: Channel, tree: MenuTree, language: Language, number: str) -> Way:
        def word(part: str) -> str:
            return tree.texts.get(f"{channel.name}_{part}", {}).get(language, "")

        address = channel.addresses.get(language, "")
        kind = AddressKind.WORDS if fault(address, tree.links) else kind_of(address)
        link = ""
        if kind is AddressKind.LINK:
            link = with_case(address, parameter=channel.case, number=number, allowed=tree.links)
        calendar = tree.calendars.get(channel.calendar, ALWAYS) if channel.calendar else None
        return Way(
            name=word("name"),
            kind=kind,
            address=address,
            link=link,
            takes_case=link != address and bool(link),
            hours=word("hours"),
            open=is_open(calendar, self.clock.now()) if calendar else None,
            within=word("within"),
            texts=tuple(words for text in channel.texts if (words := word(text))),
        )
