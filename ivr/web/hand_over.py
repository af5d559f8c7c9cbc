"""The e-mail that the page behind a texted link opens: its subject holds topic and case number, its body what to bring."""

from __future__ import annotations

from ivr.core.channels import AddressKind, mail_link
from ivr.web.i18n import gettext
from ivr.workflows.hand_over import HandedOver, Way


def href(way: Way, handed: HandedOver, *, title: str) -> str:
    """Where a press on this channel leads; empty: nowhere, it is to be read."""
    return _mail(way.address, handed, title) if way.kind is AddressKind.MAIL else way.link


def _mail(address: str, handed: HandedOver, title: str) -> str:
    about = handed.topic or title
    subject = (
        gettext("%(about)s: case %(number)s") % {"about": about, "number": handed.number} if handed.number else about
    )
    asked = (
        gettext("E-mail of your account"),
        gettext("What happened, with the words of the error message"),
        gettext("When it happened"),
        gettext("Transaction number"),
    )
    last = (
        gettext("Please attach screenshots or documents."),
        gettext("Never enter a password, recovery phrase, private key or passcode. We never ask for them."),
    )
    return mail_link(
        address,
        subject=subject,
        body="\n".join([*(gettext("%(asked)s:") % {"asked": one} + " \n" for one in asked), *last]),
    )
