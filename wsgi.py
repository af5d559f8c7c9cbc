"""The application for a WSGI server: settings, switchboard, app."""

from ivr import logs
from ivr.app import create_app
from ivr.settings import load_settings
from ivr.wiring import connect

settings = load_settings()
logs.set_up(level=settings.log_level, form=settings.log_format, process="web")
switchboard = connect(settings)
app = create_app(switchboard)
switchboard.watch_menus.start(switchboard.closing)
