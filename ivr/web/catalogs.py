"""Keep the catalogs: `python -m ivr.web.catalogs` collects every text of the pages into both `.po` files.

Texts that are gone are dropped, new ones are left to translate (English repeats itself); `problems()` is what the
tests ask.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import write_po

from ivr.web.i18n import LOCALES, catalog_file, read_catalog

WEB = Path(__file__).parent
METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
WORKFLOWS = WEB.parent / "workflows"
WORDS = {"words": None}
"""Further reports hand their sentences to `Asked.words`; they stand in the workflows, which know no language."""
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2)}
HEADER = """# Texts of the pages. Collected by `python -m ivr.web.catalogs`; translate below `msgid`.
msgid ""
msgstr ""
"Language: {locale}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
SLOT = re.compile(r"%\(\w+\)s|\{\w+\}")


def collected() -> Catalog:
    """Every text of pages and scripts."""
    catalog = Catalog(project="hotline", fuzzy=False)
    found = extract_from_dir(
        str(WEB), METHODS, keywords=KEYWORDS, options_map={"**/templates/**.html": {"silent": "false"}}
    )
    reports = extract_from_dir(str(WORKFLOWS), [("report_*.py", "python")], keywords=WORDS)
    for file, _line, message, _comments, context in (*found, *reports):
        catalog.add(message, locations=[(file, 0)], context=context)
    return catalog


def update(language: str) -> None:
    file = catalog_file(language)
    fresh = collected()
    catalog = read_catalog(language) if file.exists() else Catalog(locale=LOCALES[language], fuzzy=False)
    catalog.update(fresh, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    if language == "en":
        for message in catalog:
            if message.id and not message.string:
                message.string = message.id
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as out:
        out.write(HEADER.format(locale=LOCALES[language]).encode())
        write_po(out, catalog, width=120, omit_header=True, no_location=True, sort_output=True)


def problems(language: str) -> Iterator[str]:
    """What is missing, left over or wrongly slotted in a catalog."""
    catalog, fresh = read_catalog(language), collected()
    for message in fresh:
        if not message.id:
            continue
        kept = catalog.get(message.id)
        if kept is None or not kept.string:
            yield f"{language}: {message.id!r} is not translated"
        elif sorted(SLOT.findall(str(message.id))) != sorted(SLOT.findall(str(kept.string))):
            yield f"{language}: {message.id!r} has other slots in its translation"
    for message in catalog:
        if message.id and message.id not in fresh:
            yield f"{language}: {message.id!r} is used nowhere"


if __name__ == "__main__":
    for each in LOCALES:
        update(each)
