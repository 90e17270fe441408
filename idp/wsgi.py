"""The application servers' entry: ``idp.wsgi:app``, with ``IDP_CONFIG`` naming the settings."""

import os
import threading

from idp.app import create_app
from idp.build_parts import build_parts
from idp.jobs import (
    make_logout_jobs,
    make_recheck_jobs,
    make_timed_jobs,
    start_apart,
    start_beside_requests,
)
from idp.log import configure_log
from idp.metrics_listener import MetricsListener
from idp.settings.load import load_settings

_settings = load_settings(None, os.environ)
configure_log(_settings.log.level)
_parts = build_parts(_settings)
app = create_app(_parts)

_metrics_bind = _settings.web.metrics_bind
_is_multiprocess = bool(os.environ.get("PROMETHEUS_MULTIPROC_DIR"))
_listener = MetricsListener(_metrics_bind, is_multiprocess=_is_multiprocess) if _metrics_bind else None
start_beside_requests(_parts, make_timed_jobs(_parts), _listener, threading.Event())
start_apart("idp-logouts", make_logout_jobs(_parts), threading.Event())
start_apart("idp-rechecks", make_recheck_jobs(_parts), threading.Event())
