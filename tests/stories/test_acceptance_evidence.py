"""The acceptance sentences about what a caller gives in writing (`DOMAIN.md` 1: C2, C3, C5, C20, C21, C23)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ivr.core import facts
from ivr.core.evidence import LARGEST_FILE
from ivr.core.ids import NodeId, PromptId
from ivr.core.menus import Queue, Transfer
from ivr.storage.files.graph import edges
from ivr.storage.files.menus import load_menu
from ivr.storage.sql.evidence import EvidenceBook
from ivr.workflows.checked_texts import CheckedTexts, LinkRefused
from tests.stories.callbacks import ANY, every_text
from tests.stories.evidence import JPEG, PNG, Browser, asks_for_link, link_in, links, panel, stored
from tests.stories.town import ROOT, WALLET, Town

ANA = "+14155550123"
WALLET_TREE = load_menu(ROOT / "menus" / "wallet.yaml")


def talks(town: Town, number: str = ANA):
    """A caller who was texted a link, and the agent they talk to."""
    call = asks_for_link(town, number)
    ana = town.agent("ana", skills=ANY).available()
    call.meets(ana.accepts())
    return call, ana


def eventually(true: Callable[[], bool], *, within_s: float) -> bool:
    """Real seconds: what is pushed to pages runs on the machine's clock."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return False


def test_c3_what_is_sent_through_the_link_belongs_to_the_case_that_the_call_opened(town: Town):
    call = asks_for_link(town, ANA)
    case = town.session(call).case
    assert case is not None
    phone = Browser(link_in(town, ANA))
    phone.opens()
    assert phone.sends(what="paid twice", files=[("a.png", PNG)]).status == 200
    [form], [file] = stored(town)
    assert (form.case, form.call, file.evidence) == (case.id, call.sid, form.id)
    assert case.number in every_text(town, ANA)[0]


def test_c3_the_text_with_all_contacts_hands_the_case_over_to_the_form(town: Town):
    call = town.caller(ANA)
    town.presses(call, "2511")
    call.hears("The text message is sent.")
    case = town.session(call).case
    assert case is not None
    [text] = every_text(town, ANA)
    assert "https://help.tpwallet.example/chat" in text
    assert "support@help.tpwallet.example" in text
    assert f"Case {case.number}: more ways and a form at {link_in(town, ANA)} . Valid 24 hours." in text
    call.hangs_up()
    phone = Browser(link_in(town, ANA))
    phone.opens()
    phone.sends(what="written instead of spoken", files=[("a.png", PNG)])
    assert stored(town)[0][0].case == case.id


@pytest.mark.parametrize("keys", ["0", "10", "211", "111", "112", "2222", "52"])
def test_c5_every_call_plays_the_notice_once_before_an_agent_is_connected(town: Town, keys: str):
    ana = town.agent("ana", skills=ANY).available()
    call = town.caller(ANA)
    town.presses(call, keys)
    town.until(lambda: ana.offer is not None, within_s=60, what="an agent")
    call.meets(ana.accepts())
    told = town.facts_of(call)
    notices = [fact for fact in told if isinstance(fact, facts.PromptHeard) and fact.prompt == "notice"]
    answered = next(fact for fact in told if isinstance(fact, facts.Answered))
    assert len(notices) == 1
    assert notices[0].at <= answered.at
    call.hangs_up()
    town.settle()


def test_c5_no_way_through_the_wallets_menu_reaches_a_person_without_the_notice():
    """Without the nodes that say it, neither a queue nor an outside number can be reached."""
    says = {NodeId("notice"), NodeId("notice_operator")}
    ways = edges(WALLET_TREE)
    reached, waiting = set(), [WALLET_TREE.start]
    while waiting:
        here = waiting.pop()
        if here in reached or here in says:
            continue
        reached.add(here)
        waiting.extend(edge.target for edge in ways[here])
    assert not [node for node in reached if isinstance(WALLET_TREE.nodes[node], Queue | Transfer)]
    assert PromptId("notice") in WALLET_TREE.prompts


