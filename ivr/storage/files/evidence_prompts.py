"""Standard prompts of the link to the form, for menus that send one; a menu file may give its own under the same name."""

from __future__ import annotations

from collections.abc import Mapping

EVIDENCE_SLOTS: Mapping[str, frozenset[str]] = {
    "evidence_sent": frozenset({"hours"}),
    "evidence_unable": frozenset(),
    "evidence_trouble": frozenset(),
    "sms_upload": frozenset({"link", "hours", "digits"}),
}
"""The slots that may stand in each."""

EVIDENCE_TEXTS: Mapping[str, Mapping[str, str]] = {
    "evidence_sent": {
        "zh": "短信已发送，链接{hours}小时内有效。",
        "en": "The text message is on its way. The link works for {hours} hours.",
    },
    "evidence_unable": {
        "zh": "您的来电号码收不到短信，没有关系，客服会直接向您了解情况。",
        "en": "We cannot send a text message to the number you are calling from. That is fine, an agent will ask you.",
    },
    "evidence_trouble": {
        "zh": "短信暂时无法发送，没有关系，客服会直接向您了解情况。",
        "en": "The text message cannot be sent right now. That is fine, an agent will ask you.",
    },
    "sms_upload": {
        "zh": "工单{digits}补充资料：{link} ，{hours}小时内有效。",
        "en": "Case {digits}: add details or files at {link} . Valid {hours} hours.",
    },
}
"""By the first part of the language's name, as in `standard_prompts`."""
