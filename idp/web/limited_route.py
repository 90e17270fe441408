"""A route's handler behind its limit: what is counted before it, in the middle of it, and after."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from idp.oidc.client import Client
from idp.oidc.errors import OAuthError
from idp.web.claimed_client import find_claimed_client_id
from idp.web.http import Handler, Request, Response
from idp.web.request_limits import RequestLimits, pair_of
from idp.web.route import ClaimedIn, LimitGroup, Route


def limited(route: Route, limits: RequestLimits) -> Handler:
    """The handler of a route, which raises TooManyRequests where the route's limit says no."""
    group, handler, claimed_in = route.limit, route.handler, route.claimed_in
    if group is None:
        return handler
    if route.counted_by == "proven-client":
        return _limited_by_client(group, handler, limits, claimed_in)
    if route.counted_by == "named-client":

        def by_name(request: Request) -> Response:
            limits.count_named(group, request.client_address, find_claimed_client_id(request, claimed_in))
            return handler(request)

        return by_name

    def by_address(request: Request) -> Response:
        address = request.client_address
        limits.count_address(group, "address", address, limits.address_limit(group, address))
        return handler(request)

    return by_address


class Admission:
    """Satisfies ``oidc.ports.ClientAdmission`` for one request."""

    def __init__(self, limits: RequestLimits, group: LimitGroup, request: Request, claimed_in: ClaimedIn) -> None:
        """Begin; raises TooManyRequests where nothing that the request could prove would help it."""
        self._limits = limits
        self._group = group
        self._address = request.client_address
        self._claimed = find_claimed_client_id(request, claimed_in)
        self._is_proven = False
        if self._claimed is not None:
            limits.check_unspent(group, self._claimed, pair_of(self._address, self._claimed))
        self._held = limits.watch(group, self._address, self._claimed)

    def admit(self, client: Client) -> None:
        """Count the request against its client; one that can prove nothing counts with its address.

        Raises: TooManyRequests.
        """
        self._is_proven = True
        self.let_go()
        group, address, limits = self._group, self._address, self._limits
        if not client.is_public or client.is_untrusted:
            limits.count_client(group, client)
        if client.is_public:
            limit = limits.address_limit(group, address)
            limits.count_address(group, "address-and-client", pair_of(address, client.client_id), limit)

    @contextmanager
    def while_waiting(self, client: Client) -> Iterator[None]:
        """In which a host that the claimed client chose is called: the next suspect is looked at meanwhile.

        Raises: TooManyRequests: another suspect waits for the same client's host, or too many came meanwhile.
        """
        if self._held is None:
            yield
            return
        self.let_go()
        with self._limits.waiting(client.client_id):
            yield
        self._held = self._limits.watch_again()

    def let_go(self) -> None:
        """Let the next suspect be looked at."""
        held, self._held = self._held, None
        if held is not None:
            held.release()

    def count_unless_proven(self) -> None:
        """Count the request as a failure if no client came of it.

        Raises: TooManyRequests, which then is the answer.
        """
        if not self._is_proven:
            self._limits.count_failure(self._group, self._address, self._claimed)


def _limited_by_client(group: LimitGroup, handler: Handler, limits: RequestLimits, claimed_in: ClaimedIn) -> Handler:
    def by_client(request: Request) -> Response:
        admission = Admission(limits, group, request, claimed_in)
        try:
            response = handler(replace(request, admission=admission))
        except OAuthError:
            admission.count_unless_proven()
            raise
        finally:
            admission.let_go()
        admission.count_unless_proven()
        return response

    return by_client
