"""The carrier's languages and voices (`FACTS.md` 3.1). A wrong name or a mismatch makes it say nothing."""

from __future__ import annotations

import re

from ivr.storage.files.problems import did_you_mean

_LOCALES = (
    "af-ZA", "am-ET", "ar-AE", "ar-XA", "arb", "bg-BG", "bn-IN", "ca-ES", "cmn-CN", "cmn-TW", "cs-CZ", "cy-GB",
    "da-DK", "de-AT", "de-DE", "el-GR", "en-AU", "en-CA", "en-GB", "en-GB-WLS", "en-IE", "en-IN", "en-NZ",
    "en-US", "en-ZA", "es-ES", "es-MX", "es-US", "fi-FI", "fil-PH", "fr-BE", "fr-CA", "fr-FR", "gu-IN", "he-IL",
    "hi-IN", "hu-HU", "id-ID", "is-IS", "it-IT", "ja-JP", "kn-IN", "ko-KR", "lv-LV", "ml-IN", "mr-IN", "ms-MY",
    "nb-NO", "nl-BE", "nl-NL", "pa-IN", "pl-PL", "pt-BR", "pt-PT", "ro-RO", "ru-RU", "sk-SK", "sr-RS", "sv-SE",
    "ta-IN", "te-IN", "th-TH", "tr-TR", "uk-UA", "vi-VN", "yue-HK", "zh-CN", "zh-HK", "zh-TW",
)  # fmt: skip
LOCALES = frozenset(_LOCALES)
BASIC = frozenset({"man", "woman", "alice"})
_US = ("Joanna", "Matthew", "Salli", "Kendra", "Kimberly", "Ivy", "Justin", "Joey", "Kevin")
_CHIRP = ("Aoede", "Charon", "Fenrir", "Kore", "Leda", "Orus", "Puck", "Zephyr")
POLLY: dict[str, frozenset[str]] = {
    "cmn-CN": frozenset({"Polly.Zhiyu", "Polly.Zhiyu-Neural"}),
    "cmn-TW": frozenset(),
    "yue-HK": frozenset({"Polly.Hiujin-Neural"}),
    "en-US": frozenset(
        [f"Polly.{name}" for name in _US]
        + [f"Polly.{name}-Neural" for name in [*_US, "Ruth", "Stephen", "Danielle"]]
        + [f"Polly.{name}-Generative" for name in ("Joanna", "Matthew", "Ruth", "Stephen", "Danielle")]
    ),
}
GOOGLE: dict[str, frozenset[str]] = {
    "cmn-CN": frozenset(
        [f"Google.cmn-CN-{kind}-{letter}" for kind in ("Standard", "Wavenet") for letter in "ABCD"]
        + [f"Google.cmn-CN-Chirp3-HD-{name}" for name in _CHIRP]
    ),
    "cmn-TW": frozenset(f"Google.cmn-TW-{kind}-{letter}" for kind in ("Standard", "Wavenet") for letter in "ABC"),
    "yue-HK": frozenset(f"Google.yue-HK-Standard-{letter}" for letter in "ABCD"),
}
POLLY_FORM = re.compile(r"Polly\.[A-Z][a-z]+(-Neural|-Generative)?")
GOOGLE_FORM = re.compile(r"Google\.([a-z]{2,3}-[A-Z]{2})-(Standard|Wavenet|Neural2|Chirp3-HD)-[A-Za-z]+")


def wrong_locale(locale: str) -> str | None:
    """What is wrong with the carrier's name of a language, or None."""
    if locale in LOCALES:
        return None
    return f"'{locale}' is not a language of the carrier{did_you_mean(locale, LOCALES)}"


def wrong_voice(voice: str, locale: str) -> str | None:
    """What is wrong with a voice for a locale, or None. Voices of locales that are not listed are checked by form."""
    if voice in BASIC:
        return None
    listed = POLLY.get(locale, frozenset()) | GOOGLE.get(locale, frozenset())
    google = GOOGLE_FORM.fullmatch(voice)
    if google and google.group(1) != locale:
        return f"'{voice}' speaks {google.group(1)}, not {locale}"
    if (google and locale not in GOOGLE) or voice in listed:
        return None
    if POLLY_FORM.fullmatch(voice) and locale not in POLLY:
        elsewhere = next((other for other, names in POLLY.items() if voice in names), None)
        return f"'{voice}' speaks {elsewhere}, not {locale}" if elsewhere else None
    return f"'{voice}' is not a voice of {locale}{did_you_mean(voice, listed)}"