@pytest.mark.parametrize(
    "body",
    [
        "see https://tpwallet-help.example.net/x",
        "see help.tpwallet.example.evil.test/a",
        "see https://help.tpwallet.example@evil.test/",
        "see https://help.tpwallet.example:443@evil.test/",
        "请看https://help.tpwallet.example。evil.test/",
        "see evil.test:8443/x",
        "see http://192.0.2.7/x",
        "see ftp://evil.test",
    ],
)
def test_c5_a_text_with_a_link_outside_the_list_is_refused_noted_and_counted(town: Town, body: str):
    texts = town.switchboard.evidence.texts
    assert isinstance(texts, CheckedTexts)
    with pytest.raises(LinkRefused):
        texts.send_text(to=ANA, body=body, sender=WALLET)
    assert every_text(town, ANA) == []
    town.record()
    assert town.switchboard.repair_counts.all() == {"text with a foreign link not sent": 1}


def test_c5_listed_hosts_and_our_own_pass(town: Town):
    texts = town.switchboard.evidence.texts
    own = town.switchboard.settings.public_url
    for body in (
        f"go to {own}/e/abc .",
        "https://help.tpwallet.example/fees 。",
        "限额：https://help.tpwallet.example/fees。谢谢",
    ):
        texts.send_text(to=ANA, body=body, sender=WALLET)
    assert len(every_text(town, ANA)) == 3


def test_c20_an_unknown_caller_gives_the_account_email_and_the_panel_shows_it_while_they_talk(town: Town):
    call, _ana = talks(town)
    assert panel(town, "ana").evidence == []
    phone = Browser(link_in(town, ANA))
    phone.opens()
    phone.sends(email="lin@example.org")
    [sent] = panel(town, "ana").evidence
    assert sent.fields == {"email": "lin@example.org"}
    call.hangs_up()
    town.settle()


def test_c21_text_typed_in_the_form_is_pushed_to_the_panel_within_five_seconds(town: Town):
    call, _ana = talks(town)
    feed = town.switchboard.feed_hub.feed()
    from datetime import timedelta

    feed.wait(("agent:ana",), timeout=timedelta(0))
    phone = Browser(link_in(town, ANA))
    phone.opens()
    phone.sends(what="ERR 47: nonce too low")
    assert eventually(lambda: bool(feed.wait(("agent:ana",), timeout=timedelta(seconds=0.2))), within_s=5)
    [sent] = panel(town, "ana").evidence
    assert sent.fields["what"] == "ERR 47: nonce too low"
    call.hangs_up()
    town.settle()


def test_c23_an_expired_link_shows_a_plain_page_with_the_number_and_stores_nothing(town: Town):
    call = asks_for_link(town, ANA)
    phone = Browser(link_in(town, ANA))
    phone.opens()
    call.hangs_up()
    town.network.clock.advance(24 * 3600 + 1)
    town.settle()
    for page in (phone.sends(what="too late", files=[("a.png", PNG)]), Browser(phone.link).opens()):
        assert page.status == 410
        assert "This link no longer works" in page.text
        assert WALLET in page.text
    assert stored(town) == ([], [])
    assert not list((town.switchboard.settings.data_dir / "evidence").glob("*/*"))


def test_c23_a_used_link_shows_the_same_page_and_stores_nothing_more(town: Town):
    asks_for_link(town, ANA)
    first, other = Browser(link_in(town, ANA)), Browser(link_in(town, ANA))
    first.opens()
    other.opens()
    assert "Thank you" in first.sends(what="once").text
    assert first.sends(what="once").status == 200, "the same page sent twice was received"
    late = other.sends(what="again", files=[("b.jpg", JPEG)])
    assert (late.status, "This link no longer works" in late.text) == (410, True)
    assert Browser(first.link).opens().status == 410
    assert len(stored(town)[0]) == 1


def test_c23_looking_at_a_link_does_not_use_it(town: Town):
    asks_for_link(town, ANA)
    phone = Browser(link_in(town, ANA))
    for _ in range(3):
        assert phone.session.head(phone.link, timeout=10).status_code == 200
        page = phone.opens()
    assert page.status == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]
    assert "script" not in page.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in page.headers
    assert links(town)[0].used_at is None


