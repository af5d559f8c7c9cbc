"""Prompts that every hotline needs, with texts of ours; a menu file may give its own under the same name.

`{menu}` is the prompt of the menu that follows; it is spoken after the line, so the slot stays empty.
"""

from __future__ import annotations

from collections.abc import Mapping

SLOTS: Mapping[str, frozenset[str]] = {
    "no_input_1": frozenset({"menu"}),
    "no_input_2": frozenset(),
    "no_match_1": frozenset({"menu"}),
    "no_match_2": frozenset(),
    "already_top": frozenset({"menu"}),
    "system_trouble": frozenset(),
    "cut_off": frozenset(),
    "one_moment": frozenset(),
    "put_down": frozenset(),
    "queue_closed": frozenset({"when"}),
    "bye": frozenset(),
    "survey_noted": frozenset(),
    "vm_received": frozenset(),
    "sms_thanks": frozenset(),
    "sms_cancelled": frozenset(),
    "sms_no_callback": frozenset(),
    "sms_elsewhere": frozenset({"number"}),
    "sms_trouble": frozenset({"number"}),
    "hold": frozenset(),
    "transferred": frozenset({"topic"}),
    "passed_on": frozenset({"where"}),
    "whisper": frozenset({"topic", "language", "wait", "verified"}),
    "whisper_out": frozenset({"topic"}),
    "accept_key": frozenset(),
    "offer_over": frozenset(),
    "incident_banner": frozenset({"network", "minutes"}),
    "slow_on": frozenset(),
    "notice_recording": frozenset(),
    "notice_optout_done": frozenset(),
    "sms_other_ways": frozenset(),
    "other_ways_sent": frozenset(),
}
"""The slots that may stand in each."""

TEXTS: Mapping[str, Mapping[str, str]] = {
    "no_input_1": {"zh": "没有听到您的按键。{menu}", "en": "I did not get a key press. {menu}"},
    "no_input_2": {
        "zh": "如果不方便按键，请稍候，我为您转接人工。",
        "en": "If pressing keys is difficult, please hold and I will connect you to an agent.",
    },
    "no_match_1": {"zh": "这个按键没有对应的服务。{menu}", "en": "That key is not used here. {menu}"},
    "no_match_2": {"zh": "没关系，我直接为您转接人工。", "en": "No problem. I will connect you to an agent."},
    "slow_on": {
        "zh": "我会像上次一样慢慢说，在菜单里按井号键恢复正常语速。",
        "en": "I speak slowly, as you chose last time. For normal speed, press pound in a menu.",
    },
    "other_ways_sent": {
        "zh": "其他联系方式已发短信给您。",
        "en": "I have also texted you other ways to reach us.",
    },
    "already_top": {"zh": "这里已经是主菜单。{menu}", "en": "You are at the main menu. {menu}"},
    "system_trouble": {
        "zh": "系统暂时繁忙，正在为您转接人工，请不要挂机。",
        "en": "We have a technical problem. Please stay on the line, I am connecting you to an agent.",
    },
    "cut_off": {
        "zh": "如果通话是意外中断的，请按1，我们马上为您接通。",
        "en": "If you were cut off, press 1 and we connect you again at once.",
    },
    "hold": {
        "zh": "请稍候，不要挂机，马上回来。",
        "en": "One moment please, stay on the line. We are coming back to you.",
    },
    "passed_on": {
        "zh": "正在为您转接{where}，请稍候。",
        "en": "I am putting you through to {where}. One moment please.",
    },
    "transferred": {
        "zh": "正在为您转接同事，您之前的等待时间保留，情况已一并转达。",
        "en": "I am passing you to a colleague. Your waiting time counts, and your colleague knows what you told us.",
    },
    "one_moment": {
        "zh": "请稍候，客服的线路正在恢复。",
        "en": "One moment please. Your agent is being reconnected.",
    },
    "put_down": {
        "zh": "很抱歉，本次通话到此结束，如有需要请稍后再次来电。再见。",
        "en": "We are sorry, this call ends here. If you need us, please call again later. Goodbye.",
    },
    "queue_closed": {
        "zh": "抱歉，这项服务现在暂停，{when}恢复。",
        "en": "We are sorry, this desk is closed now. It opens again {when}.",
    },
    "bye": {"zh": "感谢来电，再见。", "en": "Thank you for calling. Goodbye."},
    "vm_received": {"zh": "留言已收到。", "en": "We have your message."},
    "sms_thanks": {"zh": "谢谢您的评分。", "en": "Thank you for your rating."},
    "sms_cancelled": {"zh": "回电已取消。", "en": "Your callback is cancelled."},
    "sms_no_callback": {"zh": "没有已登记的回电。", "en": "There is no callback registered for this number."},
    "sms_elsewhere": {
        "zh": "这个号码的短信没有人阅读。需要帮助请致电官方热线{number}。",
        "en": "Nobody reads text messages to this number. For help, please call our official number {number}.",
    },
    "sms_trouble": {
        "zh": "系统暂时繁忙，请稍后再发，或致电官方热线{number}。",
        "en": "We have a technical problem. Please text again later, or call our official number {number}.",
    },
    "survey_noted": {
        "zh": "好的，主管会与您联系。",
        "en": "Thank you. A supervisor will contact you.",
    },
    "whisper_out": {"zh": "您的外呼，{topic}。", "en": "Your call out: {topic}."},
    "whisper": {
        "zh": "{topic}，{language}，已等待{wait}，{verified}。",
        "en": "{topic}, {language}, waited {wait}, {verified}.",
    },
    "accept_key": {"zh": "接听请按1，暂不接听请按2。", "en": "To take the call, press 1. To pass it on, press 2."},
    "offer_over": {"zh": "来电者已挂断，谢谢。", "en": "The caller has gone. Thank you."},
}
"""By the first part of the language's name: `zh` serves `zh-TW` too."""

INCIDENT_TEXTS: Mapping[str, Mapping[str, str]] = {
    "incident_banner": {
        "zh": "公告：{network}网络拥堵，到账可能延迟约{minutes}分钟，资金安全不受影响。",
        "en": "Notice: the {network} network is congested. Transfers may take about {minutes} minutes longer. "
        "Your funds are safe.",
    },
}
"""For menus with a place for the incident banner."""
