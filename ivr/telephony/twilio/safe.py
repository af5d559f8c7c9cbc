"""The last resort: answers that need no Redis, no SQL, no menu and no template.

They are said when something of ours is broken while somebody is on the line. A caller hears a sentence and is brought
back to the very step that failed; after three such turns they may leave a message that the carrier keeps. The words are
fixed, the address is the one the carrier itself asked for, so nothing foreign gets into the document.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from twilio.twiml.voice_response import VoiceResponse

from ivr.telephony.twilio.gate import checked

ZH = {"voice": "Polly.Zhiyu-Neural", "language": "cmn-CN"}
EN = {"voice": "Polly.Joanna-Neural", "language": "en-US"}
TURNS = "f"
"""Query field that counts the turns of this kind."""
MOST_TURNS = 3


def _say(response: VoiceResponse, chinese: str, english: str) -> None:
    response.say(chinese, **ZH)
    response.say(english, **EN)


def _hang_up(chinese: str, english: str) -> bytes:
    response = VoiceResponse()
    _say(response, chinese, english)
    response.hangup()
    return checked(str(response))


def _silent() -> VoiceResponse:
    response = VoiceResponse()
    response.hangup()
    return response


def _message() -> bytes:
    response = VoiceResponse()
    _say(
        response,
        "很抱歉，系统暂时故障。客服绝不会索要您的密码或助记词。请在提示音后留下姓名、号码和问题，我们会尽快联系您。",
        "We are sorry, we have a technical problem. We never ask for your password or recovery phrase. "
        "After the tone, please leave your name, your number and what happened, and we will contact you.",
    )
    response.record(action="/voice/sorry", method="POST", max_length=120, finish_on_key="#", play_beep=True)
    return checked(str(response))


HANG_UP = checked(str(_silent()))
GOODBYE = _hang_up("感谢来电，再见。", "Thank you for calling. Goodbye.")
AGENT = _hang_up("系统故障，此通电话已退回队列。", "Technical fault. This call was returned to the queue.")
NOT_PERMITTED = _hang_up("此操作不被允许。", "This is not permitted.")
MESSAGE = _message()


def one_moment(target: str) -> bytes:
    """A few words, a pause, and the same step again. `target` is the path and query that failed."""
    path, _, rest = target.partition("?")
    query = dict(parse_qsl(rest))
    given = query.get(TURNS, "0")
    turns = "0123".find(given) + 1 if len(given) == 1 else 0
    if not 0 < turns <= MOST_TURNS or not path.isascii():
        return MESSAGE
    query[TURNS] = str(turns)
    response = VoiceResponse()
    _say(response, "请稍候，马上继续，请不要挂机。", "One moment please. Stay on the line.")
    response.pause(length=3)
    response.redirect(f"{path}?{urlencode(query)}", method="POST")
    return checked(str(response))
