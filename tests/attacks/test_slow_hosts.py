"""Strangers register addresses of hosts that answer slowly, or whose names do: nobody else waits for them."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey
from werkzeug.test import Client as HttpClient

from idp.clock import to_epoch_seconds
from idp.identifiers import new_identifier
from idp.oidc.client_assertion import ASSERTION_TYPE
from idp.oidc.errors import ClientKeysUnavailable, OAuthError
from idp.oidc.sector_document import PublishedSectors
from idp.outbound.fetch_slots import MOST_SPARED, SlottedHttp
from idp.outbound.guarded_http import FetchFailed, GuardedHttp
from idp.outbound.network_guard import LOOPBACK_NETWORKS
from idp.outbound.published_keys import PublishedKeys
from idp.outbound.registered_documents import open_registered_documents
from idp.settings.section import OutboundSection
from tests.support.provider import Provider

# Well before a slow host is given up, and yet long for a busy machine.
SOON_SECONDS = 4.0


@pytest.fixture(autouse=True)
def without_network(socket_enabled: None) -> None:
    """Here there are hosts to call, on this machine."""


class Site:
    """A host on this machine: each connection is answered by a function, in a thread of its own."""

    def __init__(self, answer: Callable[["Site", socket.socket], None]) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connected = threading.Semaphore(0)
        self.count = 0
        self.released = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._attend, args=(connection,), daemon=True).start()

    def _attend(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            self.count += 1
            self.connected.release()
            self._answer(self, connection)

    def close(self) -> None:
        self.released.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


def drip(site: Site, connection: socket.socket) -> None:
    """A byte at a time, so that no time-out of a single read ever ends it."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not site.released.wait(0.05):
        connection.sendall(b" ")


def saying(document: Any) -> Callable[[Site, socket.socket], None]:
    body = json.dumps(document).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    return lambda _, connection: connection.sendall(head + body)


@pytest.fixture
def open_site() -> Iterator[Callable[..., Site]]:
    with ExitStack() as stack:

        def make(answer: Callable[[Site, socket.socket], None]) -> Site:
            site = Site(answer)
            stack.callback(site.close)
            return site

        yield make


@contextmanager
def at_once(calls: int) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(calls) as pool:
        yield pool


class Publishing:
    """A client whose keys are at its ``jwks_uri``."""

    def __init__(self, provider: Provider, jwks_uri: str, key: ECKey, *, registers_itself: bool) -> None:
        self._provider = provider
        self._key = key
        members = {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": jwks_uri}
        if registers_itself:
            redirect_uris = ["https://stranger.example/cb"]
            sent = {"client_name": "Stranger", "redirect_uris": redirect_uris, **members}
            self.client_id: str = register(provider, sent)["client_id"]
        else:
            self.client_id = provider.relying_party(**members).client.client_id

    def introspect(self, *, hides_its_name: bool = False) -> int:
        """Authenticate for something cheap; the status."""
        issuer, now = self._provider.settings.issuer, to_epoch_seconds(self._provider.clock())
        claims = {"iss": self.client_id, "sub": self.client_id, "aud": issuer, "iat": now, "exp": now + 60,
                  "jti": new_identifier()}  # fmt: skip
        assertion = jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key)
        form = {"token": "x" * 43, "client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE}
        return post_hiding_names(self._provider, form) if hides_its_name else post(self._provider, urlencode(form))


def post(provider: Provider, encoded: str) -> int:
    http = HttpClient(provider.app, use_cookies=False)
    form_type = "application/x-www-form-urlencoded"
    issuer = provider.settings.issuer
    return http.post("/introspect", data=encoded, content_type=form_type, base_url=issuer).status_code


def post_hiding_names(provider: Provider, form: dict[str, str]) -> int:
    """So that what is wrong counts for the address, whoever is named."""
    return post(provider, urlencode(form).replace("client_", "client%5F"))


def register(provider: Provider, sent: dict[str, Any]) -> dict[str, Any]:
    http = HttpClient(provider.app, use_cookies=False)
    answer: dict[str, Any] = http.post("/register", json=sent, base_url=provider.settings.issuer).get_json()
    return answer


@pytest.fixture
def key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "kid": "one"}, private=True)


