"""Kept reports and their mails: over a real mail server, once for each due time, and told when they fail."""

from __future__ import annotations

import io
import re
import zlib
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from fontTools.cffLib import CFFFontSet

from ivr.core.people import Role
from ivr.core.saved_reports import Every, Saved, Sent
from ivr.wiring_shelf import ShelfParts
from ivr.workflows import pdf_font
from ivr.workflows.report_output import Column, Sheet
from ivr.workflows.report_pdf import to_pdf
from tests.mailbox import mailbox
from tests.web.house import House

PLACE = "/supervisor/reports/saved"
ADDRESS = "/supervisor/reports/calibration?zone=Europe/Berlin&topic=refunds"


@pytest.fixture
def box():
    with mailbox() as made:
        yield made


@pytest.fixture
def posted(tmp_path, redis_url, redis, free_port, box):
    """A house with a mail server and two supervisors."""
    del redis
    house = House(tmp_path, redis_url, free_port(), smtp_host="127.0.0.1", smtp_port=box.port, smtp_tls="none")
    for login in ("lead", "other"):
        house.account(login, Role.SUPERVISOR, language="en")
    yield house
    house.switchboard.close()


def keeps(house: House, login: str, *, title: str = "Waits told", shared: bool = False) -> str:
    client = house.client(login)
    form = {"csrf": client.token(), "address": ADDRESS, "title": title, **({"shared": "1"} if shared else {})}
    assert client.post(PLACE, data=form).status_code == 303
    (kept,) = [one for one in house.switchboard.site.shelf.keep.book.seen_by(login) if one.title == title]
    return kept.id


def changes(house: House, login: str, entry: str, **form: object):
    client = house.client(login)
    return client.post(f"{PLACE}/{entry}", data={"csrf": client.token(), **form})


def test_a_report_is_kept_with_what_was_chosen_for_oneself_or_for_all(posted):
    own, shared = keeps(posted, "lead"), keeps(posted, "lead", title="For all", shared=True)
    assert (
        "/supervisor/reports/calibration?zone=Europe%2FBerlin&amp;topic=refunds"
        in posted.client("lead").get(PLACE).text
    )
    seen = posted.client("other").get(PLACE).text
    assert ("For all" in seen, "Waits told" in seen) == (True, False)
    assert changes(posted, "other", shared, do="remove").status_code == 403
    assert changes(posted, "lead", own, do="remove").status_code == 303
    assert "Waits told" not in posted.client("lead").get(PLACE).text
    kept = [row.what for row in posted.switchboard.people.audit_rows(20)]
    assert kept.count("report.keep") == 2
    assert kept.count("report.forget") == 1


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"recipients": "nobody"}, "One of these is no mail address."),
        ({"recipients": ""}, "Name at least one mail address"),
        ({"hour": "24"}, "Choose an hour from 0 to 23."),
        ({"files": "exe"}, "Choose at least one kind of file."),
    ],
)
def test_a_wrong_schedule_is_refused_with_what_to_do(posted, form, says):
    entry = keeps(posted, "lead")
    usual = {"do": "schedule", "every": "day", "hour": "7", "recipients": "a@b.example", "files": "xlsx"}
    refused = changes(posted, "lead", entry, **{**usual, **form})
    assert (refused.status_code, says in refused.text) == (422, True)


def due(house: House, entry: str) -> None:
    """Its hour has come."""
    book = house.switchboard.site.shelf.keep.book
    found = book.find(entry)
    book.keep(Saved(**{**found.__dict__, "next_at": house.now - timedelta(seconds=1)}), house.now)


def test_each_due_time_sends_each_recipient_one_mail_with_its_files(posted, box):
    entry = keeps(posted, "lead")
    form = {
        "do": "schedule",
        "every": "day",
        "hour": "7",
        "recipients": "a@b.example, c@d.example",
        "files": ["xlsx", "csv", "pdf"],
    }
    assert changes(posted, "lead", entry, **form).status_code == 303
    shelf = ShelfParts(posted.switchboard)
    assert shelf.mail_reports() == 0, "not due yet"
    due(posted, entry)
    assert shelf.mail_reports() == 2
    assert ShelfParts(posted.switchboard).mail_reports() == 0, "one mail for each due time"
    assert sorted(recipient for recipient, _ in box.taken) == ["a@b.example", "c@d.example"]
    _, mail = box.taken[0]
    assert mail["Subject"].startswith("Waits told")
    days = mail["Subject"].split()[-3::2]
    link = f"/calibration?from={days[0]}&to={days[1]}&zone=Europe%2FBerlin&topic=refunds"
    assert link in mail.get_body().get_content(), "it leads to the days that are mailed"
    files = {part.get_filename().rpartition(".")[2]: part.get_content() for part in mail.iter_attachments()}
    assert files["xlsx"].startswith(b"PK")
    assert files["pdf"].startswith(b"%PDF-1.5")
    assert "Estimator" in str(files["csv"])
    found = posted.switchboard.site.shelf.keep.book.find(entry)
    assert found.next_at > posted.now, "the next one is planned"
    assert found.next_at.astimezone(ZoneInfo("Europe/Berlin")).hour == 7, (
        "on the clock of the report: its day is over then"
    )
    assert "sent" in posted.client("lead").get(PLACE).text


