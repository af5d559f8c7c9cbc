"""The application for a WSGI server: settings, switchboard, app."""

from ivr.app import create_app
from ivr.settings import load_settings
from ivr.wiring import connect

app = create_app(connect(load_settings()))
