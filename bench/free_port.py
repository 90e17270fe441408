"""A loopback port that nobody has."""

import socket


def free_port() -> int:
    """The port, free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
