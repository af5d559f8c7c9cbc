"""Addresses of channels: which may be given out, and what goes along in a link."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from ivr.core.channels import AddressKind, fault, kind_of, mail_link, with_case

HOSTS = ["help.house.example", "house.example"]


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("support@house.example", AddressKind.MAIL),
        ("https://help.house.example/chat", AddressKind.LINK),
        ("http://help.house.example/chat", AddressKind.LINK),
        ("www.house.example", AddressKind.LINK),
        ("javascript:alert(1)", AddressKind.LINK),
        ("//evil.test/x", AddressKind.LINK),
        ("tpWallet官方", AddressKind.WORDS),
        ("App › Help", AddressKind.WORDS),
    ],
)
def test_what_an_address_is(address, kind):
    assert kind_of(address) is kind


@pytest.mark.parametrize(
    "address",
    [
        "https://help.house.example/chat",
        "https://help.house.example:443/chat?lang=en#top",
        "support@house.example",
        "support@mail.house.example",
        "tpWallet官方",
    ],
)
def test_addresses_that_may_be_given_out(address):
    assert fault(address, HOSTS) is None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://help.house.example/chat", "must be a link that begins with https://"),
        ("ftp://help.house.example/chat", "must be a link that begins with https://"),
        ("javascript:alert(1)", "must be a link that begins with https://"),
        ("//help.house.example/chat", "must be a link that begins with https://"),
        ("https:///chat", "must be a link that begins with https://"),
        ("https://me:pw@help.house.example/", "must name its host alone"),
        ("https://help.house.example@evil.test/", "must name its host alone"),
        ("https://help.house.example:8443/", "must name its host alone"),
        ("https://help.house.example\\@evil.test/", "must name its host alone"),
        ("https://help.house.example:port/", "is no address"),
        ("https://evil.test/help.house.example", "leads to evil.test, which is not among links"),
        ("https://help.house.example.evil.test/", "leads to help.house.example.evil.test, which is not among links"),
        ("support@evil.test", "leads to evil.test, which is not among links"),
        ("evil.test/chat", "leads to evil.test, which is not among links"),
        ("write to support@evil.test please", "evil.test, which is not among links"),
    ],
)
def test_addresses_that_may_not(address, why):
    assert why in (fault(address, HOSTS) or "")


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("https://help.house.example/chat", "https://help.house.example/chat?case=12345674"),
        ("https://help.house.example/chat?lang=zh#talk", "https://help.house.example/chat?lang=zh&case=12345674#talk"),
        ("https://help.house.example/chat?case=1&case=2", "https://help.house.example/chat?case=12345674"),
        ("https://evil.test/chat", "https://evil.test/chat"),
        ("https://help.house.example@evil.test/", "https://help.house.example@evil.test/"),
        ("tpWallet官方", "tpWallet官方"),
    ],
)
def test_the_case_number_goes_along_in_links_to_listed_hosts_alone(link, made):
    assert with_case(link, parameter="case", number="12345674", allowed=HOSTS) == made


def test_a_link_that_takes_no_case_number_stays_as_it_is():
    link = "https://help.house.example/chat"
    assert with_case(link, parameter="", number="12345674", allowed=HOSTS) == link
    assert with_case(link, parameter="case", number="", allowed=HOSTS) == link


def test_an_email_opens_with_its_words_whatever_stands_in_them():
    subject, body = "转账 & 交易: case 12345674?", "One line\nand 100 % of another\n\n#3"
    made = mail_link("support+hotline@house.example", subject=subject, body=body)
    parts = urlsplit(made)
    assert (parts.scheme, parts.path, parts.fragment) == ("mailto", "support%2Bhotline@house.example", "")
    said = parse_qs(parts.query, strict_parsing=True)
    assert said == {"subject": [subject], "body": [body.replace("\n", "\r\n")]}
    assert "+" not in parts.query
    assert "\n" not in unquote(parts.path)
