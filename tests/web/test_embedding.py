"""Who may frame the desk, how far its cookies go, and what may be looked up without a call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.settings import SettingsError, load_settings
from ivr.workflows.open_matter import MOST
from tests.web.house import House

ANA = "+8613800138021"
CRM = "https://crm.example.org"


@pytest.fixture
def framed(tmp_path: Path, redis_url: str, redis: object, free_port: Callable[[], int]) -> Iterator[House]:
    del redis
    made = House(tmp_path, redis_url, free_port(), embed_origins=f"{CRM}, https://a.example:8443")
    made.agent("a1001")
    yield made
    made.switchboard.close()


def policy(browser, path: str) -> tuple[str, str | None]:
    headers = browser.get(path).headers
    rule = next(part for part in headers["Content-Security-Policy"].split("; ") if part.startswith("frame-ancestors"))
    return rule, headers.get("X-Frame-Options")


def test_nobody_frames_a_page_unless_it_was_set(staffed):
    browser = staffed.client("a1001")
    for path in ("/agent", "/login", "/agent/day"):
        assert policy(browser, path) == ("frame-ancestors 'none'", "DENY")


def test_the_origins_that_were_set_frame_the_desk_and_its_sign_in_and_nothing_else(framed):
    browser = framed.client("a1001")
    assert policy(browser, "/agent") == (f"frame-ancestors {CRM} https://a.example:8443", None)
    assert policy(framed.client(), "/login") == (f"frame-ancestors {CRM} https://a.example:8443", None)
    for path in ("/agent/day", "/supervisor/cases", "/phone"):
        assert policy(browser, path) == ("frame-ancestors 'none'", "DENY")


@pytest.mark.parametrize(("origins", "wanted"), [(CRM, "SameSite=None"), ("", "SameSite=Lax")])
def test_cookies_reach_a_frame_on_another_site_only_where_there_may_be_one(
    tmp_path, redis_url, redis, free_port, origins, wanted
):
    del redis
    house = House(
        tmp_path, redis_url, free_port(), public_url="https://hotline.example.org", embed_origins=origins
    )  # fmt: skip
    try:
        answer = house.client().get("/login", base_url="https://hotline.example.org")
        [cookie] = answer.headers.getlist("Set-Cookie")
        assert wanted in cookie
        assert "Secure" in cookie
        assert ("Partitioned" in cookie) == bool(origins)
    finally:
        house.switchboard.close()


@pytest.mark.parametrize(
    "origins",
    ["*", "https://*.example.org", "crm.example.org", "http://crm.example.org", "https://crm.example.org/path",
     "https://crm.example.org 'unsafe-inline'", "https://a@b.example", "https://crm.example.org;script-src *", "null"],
)  # fmt: skip
def test_what_is_no_origin_is_refused_when_the_service_starts(monkeypatch, origins, tmp_path):
    monkeypatch.setenv("IVR_EMBED_ORIGINS", f"http://127.0.0.1:9000,{origins}")
    monkeypatch.setenv("IVR_DATA_DIR", str(tmp_path))
    with pytest.raises(SettingsError, match="IVR_EMBED_ORIGINS"):
        load_settings(None)


def test_a_number_that_is_looked_up_is_masked_counted_and_written_down(staffed):
    browser = staffed.client("a1001")
    found = browser.asks("/api/v1/desk/matter", {"number": "+86 138-0013 8021"}).json
    assert found == {"number": "+86 138****21", "case": None, "asked_case": "", "open_cases": [], "earlier": []}
    row = next(one for one in staffed.switchboard.people.audit_rows() if one.what == "number.look_up")
    assert (row.who, row.object) == ("a1001", "+86 138****21")
    for _ in range(MOST - 1):
        assert browser.asks("/api/v1/desk/matter", {"number": ANA}).status_code == 200
    answer = browser.asks("/api/v1/desk/matter", {"number": ANA})
    assert (answer.status_code, answer.json["error"]) == (429, "too_many_numbers")


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({}, "bad_number"),
        ({"number": "13800138021"}, "bad_number"),
        ({"number": "+86 call me"}, "bad_number"),
        ({"number": "+8613800138021;ext=1"}, "bad_number"),
        ({"case": "12345678"}, "bad_case"),
        ({"case": "../../etc"}, "bad_case"),
        ({"number": "sip:a@b", "case": ""}, "bad_number"),
    ],
)
def test_what_is_no_number_and_no_case_is_refused(staffed, asked, error):
    answer = staffed.client("a1001").asks("/api/v1/desk/matter", asked)
    assert (answer.status_code, answer.json["error"]) == (422, error)
    assert staffed.client("a1001").asks("/api/v1/desk/matter", {"number": 1}).status_code == 400
