"""All pages in one call: `add_site(app, site)`.

`app` registers the voice routes beside them and ends with `security.check_policies(app)`. The event pool builds the
same app with `parts=("streams",)`; sign-in, errors and headers are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from flask import Flask

from ivr.web.after import after_blueprint
from ivr.web.alerts import alerts_blueprint
from ivr.web.api import api_blueprint
from ivr.web.auth import auth_blueprint
from ivr.web.breaks import breaks_blueprint
from ivr.web.calls import calls_blueprint
from ivr.web.carrier import carrier_blueprint
from ivr.web.cases import cases_blueprint
from ivr.web.desk import desk_blueprint
from ivr.web.doors import Site
from ivr.web.evidence import evidence_blueprint
from ivr.web.i18n import add_languages
from ivr.web.incident import incident_blueprint
from ivr.web.my_day import my_day_blueprint
from ivr.web.pages import add_error_pages, add_template_words, pages_blueprint
from ivr.web.reports import reports_blueprint
from ivr.web.security import add_guard
from ivr.web.streams import streams_blueprint
from ivr.web.tickets import tickets_blueprint
from ivr.web.wallboard import wallboard_blueprint

WEB = Path(__file__).parent
LARGEST_BODY = 64 * 1024


def new_app() -> Flask:
    """A Flask app with our templates and static files, and nothing in it yet."""
    app = Flask("ivr.web", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static"))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    return app


def add_site(app: Flask, site: Site, *, parts: Collection[str] = ("pages", "streams")) -> None:
    app.extensions["ivr_site"] = site
    add_languages(app, site)
    add_guard(app, site)
    add_template_words(app, site)
    add_error_pages(app)
    if "streams" in parts:
        app.register_blueprint(streams_blueprint(site))
    if "pages" in parts:
        app.register_blueprint(pages_blueprint(site))
        app.register_blueprint(auth_blueprint(site))
        app.register_blueprint(desk_blueprint(site))
        app.register_blueprint(wallboard_blueprint(site))
        app.register_blueprint(reports_blueprint(site))
        app.register_blueprint(after_blueprint(site))
        app.register_blueprint(incident_blueprint(site))
        app.register_blueprint(alerts_blueprint(site))
        app.register_blueprint(cases_blueprint(site))
        app.register_blueprint(calls_blueprint(site))
        app.register_blueprint(carrier_blueprint(site))
        app.register_blueprint(breaks_blueprint(site))
        app.register_blueprint(my_day_blueprint(site))
        app.register_blueprint(api_blueprint(site))
        app.register_blueprint(evidence_blueprint(site))
        app.register_blueprint(tickets_blueprint(site))