def test_c23_wrong_kinds_large_files_and_too_many_are_refused_and_the_link_still_works(town: Town):
    asks_for_link(town, ANA)
    phone = Browser(link_in(town, ANA))
    phone.opens()
    refused = phone.sends(what="kept words", files=[("shot.png", b"MZ\x90\x00" + b"\x00" * 50)])
    assert (refused.status, "shot.png is none of the kinds" in refused.text) == (422, True)
    assert "kept words" in refused.text
    large = phone.sends(files=[("big.png", PNG + b"\x00" * LARGEST_FILE)])
    assert (large.status, "big.png is too large" in large.text) == (422, True)
    assert phone.sends(files=[(f"{n}.png", PNG) for n in range(6)]).status == 422
    assert phone.sends().status == 422
    vast = phone.sends(files=[(f"{n}.png", PNG + b"\x00" * (9 * 1024 * 1024)) for n in range(3)])
    assert (vast.status, "all files together" in vast.text) == (413, True)
    assert stored(town) == ([], [])
    assert "Thank you" in phone.sends(files=[("ok.png", PNG)]).text


def scanned(town: Town, command: str) -> None:
    """This town has a scanner."""
    changed = town.switchboard.settings.model_copy(update={"scan_command": command})
    town.switchboard.settings = changed
    town.switchboard.evidence.__dict__.pop("receive", None)
    town.switchboard.site.__dict__  # noqa: B018 - the pages were made before
    object.__setattr__(town.switchboard.site, "evidence", town.switchboard.evidence.receive)


@pytest.mark.parametrize(
    ("command", "state", "kept"),
    [
        ("true", "clean", 1),
        ("false", "infected", 0),
        ("sh -c 'exit 2'", "not_checked", 1),
        ("no-such-scanner", "not_checked", 1),
    ],
)
def test_c23_the_scanner_decides_what_may_be_opened(town: Town, command: str, state: str, kept: int):
    scanned(town, command)
    asks_for_link(town, ANA)
    phone = Browser(link_in(town, ANA))
    phone.opens()
    phone.sends(files=[("a.png", PNG)])
    assert [file.state for file in stored(town)[1]] == ["waiting"]
    town.switchboard.evidence.scan_waiting()
    assert [file.state for file in stored(town)[1]] == [state]
    assert len(list((town.switchboard.settings.data_dir / "evidence").glob("*/*"))) == kept


def test_c23_files_are_deleted_on_schedule_with_their_words_and_links(town: Town):
    call = asks_for_link(town, ANA)
    phone = Browser(link_in(town, ANA))
    phone.opens()
    phone.sends(what="words", files=[("a.png", PNG)])
    call.hangs_up()
    assert town.switchboard.evidence.forget() == 0
    town.network.clock.advance(181 * 24 * 3600)
    assert town.switchboard.evidence.forget() == 1
    assert stored(town) == ([], [])
    assert links(town) == []
    assert not list((town.switchboard.settings.data_dir / "evidence").glob("*/*"))


def test_c23_a_changed_secret_opens_old_files_until_they_are_sealed_anew(town: Town):
    from ivr.storage.sql.seals import Seals
    from ivr.storage.vault import Vault

    asks_for_link(town, ANA)
    phone = Browser(link_in(town, ANA))
    phone.opens()
    phone.sends(what="words", files=[("a.png", PNG)])
    [form], [file] = stored(town)
    board = town.switchboard
    changed = Seals(b"another secret of thirty-two bytes", (board.settings.secret,))
    vault = Vault(Path(board.settings.data_dir) / "evidence", changed)
    book = EvidenceBook(board.engine, changed)
    assert vault.read(file.id) == PNG
    assert (book.reseal(), vault.reseal()) == ((2, 0), (1, 0))
    alone = Seals(b"another secret of thirty-two bytes")
    assert Vault(vault.folder, alone).read(file.id) == PNG
    assert EvidenceBook(board.engine, alone).of_call(form.call)[0].fields == {"what": "words"}
