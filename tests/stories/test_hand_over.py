"""From the telephone to another channel, by the link that was texted (`DOMAIN.md` C3)."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest

from tests.stories.evidence import Browser, link_in

ANA = "+14155550123"


def asks_for_contacts(town, key):
    call = town.caller(ANA)
    town.presses(call, key)
    town.passes(2)
    town.presses(call, "511")
    case = town.session(call).case
    assert case is not None
    return call, case


@pytest.mark.parametrize(("key", "subject"), [("1", quote("工单")), ("2", "case%20")])
def test_c03_the_texted_link_leads_to_form_mail_and_chat_with_the_case_number(town, key, subject):
    call, case = asks_for_contacts(town, key)
    phone = Browser(link_in(town, ANA))
    page = phone.opens()
    assert page.status == 200
    assert 'name="what"' in page.text
    assert f'href="https://help.tpwallet.example/chat?case={case.number}"' in page.text
    [mail] = re.findall(r'href="(mailto:[^"]+)"', page.text)
    assert mail.startswith("mailto:support@help.tpwallet.example?subject=")
    assert subject + case.number in mail.partition("&amp;body=")[0]
    assert phone.sends(what="written instead of spoken").status == 200
    call.hangs_up()
    over = Browser(phone.link).opens()
    assert over.status == 410
    assert case.number not in over.text


def test_c03_a_link_that_is_too_old_offers_no_way_at_all(town):
    call, case = asks_for_contacts(town, "2")
    call.hangs_up()
    town.settle()
    town.network.clock.advance(24 * 3600)
    page = Browser(link_in(town, ANA)).opens()
    assert page.status == 410
    assert case.number not in page.text
    assert "mailto:" not in page.text


def test_c02_a_changed_address_stands_on_the_page_of_a_link_that_was_texted_before(hotline):
    town = hotline.town
    call, case = asks_for_contacts(town, "1")
    hotline.changes(("https://help.tpwallet.example/chat", "https://help.tpwallet.example/talk-to-us"))
    for language in ("zh", "en"):
        page = Browser(link_in(town, ANA)).opens(f"?lang={language}")
        assert f'href="https://help.tpwallet.example/talk-to-us?case={case.number}"' in page.text
    call.hangs_up()
