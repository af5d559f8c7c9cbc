"""The story of a call in sentences of the page's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from ivr.core.queues import CRITICAL_PRIORITY
from ivr.core.verification import Proof
from ivr.web.call_words import end_words, language_name, span, stay_words
from ivr.web.i18n import gettext
from ivr.web.texts import N_
from ivr.workflows.call_story import AGENT, CALLER, HOUSE, LINE, RECORDING, Item

KEYS: Mapping[str, str] = {
    "choice": N_("a choice of the menu"),
    "option": N_("an option while waiting"),
    "entry": N_("digits that were asked for"),
    "repeat": N_("hear it again"),
    "back": N_("back"),
    "person": N_("a person, please"),
    "slower": N_("slower, please"),
    "wrong": N_("no such choice"),
    "silence": N_("no key"),
}
RANG: Mapping[str, str] = {
    "": N_("rings"),
    "accepted": N_("accepted"),
    "declined": N_("declined"),
    "lapsed": N_("did not answer"),
    "cancelled": N_("no longer needed"),
    "failed": N_("the line failed"),
}
ENDED_BY: Mapping[str, str] = {
    "agent": N_("ended by the agent"),
    "caller": N_("the caller hung up"),
    "agent_lost": N_("the agent's line was lost"),
    "transfer": N_("ended by a transfer"),
    "fault": N_("ended by a fault"),
    "supervisor": N_("ended by a supervisor"),
    "unknown": N_("how it ended is not known"),
    "service": N_("ended by the service"),
}
HUNG_UP: Mapping[str, str] = {
    "caller": N_("the caller hung up"),
    "agent": N_("the agent hung up"),
    "service": N_("ended by the service"),
    "supervisor": N_("ended by a supervisor"),
    "unknown": N_("who hung up is not known"),
}
HELPED: Mapping[str, str] = {
    "": N_("is in the talk"),
    "left": N_("has left the talk"),
    "handed_over": N_("has the caller now"),
    "declined": N_("declined"),
    "no_answer": N_("did not answer"),
    "failed": N_("could not be reached"),
    "busy": N_("was busy"),
    "refused": N_("was not called: the telephone network refused"),
    "cancelled": N_("was not needed any more"),
}
GIVEN: Mapping[str, str] = {
    "cold": N_("to the queue"),
    "person": N_("to one agent first"),
    "warm": N_("to a colleague in the talk"),
    "outside": N_("to a house outside"),
    "outside_warm": N_("to a house that was in the talk"),
}
PROOFS: Mapping[str, str] = {
    Proof.VERIFIED: N_("The caller proved who they are."),
    Proof.SKIPPED: N_("The caller would rather not prove who they are."),
    Proof.SILENT: N_("The caller keyed no code."),
    Proof.FAILED: N_("Three wrong codes."),
    Proof.UNABLE: N_("No text message reaches this number."),
    Proof.LOCKED: N_("No code was sent: too many tries of this number."),
    Proof.TROUBLE: N_("The proof was not possible: a store of the service was away."),
}
PROMISED: Mapping[str, str] = {
    "requested": N_("not due yet"),
    "due": N_("due"),
    "reserving": N_("an agent is sought"),
    "dialling": N_("being dialled"),
    "confirmed": N_("the caller is on the line"),
    "connected": N_("connected"),
    "completed": N_("kept"),
    "failed": N_("not reached"),
    "cancelled": N_("cancelled"),
    "expired": N_("too old"),
    "reached_by_phone": N_("the caller got through before"),
    "closed": N_("closed"),
}


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Puts items into words. `names`: of agents; `topics` and `results` as the menus have them."""

    names: Mapping[str, str]
    topics: Mapping[str, str]
    results: Callable[[str], str]
    zone: ZoneInfo
    case: str = ""

    def lane(self, lane: str) -> str:
        if lane.startswith(AGENT):
            return self.name(lane.removeprefix(AGENT))
        if lane.startswith(HOUSE):
            return lane.removeprefix(HOUSE)
        return {CALLER: gettext("Caller"), LINE: gettext("Queue"), RECORDING: gettext("Recording")}[lane]

    def name(self, agent: object) -> str:
        return self.names.get(str(agent), self.topics.get(str(agent), str(agent)))

    def sentence(self, item: Item) -> str:
        told = getattr(self, f"_{item.kind}")(item)
        assert isinstance(told, str)
        return told

    def _started(self, item: Item) -> str:
        return gettext("The call came in at %(number)s.") % {"number": item.values["dialled"]}

    def _menu(self, item: Item) -> str:
        return gettext("In the menu for %(time)s.") % {"time": lasted(item)}

    def _heard(self, item: Item) -> str:
        return item.words or gettext("(this version of the menu is not kept)")

    def _key(self, item: Item) -> str:
        what = gettext(KEYS.get(str(item.values["result"]), str(item.values["result"])))
        if not item.values["key"]:
            return gettext("Pressed nothing.")
        return gettext("Pressed %(key)s: %(what)s.") % {"key": item.values["key"], "what": what}

    def _language(self, item: Item) -> str:
        return gettext("Chose the language %(name)s.") % {"name": language_name(str(item.values["language"]))}

    def _speed(self, item: Item) -> str:
        return gettext("Asked for slower speech.") if item.values["slow"] else gettext("Asked for the usual speed.")

    def _ticket(self, item: Item) -> str:
        if item.values["verified"]:
            return gettext("The app had announced this call and proved who calls.")
        return gettext("The app had announced this call.")

    def _incident(self, _item: Item) -> str:
        return gettext("Heard the incident notice.")

    def _verified(self, item: Item) -> str:
        return gettext(PROOFS.get(str(item.values["result"]), N_("The proof ended.")))

    def _looked_up(self, item: Item) -> str:
        return gettext("Another system was asked: %(result)s.") % item.values

    def _text(self, item: Item) -> str:
        return gettext("A text message was sent (%(kind)s).") % item.values

    def _form(self, item: Item) -> str:
        return gettext("Sent the form of a link: fields %(fields)s, files %(files)s.") % item.values

    def _case(self, item: Item) -> str:
        number = f"{self.case[:4]} {self.case[4:]}".strip()
        if not number:
            return gettext("A case belongs to this call.")
        if item.values["opened"]:
            return gettext("Case %(number)s was opened.") % {"number": number}
        return gettext("Belongs to case %(number)s.") % {"number": number}

    def _callback_refused(self, _item: Item) -> str:
        return gettext("Asked for a callback and was not promised one: too many were asked for.")

    def _promise(self, item: Item) -> str:
        became = gettext(PROMISED.get(str(item.values["result"] or item.values["state"]), N_("closed")))
        start, end = (self._clock(item.values[name]) for name in ("from", "to"))
        if start and end:
            return gettext("A callback was promised for %(start)s to %(end)s: %(became)s.") % {
                "start": start,
                "end": end,
                "became": became,
            }
        return gettext("A callback was promised: %(became)s.") % {"became": became}

    def _message(self, item: Item) -> str:
        return gettext("Left a message of %(time)s.") % {"time": span(float(item.values["seconds"] or 0))}

    def _survey_asked(self, item: Item) -> str:
        return {
            "phone": gettext("Was asked for a rating by key."),
            "text": gettext("Was asked for a rating by text message."),
        }.get(str(item.values["channel"]), "")

    def _rated(self, item: Item) -> str:
        solved = {"yes": gettext("solved"), "no": gettext("not solved")}.get(str(item.values["solved"]), "")
        rated = gettext("Rated %(score)s of 5") % item.values
        return f"{rated} · {solved}" if solved else rated

    def _repaired(self, item: Item) -> str:
        return gettext("Put right by the service: %(what)s.") % item.values

    def _ended(self, item: Item) -> str:
        by = gettext(HUNG_UP.get(str(item.values["by"]), HUNG_UP["unknown"]))
        return gettext("The call ended: %(end)s; %(by)s.") % {"end": end_words(str(item.values["end"])), "by": by}

    def _consent(self, item: Item) -> str:
        if item.values["how"] == "key":
            return (
                gettext("Agreed to the recording by key.") if item.values["yes"] else gettext("Declined the recording.")
            )
        return gettext("Agreed to the recording when the agent asked.")

    def _wait(self, item: Item) -> str:
        became = stay_words(str(item.values["outcome"]), str(item.values["reason"]))
        values = {"topic": self.name(item.values["topic"]), "time": lasted(item), "became": became}
        if int(item.values["priority"] or 0) >= CRITICAL_PRIORITY:
            return gettext("Waited for %(topic)s, urgent, for %(time)s: %(became)s.") % values
        return gettext("Waited for %(topic)s for %(time)s: %(became)s.") % values

    def _told(self, item: Item) -> str:
        seconds, truth = item.values["seconds"], item.values["truth"]
        if seconds is None:
            said = gettext("No wait was named")
        else:
            said = gettext("Was told: about %(minutes)s min") % {"minutes": -(-int(seconds) // 60)}
        if truth is None:
            became = gettext("still waits")
        elif item.values["answered"]:
            became = gettext("answered %(time)s later") % {"time": span(float(truth))}
        else:
            became = gettext("left %(time)s later") % {"time": span(float(truth))}
        return f"{said} · {became}"

    def _moved_up(self, item: Item) -> str:
        known = {
            "repeat": gettext("Moved up: the third call within 24 hours."),
            "supervisor": gettext("Moved up by a supervisor."),
        }
        return known.get(str(item.values["reason"])) or gettext("Moved up: the longest wait was reached.")

    def _nobody(self, _item: Item) -> str:
        return gettext("Somebody was sought, and nobody was free.")

    def _rang(self, item: Item) -> str:
        became = gettext(RANG.get(str(item.values["result"]), str(item.values["result"])))
        return gettext("Rang for %(time)s: %(became)s.") % {"time": lasted(item), "became": became}

    def _talk(self, item: Item) -> str:
        by = "" if item.open else gettext(ENDED_BY.get(str(item.values["by"]), ENDED_BY["unknown"]))
        held = float(item.values["hold_s"] or 0)
        spoken = (item.until - item.at).total_seconds() - held if item.until else 0.0
        if held:
            talked = gettext("Talk of %(time)s, and %(hold)s on hold") % {"time": span(spoken), "hold": span(held)}
        else:
            talked = gettext("Talk of %(time)s") % {"time": span(spoken)}
        return f"{talked} · {by}" if by else talked

    def _hold(self, item: Item) -> str:
        return gettext("The caller on hold for %(time)s.") % {"time": lasted(item)}

    def _wrap(self, item: Item) -> str:
        return gettext("Wrap-up of %(time)s.") % {"time": lasted(item)}

    def _helped(self, item: Item) -> str:
        result = gettext(HELPED.get(str(item.values["result"]), str(item.values["result"])))
        values = {"name": self.name(item.values["who"]), "time": lasted(item), "result": result}
        return gettext("Helped %(name)s for %(time)s: %(result)s.") % values

    def _asked(self, item: Item) -> str:
        result = gettext(HELPED.get(str(item.values["result"]), str(item.values["result"])))
        return gettext("Was asked by %(name)s: %(result)s.") % {"name": self.name(item.values["who"]), "result": result}

    def _given(self, item: Item) -> str:
        how = gettext(GIVEN.get(str(item.values["how"]), N_("to the queue")))
        return gettext("Transferred the caller %(how)s: %(name)s.") % {"how": how, "name": self.name(item.values["to"])}

    def _result(self, item: Item) -> str:
        words = [self.results(str(item.values[name])) for name in ("result", "reason") if item.values[name]]
        if item.values["about"]:
            words.append(self.name(item.values["about"]))
        told = gettext("Result: %(words)s") % {"words": " · ".join(words)}
        return f"{told} ({gettext('by time-out')})" if item.values["by_default"] else told

    def _notes(self, item: Item) -> str:
        return item.words

    def _recorded(self, item: Item) -> str:
        return gettext("Recorded: %(time)s.") % {"time": span(float(item.values["seconds"] or 0))}

    def _pause(self, item: Item) -> str:
        return gettext("The recording paused for %(time)s.") % {"time": lasted(item)}

    def _clock(self, text: object) -> str:
        return f"{datetime.fromisoformat(str(text)).astimezone(self.zone):%m-%d %H:%M}" if text else ""


def lasted(item: Item) -> str:
    return span(item.until - item.at) if item.until else span(0)


def why(reason: Mapping[str, object]) -> list[str]:
    """Why this agent: who was considered, who was not and why. Empty for an offer of which no reason is kept."""

    def count(name: str) -> int:
        value = reason.get(name)
        return value if isinstance(value, int) else 0

    if reason.get("directed"):
        return [
            gettext("Offered to this agent by name: the last one of the case, or a colleague's or supervisor's choice.")
        ]
    if "signed_in" not in reason:
        return []
    told = [
        gettext("Of %(all)s agents signed in, %(able)s could take the call now.")
        % {"all": count("signed_in"), "able": count("able")}
    ]
    if "terms" in reason:
        idle = span(float(count("idle_s")))
        told.append(
            gettext("This one met all that was wanted; among equals, idle longest: %(time)s.") % {"time": idle}
            if not count("terms")
            else gettext(
                "This one met what is enough after a wait of this length; among equals, idle longest: %(time)s."
            )
            % {"time": idle}
        )
    told += [gettext(words) % {"count": count(name)} for name, words in OBSTACLES.items() if count(name)]
    return told


OBSTACLES: Mapping[str, str] = {
    "busy": N_("Not considered, on another call: %(count)s."),
    "paused": N_("Not considered, on a break or away: %(count)s."),
    "later": N_("Not considered, only enough after a longer wait: %(count)s."),
    "skill": N_("Not considered, without the skill: %(count)s."),
    "language": N_("Not considered, without the language: %(count)s."),
}
