"""One provider a test, without a network."""

from tests.support.one_provider import (
    browser,
    browser_presenter,
    present_with,
    presenter,
    provider,
    relying_party,
    without_network,
)

__all__ = [
    "browser",
    "browser_presenter",
    "present_with",
    "presenter",
    "provider",
    "relying_party",
    "without_network",
]