@pytest.fixture
def known(provider: Provider, open_site: Callable[..., Site], key: ECKey) -> Publishing:
    """A client that the operator registered, whose host answers."""
    site = open_site(saying({"keys": [key.as_dict(private=False)]}))
    return Publishing(provider, site.url + "/jwks", key, registers_itself=False)


def test_slow_hosts_of_strangers_hold_two_threads_and_no_known_client(
    provider: Provider, open_site: Callable[..., Site], known: Publishing, key: ECKey
) -> None:
    slow = open_site(drip)
    strangers = [Publishing(provider, f"{slow.url}/{n}", key, registers_itself=True) for n in range(8)]
    with at_once(8) as pool:
        waiting = [pool.submit(stranger.introspect) for stranger in strangers]
        for _ in range(2):
            assert slow.connected.acquire(timeout=10)
        began = time.monotonic()
        assert known.introspect() == 200
        assert strangers[0].introspect() == 401, "no third stranger waits"
        assert time.monotonic() - began < SOON_SECONDS
        assert slow.count == 2
        slow.released.set()
        assert {each.result(20) for each in waiting} == {401}


def test_many_requests_of_one_slow_stranger_hold_no_more(
    provider: Provider, open_site: Callable[..., Site], known: Publishing, key: ECKey
) -> None:
    slow = open_site(drip)
    stranger = Publishing(provider, slow.url, key, registers_itself=True)
    with at_once(6) as pool:
        waiting = [pool.submit(stranger.introspect) for _ in range(6)]
        assert slow.connected.acquire(timeout=10)
        began = time.monotonic()
        assert known.introspect() == 200
        assert time.monotonic() - began < SOON_SECONDS
        slow.released.set()
        assert {each.result(20) for each in waiting} == {401}
    assert slow.count == 1


def test_a_strangers_slow_host_keeps_nobody_at_its_address_waiting_after_too_many_failures(
    provider: Provider, open_site: Callable[..., Site], key: ECKey
) -> None:
    limited = provider.restart(IDP_LIMITS__TOKEN_PER_MINUTE="8")
    slow, good = open_site(drip), limited.relying_party(token_endpoint_auth_method="client_secret_post")
    stranger = Publishing(limited, slow.url, key, registers_itself=True)
    right = {"token": "x" * 43, "client_id": good.client.client_id, "client_secret": good.secret or ""}
    wrong = [post_hiding_names(limited, right | {"client_secret": "guessed"}) for _ in range(10)]
    assert wrong == [401] * 8 + [429] * 2
    with at_once(1) as pool:
        waiting = pool.submit(stranger.introspect, hides_its_name=True)
        assert slow.connected.acquire(timeout=10)
        assert [post_hiding_names(limited, right) for _ in range(3)] == [200] * 3
        assert stranger.introspect(hides_its_name=True) == 429
        slow.released.set()
        assert waiting.result(20) == 429
    assert slow.count == 1
    limited.close()


def test_a_stranger_that_names_a_known_clients_address_takes_nothing_from_it(
    provider: Provider, open_site: Callable[..., Site], key: ECKey
) -> None:
    """With one memory for both, the stranger would hold the address's turn while it waits for a slot."""
    slow, site = open_site(drip), open_site(saying({"keys": [key.as_dict(private=False)]}))
    known = Publishing(provider, site.url, key, registers_itself=False)
    strangers = [Publishing(provider, f"{slow.url}/{n}", key, registers_itself=True) for n in range(2)]
    thief = Publishing(provider, site.url, key, registers_itself=True)
    with at_once(2) as pool:
        waiting = [pool.submit(stranger.introspect) for stranger in strangers]
        for _ in range(2):
            assert slow.connected.acquire(timeout=10)
        assert thief.introspect() == 401
        assert known.introspect() == 200
        slow.released.set()
        assert [each.result(20) for each in waiting] == [401, 401]


