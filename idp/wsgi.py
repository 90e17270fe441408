"""The application servers' entry: ``gunicorn idp.wsgi:app`` with ``IDP_CONFIG`` naming the settings."""

import os

from idp.app import create_app
from idp.log import configure_log
from idp.parts import build_parts
from idp.settings.load import load_settings

_settings = load_settings(None, os.environ)
configure_log(_settings.log.level)
app = create_app(build_parts(_settings))
