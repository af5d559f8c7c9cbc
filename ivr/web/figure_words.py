"""Figures in the page's language: what they are called, their formula as a sentence, and who counts so."""

from __future__ import annotations

from collections.abc import Mapping

from ivr.core.figures import Figure
from ivr.web.i18n import gettext
from ivr.web.texts import N_

TITLES: Mapping[str, str] = {
    **{f"service_level_v{number}": N_("Service level") for number in range(1, 10)},
    "abandon_rate_all": N_("Abandon rate (a)"),
    "abandon_rate": N_("Abandon rate (b)"),
    "abandon_rate_of_ended": N_("Abandon rate (c)"),
    "legal_answer": N_("Answered within 180 s"),
    "transferred_in": N_("Transferred in"),
    "transferred_out": N_("Transferred out"),
}

WORDS: Mapping[str, str] = {
    "service_level_v1": N_("answered within T / answered"),
    "service_level_v2": N_("answered within T / offered"),
    "service_level_v3": N_("answered within T / (answered + abandoned)"),
    "service_level_v4": N_("answered within T / (answered + abandoned − short abandons)"),
    "service_level_v5": N_("answered within T / (answered + abandoned − abandoned within T)"),
    "service_level_v6": N_("(answered within T + abandoned within T) / (answered + abandoned)"),
    "service_level_v7": N_("(answered within T + short abandons) / (answered + abandoned)"),
    "service_level_v8": N_("answered within T / (offered − short abandons)"),
    "service_level_v9": N_(
        "answered within T / (answered within T + dropped by us within T + T reached without an answer)"
    ),
    "abandon_rate_all": N_("abandoned / offered"),
    "abandon_rate": N_("(abandoned − short ones) / (offered − short ones)"),
    "abandon_rate_of_ended": N_("(abandoned − short ones) / (answered + abandoned − short ones)"),
    "legal_answer": N_("answered within 180 seconds / offered"),
    "transferred_in": N_("sent here by a transfer / offered"),
    "transferred_out": N_("talks that ended by a transfer / answered"),
}

USED_BY: Mapping[str, str] = {
    "service_level_v1": N_("ICMI 2 (its author advises against it); Asterisk's first rate"),
    "service_level_v2": N_("“all offered” (WFM Labs); COPC: what entered the queue"),
    "service_level_v3": N_("ICMI 3; Genesys with short abandons switched on"),
    "service_level_v4": N_("Genesys with short abandons and flow-outs off; our headline"),
    "service_level_v5": N_("ICMI 4; Bright Pattern"),
    "service_level_v6": N_("ICMI 1; Cisco WFO; Asterisk's second rate"),
    "service_level_v7": N_("ICMI 5"),
    "service_level_v8": N_("Genesys with flow-outs on and short abandons off; strict, shown beside the headline"),
    "service_level_v9": N_("Cisco ICM, “ignore abandons”"),
    "abandon_rate_all": N_("(a) Amazon, Genesys"),
    "abandon_rate": N_("(b) our headline"),
    "abandon_rate_of_ended": N_("(c) Google"),
    "legal_answer": N_("answer time asked for by regulation, target 95 %"),
}


def title(name: str) -> str:
    """`Service level v4`."""
    variant = name.removeprefix("service_level_")
    return gettext(TITLES[name]) + (f" {variant}" if variant != name else "")


def formula(figure: Figure) -> str:
    return gettext(WORDS[figure.name])


def used_by(figure: Figure) -> str:
    return gettext(USED_BY[figure.name]) if figure.name in USED_BY else ""
