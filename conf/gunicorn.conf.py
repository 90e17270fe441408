"""How gunicorn runs the provider. Addresses and counts come from the settings, through `idp serve`."""

# Threads, because a worker waits for the database; several workers, because Python runs on one core at a time.
worker_class = "gthread"

# No state is kept in a process, so a worker may be replaced at any moment; the jitter keeps them from going at once.
max_requests = 100_000
max_requests_jitter = 10_000

# Longer than any request may take, shorter than a person's patience.
timeout = 30
graceful_timeout = 20
keepalive = 5

# RFC 9112 §3 asks for 8,000 octets of request line; authorization requests by GET need no more here.
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 8190

# Who is trusted to speak for a browser is decided in one place, web.trusted_proxies; gunicorn is to change nothing.
forwarded_allow_ips = ""
forwarder_headers = ""
secure_scheme_headers = {}

# Our own log says what matters, without addresses and query strings.
accesslog = None
errorlog = "-"
loglevel = "warning"
