"""Pages in Mandarin and English.

Texts are written in English in the code and the templates; the catalogs in `translations/` are plain `.po` files, compiled in
memory when the app is built, so there is no compiled file that could be older than its source. The language of a
page is the one chosen (cookie, then account), else the browser's, else Mandarin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, request

from ivr.core.ids import Language
from ivr.web.doors import Site
from ivr.web.security import cookie_name, current_person

TRANSLATIONS = Path(__file__).parent / "translations"
LOCALES: Mapping[str, str] = {"zh": "zh_CN", "en": "en"}
"""Page languages and their catalogs."""
HTML_LANGUAGES: Mapping[str, str] = {"zh": "zh-CN", "en": "en"}
DEFAULT = "zh"
THEMES = ("auto", "light", "dark")


def catalog_file(language: str) -> Path:
    return TRANSLATIONS / LOCALES[language] / "LC_MESSAGES" / "messages.po"


def read_catalog(language: str) -> Catalog:
    with catalog_file(language).open("rb") as file:
        return read_po(file, locale=LOCALES[language])


@cache
def translations(language: str) -> GNUTranslations:
    compiled = BytesIO()
    write_mo(compiled, read_catalog(language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def add_languages(app: Flask, site: Site) -> None:
    """Give templates `_()` in the language of the request."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True
    )
    for language in LOCALES:
        translations(language)

    @app.before_request
    def choose() -> None:
        g.language = None
        g.site_for_language = site


_spoken: ContextVar[str] = ContextVar("spoken", default="")


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Where there is no request, as for what is mailed: the language of whoever will read it."""
    before = _spoken.set(language if language in LOCALES else DEFAULT)
    try:
        yield
    finally:
        _spoken.reset(before)


def page_language() -> Language:
    """The language of this request's page: `zh` or `en`; that of `speaking` within it."""
    if spoken := _spoken.get():
        return Language(spoken)
    if g.get("language") is None:
        g.language = _choose(g.site_for_language) if "site_for_language" in g else DEFAULT
    return Language(str(g.language))


def _choose(site: Site) -> str:
    cookie = request.cookies.get(cookie_name(site, "ivr-language"), "")
    if cookie in LOCALES:
        return cookie
    person = current_person(site)
    if person is not None and person.language in LOCALES:
        return person.language
    return request.accept_languages.best_match(["zh", "zh-CN", "en"], DEFAULT).partition("-")[0]


def page_theme(site: Site) -> str:
    """`light`, `dark` or `auto` (as the system)."""
    cookie = request.cookies.get(cookie_name(site, "ivr-theme"))
    if cookie in THEMES:
        return cookie
    person = current_person(site)
    return person.theme if person is not None and person.theme in THEMES else "auto"


def gettext(text: str) -> str:
    return translations(page_language()).gettext(text)


def ngettext(one: str, many: str, number: int) -> str:
    return translations(page_language()).ngettext(one, many, number)


def site_time(at: datetime) -> str:
    """Local time as both languages write it in tables."""
    return at.strftime("%Y-%m-%d %H:%M")
