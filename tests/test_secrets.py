"""No secret lies in the repository, and the operator's own files do not get into it (`RELIABILITY.md` S-111)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SHAPES = {
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "an account or key of a carrier": re.compile(r"\b(?:AC|SK|AP)[0-9a-f]{32}\b"),
    "a cloud key": re.compile(r"\bAKIA[0-9A-Z]{16}\b|\bAIza[0-9A-Za-z_-]{35}\b"),
    "a token": re.compile(r"\b(?:gh[pousr]_[0-9A-Za-z]{30,}|glpat-[0-9A-Za-z_-]{20,}|xox[abp]-[0-9A-Za-z-]{20,})"),
    "a signed token": re.compile(r"\beyJ[0-9A-Za-z_-]{20,}\.eyJ[0-9A-Za-z_-]{20,}\.[0-9A-Za-z_-]{10,}"),
    "a password in an address": re.compile(
        r"\b(?:postgresql|postgres|redis|rediss|https?)://[^\s:/@{}<>$]+:([^\s@{}<>$]{6,})@"
    ),
    "a value of a secret": re.compile(
        r"(?i)\b(?:auth_token|api_secret|secret_key|password)(?:_old)?\b['\"]?\s*[=:]\s*['\"]?([0-9a-zA-Z_+/-]{24,})['\"]?\s*$",
        re.MULTILINE,
    ),
}
OWN = ("IVR_", "TWILIO_")
FALSE = re.compile(r"k7Q2|hidden|example|(.)\1{7}|0123456789")
"""What tests write where a secret belongs: plain repetitions and words."""
GENERATED = re.compile(r"\.lock$|package-lock\.json$|\.(png|wav|mp3|svg|woff2?|ico)$")


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name]


def found_in(text: str) -> list[str]:
    return [
        f"{what}: line {text.count(chr(10), 0, match.start()) + 1}"
        for what, shape in SHAPES.items()
        for match in shape.finditer(text)
        if not FALSE.search(match[0])
    ]


def test_nothing_in_the_repository_looks_like_a_secret():
    guilty = {}
    for name in tracked():
        path = ROOT / name
        if not GENERATED.search(name) and path.is_file() and (found := found_in(path.read_text("utf-8", "replace"))):
            guilty[name] = found
    assert guilty == {}


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "TWILIO_ACCOUNT_SID=AC" + "3f9a1c0e7b5d2468" * 2,
        "url = postgresql://ivr:" + "s3cr3tword@db/ivr",
        "auth_token: " + "9b1deb4d3b7d4bad9bdd2b0d7b3dcb6d",
        "AKIA" + "IOSFODNN7QQQQQQQ",
    ],
)
def test_what_looks_like_a_secret_is_found(text):
    assert found_in(text)


@pytest.mark.parametrize("name", [".env", "var/secrets.json", "var/ivr.sqlite3", "var/redis/dump.rdb"])
def test_the_operators_own_files_are_ignored(name):
    assert subprocess.run(["git", "check-ignore", "-q", name], cwd=ROOT, check=False).returncode == 0, name
    assert name not in tracked()


def test_the_example_of_settings_holds_no_value():
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    values = [line for line in lines if line.lstrip("#").startswith(OWN) and not line.endswith("=")]
    assert values == []


def test_every_locked_package_is_pinned_by_its_hash():
    for name in ("requirements.lock", "requirements-dev.lock"):
        entries = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text("utf-8"))
        pins = [entry for entry in entries if re.match(r"[a-z0-9][a-z0-9._-]*(\[[a-z,]+\])?==", entry)]
        assert len(pins) > 20
        assert [entry.split()[0] for entry in pins if "--hash=sha256:" not in entry] == [], name
