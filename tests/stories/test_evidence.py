"""Texted links and the form behind them, from the call to the stored files."""

from __future__ import annotations

from ivr.core import facts
from tests.stories.callbacks import every_text
from tests.stories.evidence import JPEG, PNG, Browser, asks_for_link, link_in, links, stored
from tests.stories.town import Town

ANA = "+14155550123"
BO = "+8613800138000"


def test_a_caller_is_texted_a_link_and_goes_on_into_the_line(town: Town):
    call = town.caller(ANA)
    town.presses(call, "2211")
    call.presses("#")
    town.settle()
    call.hears(
        "To send screenshots or type your account e-mail, press 1 and we text you a secure link. Otherwise press 2."
    )
    town.presses(call, "1")
    call.hears("The text message is on its way. The link works for 24 hours.")
    call.hears("You are in line for transfers")
    case = town.session(call).case
    assert case is not None
    [text] = every_text(town, ANA)
    link = link_in(town, ANA)
    assert text == f"tpWallet case {case.number}: add details or files at {link} . Valid 24 hours."
    [row] = links(town)
    assert (row.call, row.case) == (call.sid, case.id)
    token = link.rpartition("/")[2]
    assert token not in str(row)
    assert [fact.kind for fact in town.facts_of(call) if isinstance(fact, facts.TextSent)] == ["sms_upload"]


def test_two_or_silence_goes_on_without_a_link(town: Town):
    for key in ("2", ""):
        call = town.caller(ANA)
        town.presses(call, "2211")
        call.presses("#")
        town.settle()
        if key:
            town.presses(call, key)
        else:
            town.passes(6)
        call.hears("You are in line for transfers")
        call.hangs_up()
        town.settle()
    assert every_text(town, ANA) == []


def test_a_telephone_that_takes_no_texts_is_told_so_and_goes_on(town: Town):
    for number in ("+861058769999", "anonymous"):
        call = town.network.phone(number).calls("+861058765432")
        town.settle()
        town.presses(call, "2")
        town.presses(call, "22")
        town.presses(call, "1")
        call.hears(
            "We cannot send a text message to the number you are calling from. That is fine, an agent will ask you."
        )
        call.hears("You are in line for transfers")
        call.hangs_up()
        town.settle()
    assert links(town) == []


def test_the_form_is_stored_sealed_with_its_files(town: Town):
    call = asks_for_link(town, ANA)
    phone = Browser(link_in(town, ANA))
    page = phone.opens()
    assert page.status == 200
    sent = phone.sends(
        email="bo@example.org",
        what="It says\r\nERR 47",
        when="today",
        transaction="0xabc",
        files=[("shot.png", PNG), ("..\\..\\photo.exe", JPEG)],
    )
    assert sent.status == 200
    assert "Thank you, we have it" in sent.text
    [form], files = stored(town)
    assert form.call == call.sid
    assert "example" not in str(form)
    assert [file.kind for file in files] == ["png", "jpeg"]
    folder = town.switchboard.settings.data_dir / "evidence"
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert sorted(path.name for path in kept) == sorted(file.id for file in files)
    assert not any(b"PNG" in path.read_bytes() for path in kept)
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept)
    [given] = town.switchboard.evidence_of(town.switchboard.engine).of_call(form.call)
    assert given.fields["what"] == "It says\nERR 47"
    assert [file.name for file in given.files] == ["shot.png", "photo.jpg"]
    assert [town.switchboard.evidence.vault.read(file.id) for file in given.files] == [PNG, JPEG]
    assert [fact.files for fact in town.facts_of(call) if isinstance(fact, facts.EvidenceGiven)] == [2]
