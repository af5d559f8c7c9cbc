"""Standard prompts of cases; a menu file may give its own under the same name."""

from __future__ import annotations

from collections.abc import Mapping

CASE_SLOTS: Mapping[str, frozenset[str]] = {
    "case_read": frozenset({"digits"}),
    "case_read_only": frozenset({"digits"}),
    "case_status": frozenset({"digits", "topic", "status"}),
    "case_unknown": frozenset(),
    "sms_case": frozenset({"digits", "topic"}),
}
"""The slots that may stand in each."""
CASE_UNCUT = frozenset({"case_read", "case_read_only"})
"""Keys do not cut these off: the number is in them."""

CASE_TEXTS: Mapping[str, Mapping[str, str]] = {
    "case_read": {
        "zh": "您的工单号是{digits}，再说一遍，{digits}。同时会发送短信。",
        "en": "Your case number is {digits}. Again, {digits}. We also send it by text message.",
    },
    "case_read_only": {
        "zh": "您的工单号是{digits}，再说一遍，{digits}。",
        "en": "Your case number is {digits}. Again, {digits}.",
    },
    "case_status": {
        "zh": "工单{digits}，{topic}，目前状态：{status}。转人工请按1，其他问题请按2，重听请按9。",
        "en": "Case {digits}, {topic}: it is {status}. For an agent, press 1. For something else, press 2. "
        "To repeat, press 9.",
    },
    "case_unknown": {
        "zh": "没有查到这个工单号。转人工请按1，其他问题请按2。",
        "en": "We have no case under that number. For an agent, press 1. For something else, press 2.",
    },
    "sms_case": {
        "zh": "工单{digits}，{topic}。我们不会索要密码或验证码。",
        "en": "Case {digits}, {topic}. We never ask for passwords or codes.",
    },
}
"""By the first part of the language's name, as in `standard_prompts`."""
