"""Standard prompts of verification by a code, for menus that ask for one; a menu file may give its own under the same name.

None of them tells whether the number is linked to an account, and none lets the code be spoken: it is keyed
(`DOMAIN.md` 2.1 and 2.3).
"""

from __future__ import annotations

from collections.abc import Mapping

VERIFICATION_SLOTS: Mapping[str, frozenset[str]] = {
    "verify_send": frozenset(),
    "verify_again": frozenset(),
    "verify_retry": frozenset({"n"}),
    "verify_done": frozenset(),
    "verify_skip": frozenset(),
    "verify_failed": frozenset(),
    "verify_unable": frozenset(),
    "sms_verify": frozenset({"code"}),
}
"""The slots that may stand in each."""

VERIFICATION_TEXTS: Mapping[str, Mapping[str, str]] = {
    "verify_send": {
        "zh": "为保护账户：如果来电号码已绑定账户，我们已发送6位验证码。请用键盘输入，按井号键结束；跳过请直接按井号键。",
        "en": "To protect your account: if this number is linked to an account, we have just sent it a 6-digit code. "
        "Key it in and press pound. To skip, just press pound.",
    },
    "verify_again": {
        "zh": "收到短信后，请输入6位验证码，按井号键结束；跳过请直接按井号键。",
        "en": "When the text message arrives, key in its 6-digit code and press pound. To skip, just press pound.",
    },
    "verify_retry": {
        "zh": "验证码不正确，还可以再试{n}次。",
        "en": "That code does not match. You have {n} more tries.",
    },
    "verify_done": {"zh": "谢谢，验证通过。", "en": "Thank you. You are verified."},
    "verify_skip": {
        "zh": "没有关系。客服仍会解答您的问题，但不能操作账户。",
        "en": "That is fine. An agent can still help you but cannot change anything in the account.",
    },
    "verify_failed": {
        "zh": "验证码仍不一致。客服仍会解答您的问题，但不能操作账户。",
        "en": "That code does not match either. An agent can still help you but cannot change anything in the account.",
    },
    "verify_unable": {
        "zh": "这次来电无法通过短信验证。客服仍会解答您的问题，但不能操作账户。",
        "en": "We cannot verify this call by text message. An agent can still help you but cannot change anything "
        "in the account.",
    },
    "sms_verify": {
        "zh": "验证码{code}，10分钟内有效。请在电话键盘上输入，不要告诉任何人，包括客服。",
        "en": "Your code is {code}, good for 10 minutes. Key it in on the phone and tell nobody, not even our agents.",
    },
}
"""By the first part of the language's name, as in `standard_prompts`."""
