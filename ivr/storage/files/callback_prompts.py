"""Standard prompts of callbacks, for menus that promise them; a menu file may give its own under the same name.

What a machine hears (`cb_out_machine`) has neither topic nor case nor code (`DOMAIN.md` 5.2, rule 7).
"""

from __future__ import annotations

from collections.abc import Mapping

CALLBACK_SLOTS: Mapping[str, frozenset[str]] = {
    "cb_number": frozenset({"last4"}),
    "cb_number_enter": frozenset(),
    "cb_number_entered": frozenset({"digits"}),
    "cb_number_bad": frozenset(),
    "cb_when": frozenset(),
    "cb_slots": frozenset({"slot1", "slot2", "slot3"}),
    "cb_done": frozenset({"when", "code"}),
    "cb_exists": frozenset(),
    "cb_cancelled": frozenset(),
    "cb_unable": frozenset(),
    "cb_out": frozenset({"code"}),
    "cb_out_machine": frozenset(),
    "cb_out_hold": frozenset(),
    "cb_recorded": frozenset(),
    "cb_later_done": frozenset({"when"}),
    "whisper_callback": frozenset({"topic", "code", "n"}),
    "sms_callback": frozenset({"when", "code"}),
    "sms_prepare": frozenset(),
    "sms_missed": frozenset({"when", "code"}),
    "sms_moved": frozenset({"when", "code"}),
    "sms_given_up": frozenset(),
}
"""The slots that may stand in each."""
UNCUT = frozenset({"cb_done", "cb_recorded"})
"""Keys do not cut these off: the code is in them, or a notice."""

CALLBACK_TEXTS: Mapping[str, Mapping[str, str]] = {
    "cb_number": {
        "zh": "我们将拨打您的来电号码，尾号{last4}。确认请按1，换一个号码请按2。",
        "en": "We will call the number you are calling from, ending in {last4}. To confirm, press 1. "
        "For another number, press 2.",
    },
    "cb_number_enter": {
        "zh": "请输入回电号码，按井号键结束。境外号码请以00和国家代码开头。",
        "en": "Enter the number we should call and press pound. For a number abroad, start with 0 0 "
        "and the country code.",
    },
    "cb_number_entered": {
        "zh": "我们将拨打{digits}。确认请按1，换一个号码请按2。",
        "en": "We will call {digits}. To confirm, press 1. For another number, press 2.",
    },
    "cb_number_bad": {
        "zh": "这个号码无法拨打，请重新输入。",
        "en": "We cannot call that number. Please enter another one.",
    },
    "cb_when": {
        "zh": "尽快回电请按1，选择时段请按2。",
        "en": "To be called as soon as it is your turn, press 1. To choose a time, press 2.",
    },
    "cb_slots": {
        "zh": "{slot1}请按1，{slot2}请按2，{slot3}请按3。",
        "en": "For {slot1}, press 1. For {slot2}, press 2. For {slot3}, press 3.",
    },
    "cb_done": {
        "zh": "已登记，预计{when}回电。回电时我们会先报四位暗号{code}，再说一遍，{code}。暗号不对请挂断。",
        "en": "You are registered. We expect to call {when}. We will open with the four-digit code {code}. "
        "Again, {code}. If the code is wrong, hang up.",
    },
    "cb_exists": {
        "zh": "您已经登记过回电，排位没有变化。取消请按1，继续等待人工请按2。",
        "en": "You already have a callback registered and keep your place. To cancel it, press 1. "
        "To wait for an agent now, press 2.",
    },
    "cb_cancelled": {
        "zh": "回电已取消。",
        "en": "The callback is cancelled.",
    },
    "cb_unable": {
        "zh": "抱歉，现在无法登记回电，我为您转接人工。",
        "en": "We are sorry, we cannot register a callback now. I will connect you to an agent.",
    },
    "cb_out": {
        "zh": "您好，这里是客服热线，应您的要求回电，暗号{code}。现在接听请按1，晚些再打请按2，不再需要请按3。",
        "en": "Hello, this is the hotline calling back as you asked. The code is {code}. To talk now, press 1. "
        "To be called later, press 2. If you no longer need it, press 3.",
    },
    "cb_out_machine": {
        "zh": "您好，客服热线按您的要求回电，未能接通。我们会稍后再拨，也欢迎您随时致电官方热线。",
        "en": "Hello, the hotline returned your call and could not reach you. We will try again later. "
        "You may also call our official number at any time.",
    },
    "cb_out_hold": {"zh": "客服马上接听，请稍候。", "en": "An agent will be with you in a moment."},
    "cb_recorded": {
        "zh": "您之前已同意，本次通话会录音。如不希望录音，请告诉客服。",
        "en": "As you agreed before, this call will be recorded. If you would rather not, tell the agent.",
    },
    "cb_later_done": {"zh": "好的，我们将在{when}再次回电。", "en": "Fine. We will call again {when}."},
    "whisper_callback": {
        "zh": "回电：{topic}，暗号{code}，第{n}次尝试。",
        "en": "Callback: {topic}, code {code}, attempt {n}.",
    },
    "sms_callback": {
        "zh": "已登记回电，预计{when}，暗号{code}。取消请回复QX。",
        "en": "Callback booked for {when}. Code {code}. Reply STOP to cancel.",
    },
    "sms_missed": {
        "zh": "刚才回电未接通，将于{when}再拨，新暗号{code}。",
        "en": "We tried to call you. Next try {when}, new code {code}.",
    },
    "sms_moved": {
        "zh": "回电改在{when}，暗号{code}。",
        "en": "Your callback moves: we call {when}. Code {code}.",
    },
    "sms_given_up": {
        "zh": "我们未能与您通话，回电已结束。欢迎随时致电热线。",
        "en": "We could not reach you, and your callback has ended. Please call us at any time.",
    },
}
"""By the first part of the language's name, as in `standard_prompts`."""