def test_days_of_an_outage_are_made_up_for(posted, box):
    entry = keeps(posted, "lead")
    form = {"do": "schedule", "every": "day", "hour": "7", "recipients": "a@b.example", "files": "csv"}
    assert changes(posted, "lead", entry, **form).status_code == 303
    book, shelf = posted.switchboard.site.shelf.keep.book, ShelfParts(posted.switchboard)
    planned = book.find(entry).next_at
    book.keep(replace(book.find(entry), next_at=planned - timedelta(days=3)), posted.now)
    assert [shelf.mail_reports() for _ in range(4)] == [1, 1, 1, 0]
    assert len({mail["Subject"] for _, mail in box.taken}) == 3, "each of its own day"
    assert book.find(entry).next_at == planned


def test_a_mail_that_is_refused_for_now_is_tried_again_and_one_refused_for_good_is_told(posted, box):
    entry = keeps(posted, "lead")
    form = {"do": "schedule", "every": "week", "hour": "7", "recipients": "a@b.example", "files": "xlsx"}
    changes(posted, "lead", entry, **form)
    book, shelf = posted.switchboard.site.shelf.keep.book, ShelfParts(posted.switchboard)
    box.answers = ["451 busy"]
    due(posted, entry)
    assert shelf.mail_reports() == 0
    (mail,) = book.mails([entry])
    assert (mail.state, mail.error, mail.tries) == (Sent.WAITING, "SMTP 451", 1)
    assert "tried again by itself" in posted.client("lead").get(PLACE).text
    again = book.claim(posted.now + timedelta(minutes=3))
    assert again is not None
    assert book.claim(posted.now + timedelta(minutes=4)) is None, "who claims it has it alone"
    assert book.claim(posted.now + timedelta(minutes=30)) is None, "what was interrupted is not sent again"
    assert book.mails([entry])[0].state is Sent.UNKNOWN
    box.answers = ["550 no such person"]
    assert changes(posted, "lead", entry, do="send").status_code == 303
    assert shelf.mail_reports() == 0
    newest = book.mails([entry])[0]
    assert (newest.state, newest.error) == (Sent.FAILED, "SMTP 550")
    assert "refuses this recipient or sender for good" in posted.client("lead").get(PLACE).text
    posted.account("root", Role.ADMIN, language="en")
    others_see = [posted.client(who).get(PLACE).text for who in ("root", "other")]
    assert ["SMTP 550" in page for page in others_see] == [True, False], (
        "a private one concerns its owner and the operator"
    )
    assert "refuses this recipient or sender for good" in others_see[0]
    assert "did not go out: " in posted.client("root").get("/supervisor/reports").text
    assert changes(posted, "lead", entry, do="share").status_code == 303
    assert "SMTP 550" in posted.client("other").get(PLACE).text
    assert changes(posted, "lead", entry, do="send").status_code == 303
    assert shelf.mail_reports() == 1
    assert box.taken[0][1]["To"] == "a@b.example"
    box.hangs_up = True
    assert changes(posted, "lead", entry, do="send").status_code == 303
    assert shelf.mail_reports() == 0
    newest = book.mails([entry])[0]
    assert (newest.state, len(box.taken)) == (Sent.UNKNOWN, 2), "handed over whole: it may have gone out"
    assert book.claim(posted.now + timedelta(days=1)) is None, "so it is not sent twice"
    assert "Ask the recipient" in posted.client("lead").get(PLACE).text


def test_a_report_that_cannot_be_made_is_told_and_keeps_no_other_back(posted, box):
    bad, good = (keeps(posted, "lead", title=title) for title in ("A", "B"))
    for entry in (bad, good):
        form = {"do": "schedule", "every": "day", "hour": "7", "recipients": "a@b.example", "files": "csv"}
        assert changes(posted, "lead", entry, **form).status_code == 303
        due(posted, entry)
    book = posted.switchboard.site.shelf.keep.book
    book.keep(replace(book.find(bad), chosen="zone=Mars/Base"), posted.now)
    assert ShelfParts(posted.switchboard).mail_reports() == 1
    assert [mail["Subject"][:1] for _, mail in box.taken] == ["B"]
    [mail] = book.mails([bad])
    assert (mail.state, mail.error) == (Sent.FAILED, "could not be made: ZoneInfoNotFoundError")
    assert "put its choices right" in posted.client("lead").get(PLACE).text


