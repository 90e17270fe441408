"""Whom this process may connect to when somebody else chose the address: the public Internet and what was allowed.

The name is resolved once, every address it has is judged, and the connection goes to an address that was: a second
answer of the name service (DNS rebinding) is never asked for. Source: RFC 9700 §4.11, OWASP SSRF prevention.
"""

import ipaddress
import math
import time
from collections.abc import Iterable
from typing import Any, Final

import httpcore

from idp.outbound.name_resolution import Resolver, resolve

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

LOOPBACK_NETWORKS: Final[tuple[IpNetwork, ...]] = (
    ipaddress.IPv4Network("127.0.0.0/8"),
    ipaddress.IPv6Network("::1/128"),
)
_NOT_PUBLIC: Final[tuple[IpNetwork, ...]] = (
    ipaddress.IPv4Network("192.0.0.0/24"),
    ipaddress.IPv6Network("fec0::/10"),
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


class AddressForbidden(Exception):
    """A host that is, or has among its addresses, one that may not be called; nothing was sent."""


def is_callable(address: str, allowed: Iterable[IpNetwork] = ()) -> bool:
    """Whether an address is public, or in a network that the operator allowed.

    An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64) is judged as what it will reach.
    """
    try:
        parsed: IpAddress = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    reached = _reached(parsed)
    if any(reached.version == network.version and reached in network for network in allowed):
        return True
    if reached.is_multicast or reached.is_reserved or reached.is_unspecified or not reached.is_global:
        return False
    # What the standard library takes for public: protocol assignments (RFC 6890), and site-local ones, deprecated.
    return not any(reached.version == network.version and reached in network for network in _NOT_PUBLIC)


def _reached(address: IpAddress) -> IpAddress:
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo
    return address.ipv4_mapped or address.sixtofour or (teredo[1] if teredo else None) or address


class GuardedBackend(httpcore.NetworkBackend):
    """A network of httpcore that connects only to callable addresses, each step before the deadline of the whole."""

    def __init__(
        self, allowed: Iterable[IpNetwork] = (), resolver: Resolver = resolve, deadline: float = math.inf
    ) -> None:
        self._allowed = tuple(allowed)
        self._resolver = resolver
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(self, host: str, port: int, *limits: Any, **named_limits: Any) -> httpcore.NetworkStream:
        """Connect to the first address of a host.

        Raises: AddressForbidden; httpcore.ConnectError: no such name, or not in time; httpcore.ConnectTimeout.
        """
        try:
            addresses = self._resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError("the name could not be resolved") from error
        # One forbidden address among several is enough: its owner chose it to be there.
        if not addresses or not all(is_callable(address, self._allowed) for address in addresses):
            raise AddressForbidden
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ConnectTimeout("the name took all the time")
        if not limits and not math.isinf(left):
            # By name, as httpcore gives it.
            wanted = named_limits.get("timeout")
            named_limits["timeout"] = left if wanted is None else min(wanted, left)
        return self._plain.connect_tcp(addresses[0], port, *limits, **named_limits)

    def connect_unix_socket(self, path: str, *_limits: Any, **_named_limits: Any) -> httpcore.NetworkStream:
        """Never: what is called is at an address."""
        raise AddressForbidden
