"""The last look at a text message: one that leads to a host which nobody allowed is not sent.

The menu's check has looked at what stands in the file. Here the text is whole, with everything that was put into it, whoever
put it there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ivr.core.errors import CarrierError
from ivr.core.ids import E164
from ivr.core.links import foreign
from ivr.workflows.ports import Menus, Texts


class LinkRefused(CarrierError):
    """The text was not sent, and will not be."""


@dataclass(frozen=True, kw_only=True)
class CheckedTexts:
    texts: Texts
    menus: Menus
    own: str
    """Host of `IVR_PUBLIC_URL`: links to the form lead there."""
    note: Callable[[str], None]
    """Told the host to which a text would have led."""

    def send_text(self, *, to: E164, body: str, sender: str) -> str:
        """Raises LinkRefused."""
        tree = self.menus.by_number(sender)
        found = foreign(body, (*tree.links, self.own))
        if found:
            self.note(found[0])
            raise LinkRefused(f"a text with a link to {found[0]} is not sent: the menu does not list it under links")
        return self.texts.send_text(to=to, body=body, sender=sender)