def test_slow_sector_documents_hold_two_registrations_and_no_more(open_site: Callable[..., Site]) -> None:
    """Through what an installation reads them with: registered they are over TLS alone, which is no faster."""
    slow = open_site(drip)
    sectors = PublishedSectors(open_registered_documents(OutboundSection(), is_local=True))

    def register_at(path: int) -> str:
        with pytest.raises(OAuthError) as refused:
            sectors.check_listed(f"{slow.url}/{path}", ["https://stranger.example/cb"])
        return refused.value.description

    with at_once(2) as pool:
        waiting = [pool.submit(register_at, path) for path in range(2)]
        for _ in range(2):
            assert slow.connected.acquire(timeout=10)
        began = time.monotonic()
        told = register_at(3)
        assert time.monotonic() - began < SOON_SECONDS
        assert slow.count == 2
        slow.released.set()
        # Or who registers would learn what others wait for.
        assert {each.result(20) for each in waiting} == {told}


def test_a_host_that_was_slow_is_not_called_again_and_again_at_once(open_site: Callable[..., Site]) -> None:
    slow = open_site(drip)
    http = SlottedHttp(
        GuardedHttp(allowed=LOOPBACK_NETWORKS, allow_http=True, total_seconds=2.2), most_at_once=2, wait_seconds=0.0
    )
    for path in range(5):
        with pytest.raises(FetchFailed):
            http.get(f"{slow.url}/{path}", "application/json")
    assert slow.count == 1 + MOST_SPARED


class SlowNames:
    """A name server that answers at once for one host, and for all others when it is let go."""

    def __init__(self, fast: str) -> None:
        self.fast = fast
        self.asked = threading.Semaphore(0)
        self.go_on = threading.Event()

    def __call__(self, host: str, port: int) -> Sequence[str]:
        if host != self.fast:
            self.asked.release()
            self.go_on.wait(20)
        return ["127.0.0.1"]


def test_a_slow_name_counts_into_the_deadline_of_the_call(open_site: Callable[..., Site]) -> None:
    names, site = SlowNames("fast.example"), open_site(saying({}))
    http = GuardedHttp(allowed=LOOPBACK_NETWORKS, allow_http=True, resolver=names, total_seconds=1.0)
    began = time.monotonic()
    with pytest.raises(FetchFailed):
        http.get(site.url.replace("127.0.0.1", "slow.example"), "application/json")
    # The name server would take twenty.
    assert time.monotonic() - began < 10
    assert http.get(site.url.replace("127.0.0.1", "fast.example"), "application/json").body == b"{}"
    assert site.count == 1
    names.go_on.set()


def test_slow_names_of_strangers_are_no_known_clients_matter(open_site: Callable[..., Site], key: ECKey) -> None:
    """Questions that nobody can end fill the strangers' places, and theirs alone."""
    names, site = SlowNames("known.example"), open_site(saying({"keys": [key.as_dict(private=False)]}))

    def key_sets(total_seconds: float) -> PublishedKeys:
        http = GuardedHttp(allowed=LOOPBACK_NETWORKS, allow_http=True, resolver=names, total_seconds=total_seconds)
        return PublishedKeys(SlottedHttp(http, most_at_once=2))

    known, strangers = key_sets(10), key_sets(0.1)
    for number in range(12):
        with pytest.raises(ClientKeysUnavailable):
            strangers.find_key_set(f"https://slow{number}.example/", None)
    assert all(names.asked.acquire(timeout=10) for _ in range(8))
    assert not names.asked.acquire(blocking=False)
    with pytest.raises(ClientKeysUnavailable):
        strangers.find_key_set(site.url.replace("127.0.0.1", "known.example"), None)
    assert known.find_key_set(site.url.replace("127.0.0.1", "known.example"), "one")["keys"]
    names.go_on.set()