def test_every_report_that_can_be_kept_can_be_mailed(posted):
    shelf = ShelfParts(posted.switchboard)
    for name in sorted(shelf.keep.reports):
        saved = Saved(
            id=name, title=name, report=name, chosen="", owner="lead", shared=False, language="zh", zone="Asia/Shanghai",
            every=Every.DAY, files=("xlsx", "csv", "pdf"),
        )  # fmt: skip
        made = shelf._make(saved, "2026-11-02", "2026-11-02")
        assert [file.rpartition(".")[2] for file, _, _ in made.files] == ["xlsx", "csv", "pdf"], name
        assert f"/supervisor/reports/{name}?from=2026-11-02&to=2026-11-02" in made.text
        heads = made.files[1][2].decode().splitlines()[0].split(",")
        assert [head for head in heads if re.search("[a-z]{3}", head)] == [], f"{name}: for an owner who reads Chinese"
        text = (
            made.text.replace(saved.address_of("2026-11-02", "2026-11-02"), "")
            .replace(posted.origin, "")
            .replace(name, "")
            .replace(saved.zone, "")
        )
        assert re.search("[a-z]{4}", text.replace("complaint", "")) is None, text  # a word of menus


def test_whatever_page_offers_to_keep_itself_can_be_kept(posted):
    client, offered = posted.client("lead"), set()
    for rule in posted.app.url_map.iter_rules():
        if rule.rule.startswith("/supervisor/reports/") and "GET" in (rule.methods or ()) and rule.rule != PLACE:
            found = re.search(r'href="/supervisor/reports/saved\?add=([^"]+)"', client.get(rule.rule).text)
            if found:
                form = {"csrf": client.token(), "address": unquote(found[1]), "title": rule.rule}
                assert client.post(PLACE, data=form).status_code == 303, rule.rule
                offered.add(rule.rule.rpartition("/")[2])
    assert offered == set(posted.switchboard.site.shelf.keep.reports)


def test_a_report_on_paper_holds_both_scripts_and_repeats_its_headings():
    sheet = Sheet(
        title="等待 Waits",
        notes=(),
        columns=(Column(key="a", heading="topic"), Column(key="b", heading="calls")),
        rows=tuple((f"退款 {number}", number) for number in range(120)),
        totals=(("total", 7140),),
    )
    body = to_pdf("Waits told", ["2026-11-02, Europe/Berlin"], [sheet])
    streams = [zlib.decompress(one) for one in re.findall(rb"stream\n(.*?)\nendstream", body, re.DOTALL)]
    letters, unicode, *pages = streams[0], streams[1].decode(), *(one.decode("latin-1") for one in streams[2:])
    places = {char: place for place, char in re.findall("<(....)> <(....)>", unicode)}
    del places["ffff"]  # the end of all codes
    heading, chinese = b"topic".hex(), "".join(places[char.encode("utf-16-be").hex()] for char in "退款")
    font = CFFFontSet()
    font.decompile(io.BytesIO(letters), None)
    assert {f"cid{int(place, 16):05}" for place in places.values()} < {*font.topDictIndex[0].charset}
    assert len(body) < 20_000, "the letters that are needed, not the font"
    assert len(pages) > 1
    assert all(f"<{heading}>" in page for page in pages)
    assert f"<{chinese}>" in pages[-1]
    assert "/F1 8.00 Tf" in pages[-1], "figures beside Chinese stand in letters of their own width"
    assert f"<{b' 119'.hex()}>" in pages[-1]
    assert f"<{b'7140'.hex()}>" in pages[-1]
    start = int(re.findall(rb"startxref\n(\d+)", body)[0])
    assert body[start:].startswith(b"xref")
    for number, at in enumerate(re.findall(rb"^(\d{10}) 00000 n", body, re.MULTILINE), start=1):
        assert body[int(at) :].startswith(b"%d 0 obj" % number)


def test_where_the_font_was_not_fetched_a_report_on_paper_names_one(tmp_path, monkeypatch):
    monkeypatch.setattr(pdf_font, "FONT", tmp_path / "none.otf")
    body = to_pdf("没有字体", [], [])
    assert b"/BaseFont /STSong-Light" in body
    assert b"FontFile" not in body


def test_nothing_is_mailed_any_more_for_somebody_who_may_not_read_it(posted, box):
    entry = keeps(posted, "lead", title="For all", shared=True)
    form = {"do": "schedule", "every": "day", "hour": "7", "recipients": "a@b.example", "files": "xlsx"}
    assert changes(posted, "lead", entry, **form).status_code == 303
    [lead] = [account for account in posted.switchboard.people.accounts() if account.login == "lead"]
    posted.switchboard.people.set_disabled(lead.id, disabled=True)
    due(posted, entry)
    assert ShelfParts(posted.switchboard).mail_reports() == 0
    assert box.taken == []
    [mail] = posted.switchboard.site.shelf.keep.book.mails([entry])
    assert (mail.state, mail.error) == (Sent.FAILED, "no right to read reports: lead")
    posted.switchboard.people.set_disabled(lead.id, disabled=False)
    assert "Who keeps this report may not read reports any more" in posted.client("lead").get(PLACE).text
