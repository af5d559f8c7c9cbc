"""The application for a WSGI server: settings, switchboard, app."""

from ivr import logs
from ivr.app import create_app
from ivr.settings import load_settings
from ivr.wiring import connect

settings = load_settings()
logs.set_up(level=settings.log_level, form=settings.log_format, process="web")
app = create_app(connect(settings))
