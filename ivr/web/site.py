"""All pages in one call: `add_site(app, site)`.

`app` registers the voice routes beside them and ends with `security.check_policies(app)`. The event pool builds the
same app with `parts=("streams",)`; sign-in, errors and headers are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from flask import Flask, request

from ivr.web.admin_menus import menus_admin_blueprint
from ivr.web.admin_people import people_admin_blueprint
from ivr.web.admin_queues import queues_admin_blueprint
from ivr.web.admin_shifts import shifts_admin_blueprint
from ivr.web.admin_teams import teams_admin_blueprint
from ivr.web.admin_tokens import tokens_admin_blueprint
from ivr.web.admin_webhooks import webhooks_admin_blueprint
from ivr.web.after import after_blueprint
from ivr.web.alerts import alerts_blueprint
from ivr.web.api import api_blueprint
from ivr.web.api_v1 import api_v1_blueprint
from ivr.web.auth import auth_blueprint
from ivr.web.breaks import breaks_blueprint
from ivr.web.call_page import call_page_blueprint
from ivr.web.calls import calls_blueprint
from ivr.web.carrier import carrier_blueprint
from ivr.web.cases import cases_blueprint
from ivr.web.cost import cost_blueprint
from ivr.web.desk import desk_blueprint
from ivr.web.doors import Site
from ivr.web.evidence import evidence_blueprint
from ivr.web.feed import feed_blueprint
from ivr.web.i18n import add_languages
from ivr.web.incident import incident_blueprint
from ivr.web.my_day import my_day_blueprint
from ivr.web.pages import add_error_pages, add_template_words, pages_blueprint
from ivr.web.report_index import report_index_blueprint
from ivr.web.reports import reports_blueprint
from ivr.web.room_api import room_api_blueprint
from ivr.web.saved_reports import saved_reports_blueprint
from ivr.web.security import add_guard
from ivr.web.shared_call import shared_call_blueprint
from ivr.web.shelf import shelf_blueprint
from ivr.web.streams import Seats, streams_blueprint
from ivr.web.tickets import tickets_blueprint
from ivr.web.wallboard import wallboard_blueprint

WEB = Path(__file__).parent
LARGEST_BODY = 64 * 1024
LARGEST_MENU = 1024 * 1024
"""256 KiB of menu, as a form writes them."""


def new_app() -> Flask:
    """A Flask app with our templates and static files, and nothing in it yet."""
    app = Flask("ivr.web", template_folder=str(WEB / "templates"), static_folder=str(WEB / "static"))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json.sort_keys = False  # type: ignore[attr-defined]
    return app


def _room_for_menus() -> None:
    """A menu is a larger form than any other."""
    if request.endpoint == "admin_menus.propose":
        request.max_content_length = LARGEST_MENU
        request.max_form_memory_size = LARGEST_MENU


def add_site(app: Flask, site: Site, *, parts: Collection[str] = ("pages", "streams")) -> None:
    app.extensions["ivr_site"] = site
    app.before_request(_room_for_menus)
    add_languages(app, site)
    add_guard(app, site)
    add_template_words(app, site)
    add_error_pages(app)
    if "streams" in parts:
        seats = Seats(in_all=site.streams, per_person=site.streams_per_person)
        app.register_blueprint(streams_blueprint(site, seats))
        app.register_blueprint(feed_blueprint(site, seats))
    if "pages" in parts:
        app.register_blueprint(pages_blueprint(site))
        app.register_blueprint(auth_blueprint(site))
        app.register_blueprint(desk_blueprint(site))
        app.register_blueprint(wallboard_blueprint(site))
        app.register_blueprint(room_api_blueprint(site))
        app.register_blueprint(report_index_blueprint(site))
        app.register_blueprint(reports_blueprint(site))
        app.register_blueprint(shelf_blueprint(site))
        app.register_blueprint(saved_reports_blueprint(site))
        app.register_blueprint(after_blueprint(site))
        app.register_blueprint(incident_blueprint(site))
        app.register_blueprint(alerts_blueprint(site))
        app.register_blueprint(people_admin_blueprint(site))
        app.register_blueprint(queues_admin_blueprint(site))
        app.register_blueprint(menus_admin_blueprint(site))
        app.register_blueprint(shifts_admin_blueprint(site))
        app.register_blueprint(teams_admin_blueprint(site))
        app.register_blueprint(webhooks_admin_blueprint(site))
        app.register_blueprint(tokens_admin_blueprint(site))
        app.register_blueprint(api_v1_blueprint(site))
        app.register_blueprint(cases_blueprint(site))
        app.register_blueprint(calls_blueprint(site))
        app.register_blueprint(carrier_blueprint(site))
        app.register_blueprint(call_page_blueprint(site))
        app.register_blueprint(shared_call_blueprint(site))
        app.register_blueprint(cost_blueprint(site))
        app.register_blueprint(breaks_blueprint(site))
        app.register_blueprint(my_day_blueprint(site))
        app.register_blueprint(api_blueprint(site))
        app.register_blueprint(evidence_blueprint(site))
        app.register_blueprint(tickets_blueprint(site))
