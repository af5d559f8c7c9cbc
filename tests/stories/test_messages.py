"""A message may be heard, spoken again and sent; nothing that its caller does after the tone loses it (issue: voicemail)."""

from __future__ import annotations

import io
import sys
import wave
from typing import Any

import pytest
import requests
import sqlalchemy as sa

from ivr.core import facts
from ivr.core.errors import RequestError
from ivr.simulator import Call
from ivr.storage.sql.after_tables import message_box
from ivr.storage.sql.engine import reading
from ivr.storage.transcriber import Transcriber
from tests.stories.messages import speaks
from tests.stories.town import Town

REVIEW = "重听请按1，重新录制请按2，提交请按井号键。"
KEPT = "留言已收到"


def kept(town: Town) -> list[Any]:
    with reading(town.switchboard.engine) as connection:
        return list(connection.execute(sa.select(message_box)).all())


def left(town: Town, call: Call) -> list[facts.MessageLeft]:
    return [fact for fact in town.facts_of(call) if isinstance(fact, facts.MessageLeft)]


def asked(town: Town) -> Call:
    """A caller who has recorded eight seconds and is asked what to do with them."""
    call = town.queues()
    town.presses(call, "2")
    speaks(town, call, 8)
    return call.hears(REVIEW)


def played(call: Call) -> list[str]:
    return [heard.url for heard in call.transcript if "/voice/heard/" in heard.url]


def test_a_message_is_heard_recorded_again_and_sent(town: Town) -> None:
    call = asked(town)
    [first] = kept(town)
    town.presses(call, "1")
    [address] = played(call)
    assert seconds(requests.get(address, timeout=5)) == pytest.approx(8, abs=1), "the caller's own words"
    assert first.recording not in address, "the address says nothing about where the sound lies"
    town.passes(9)
    call.hears(REVIEW)
    town.presses(call, "2")
    call.hears("请在提示音后说明账户邮箱")
    speaks(town, call, 5)
    call.hears(REVIEW)
    town.presses(call, "#")
    call.hears(KEPT)
    call.ends()
    [row] = kept(town)
    assert (row.id, row.duration_s) == (first.id, 5)
    assert row.recording != first.recording
    [told] = left(town, call)
    assert (told.recording, told.duration_s) == (row.recording, 5)
    assert town.ended(call).end is facts.CallEnd.VOICEMAIL


def test_hanging_up_at_the_question_leaves_the_message_and_its_case(town: Town) -> None:
    call = asked(town)
    call.hangs_up()
    town.settle()
    [row] = kept(town)
    assert (row.call, row.duration_s, row.status) == (call.sid, 8, "open")
    assert [told.recording for told in left(town, call)] == [row.recording]
    assert "工单" in "".join(message.body for message in town.network.rest.messages.made.values())
    assert town.ended(call).end is facts.CallEnd.VOICEMAIL


@pytest.mark.parametrize(("spoken", "lasts"), [(6, 6), (1, 8)])
def test_hanging_up_while_recording_again_keeps_what_there_is(town: Town, spoken: int, lasts: int) -> None:
    call = asked(town)
    town.presses(call, "2")
    call.hears("请在提示音后说明账户邮箱")
    call.speaks(spoken)
    town.passes(spoken)
    call.hangs_up()
    town.passes(30)
    [row] = kept(town)
    assert row.duration_s == lasts
    assert [told.duration_s for told in left(town, call)] == [lasts]


def test_silence_at_the_question_sends_the_message(town: Town) -> None:
    call = asked(town)
    town.passes(6)
    call.hears(REVIEW)
    town.passes(6)
    call.hears(KEPT)
    assert len(left(town, call)) == 1


def test_zero_leads_to_a_person_and_the_message_stays(town: Town) -> None:
    call = asked(town)
    town.presses(call, "0")
    call.hears("已进入其他问题队列")
    assert [told.duration_s for told in left(town, call)] == [8]
    assert [row.status for row in kept(town)] == ["open"]
    call.hangs_up()
    town.settle()


def test_a_flushed_redis_at_the_question_loses_no_message(town: Town, redis: Any) -> None:
    call = asked(town)
    redis.flushall()
    town.presses(call, "1")
    call.hears(KEPT)
    call.ends()
    assert [row.call for row in kept(town)] == [call.sid]


def test_an_address_of_a_sound_works_for_minutes_and_cannot_be_made_up(town: Town) -> None:
    call = asked(town)
    town.presses(call, "1")
    [address] = played(call)
    token = address.rsplit("/", 1)[1]
    forged = address.replace(token, token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"))
    assert seconds(requests.get(forged, timeout=5)) < 1, "silence"
    assert requests.get(address.replace(token, "x"), timeout=5).status_code == 404
    call.hangs_up()
    town.passes(6 * 60)
    assert seconds(requests.get(address, timeout=5)) < 1, "its time is over"


def test_a_sound_that_the_carrier_does_not_give_is_silence_and_the_question_comes_again(town: Town) -> None:
    call = asked(town)
    town.network.rest.recordings.made.clear()
    town.presses(call, "1")
    town.passes(1)
    call.hears(REVIEW)
    town.presses(call, "#")
    call.hears(KEPT)


def seconds(answer: requests.Response) -> float:
    assert answer.status_code == 200
    with wave.open(io.BytesIO(answer.content)) as sound:
        return float(sound.getnframes() / sound.getframerate())


def test_c43_who_listens_to_a_message_stands_in_the_audit(town: Town) -> None:
    call = asked(town)
    town.presses(call, "#")
    [row] = kept(town)
    hear = town.switchboard.after.hear_message
    assert hear(row.id, "lead")[:4] == b"RIFF"
    audit = next(line for line in town.switchboard.people.audit_rows() if line.what == "message.hear")
    assert (audit.who, audit.object, audit.at) == ("lead", row.id, town.now)
    assert call.sid in audit.detail
    with pytest.raises(RequestError):
        hear("message-of-nobody", "lead")


def test_what_was_said_is_written_down_sealed_and_without_card_numbers(town: Town) -> None:
    call = asked(town)
    town.presses(call, "#")
    writes = f"{sys.executable} -c \"import sys; n = len(sys.stdin.buffer.read()); print(sys.argv[1], n > 99, '卡号4111111111111111')\""
    town.switchboard.settings = town.switchboard.settings.model_copy(
        update={"transcribe_command": f"{writes} {{language}}"}
    )
    assert town.switchboard.after.transcribe() == 1
    assert town.switchboard.after.transcribe() == 0, "once"
    [message] = town.switchboard.after.messages.newest()
    assert message.transcript == "zh True 卡号••••••••••••1111"
    assert "1111" not in kept(town)[0].transcript, "sealed"


def test_a_message_that_cannot_be_written_down_is_tried_five_times_and_stays_as_it_is(town: Town) -> None:
    call = asked(town)
    town.presses(call, "#")
    town.switchboard.settings = town.switchboard.settings.model_copy(update={"transcribe_command": "false"})
    for _ in range(5):
        assert town.switchboard.after.messages.without_text()
        assert town.switchboard.after.transcribe() == 0
    assert not town.switchboard.after.messages.without_text()
    [message] = town.switchboard.after.messages.newest()
    assert (message.transcript, message.status) == ("", "open")


def test_a_command_that_takes_too_long_or_is_not_there_writes_nothing() -> None:
    assert Transcriber("sleep 5", patience_s=0.1)(b"", "zh") == ""
    assert Transcriber("no-such-command")(b"", "zh") == ""
