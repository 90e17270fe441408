"""RFC 6749 §4.1.2 and §10.5 on a real store: of many redemptions at the same moment one succeeds (R9, F23)."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from idp.client_journal import ClientJournal
from idp.identifiers import hash_secret
from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.token_dependencies import TokenDependencies
from idp.oidc.token_endpoint import answer_token_request
from idp.oidc.userinfo import answer_userinfo_request
from idp.stores.sql.durable import DurableStore
from idp.stores.sql.migration import migrate
from idp.stores.sql.open import open_database
from tests.contracts.records import GRANT, NOW, register, sign_in
from tests.unit.oidc.memory_stores import MemoryClients, MemoryOnce
from tests.unit.oidc.samples import (
    CODE_CHALLENGE,
    CODE_VERIFIER,
    ISSUER,
    TOKEN_ENDPOINT,
    RealSigner,
    basic,
    encode,
    make_client,
    proof_policy,
)

MIGRATIONS = Path(__file__).resolve().parents[3] / "migrations"
CODE = "c" * 43
CLIENT = make_client(client_id=GRANT.client_id, redirect_uris=(GRANT.redirect_uri,))


@pytest.fixture
def dependencies(tmp_path: Path) -> Iterator[TokenDependencies]:
    url = f"sqlite:///{tmp_path}/idp.sqlite3"
    migrate(url, MIGRATIONS)
    register(url, CLIENT)
    database = open_database(url)
    store = DurableStore(database)
    sign_in(store, replace(GRANT, code_challenge=CODE_CHALLENGE), hash_secret(CODE))
    yield TokenDependencies(
        issuer=ISSUER,
        endpoint_url=TOKEN_ENDPOINT,
        clients=MemoryClients(CLIENT),
        grants=store,
        once=MemoryOnce(),
        signer=RealSigner(),
        access_token_seconds=300,
        id_token_seconds=300,
        refresh_token_seconds=3600,
        refresh_grace_seconds=20,
        is_sandbox=False,
        proofs=proof_policy(MemoryOnce()),
        journal=ClientJournal(),
    )
    database.close()


def ask(dependencies: TokenDependencies, *, seconds: int = 1, **members: str) -> dict[str, Any] | ErrorCode:
    now = NOW + timedelta(seconds=seconds)
    try:
        return answer_token_request(encode(**members), basic(CLIENT.client_id), dependencies, now)
    except OAuthError as error:
        return error.code


def redeem(dependencies: TokenDependencies) -> dict[str, Any] | ErrorCode:
    return ask(dependencies, grant_type="authorization_code", code=CODE, code_verifier=CODE_VERIFIER)


def at_once(times: int, call: Callable[[], dict[str, Any] | ErrorCode]) -> list[dict[str, Any] | ErrorCode]:
    with ThreadPoolExecutor(times) as pool:
        return [future.result() for future in [pool.submit(call) for _ in range(times)]]


def test_of_fifty_redemptions_one_succeeds_and_its_tokens_die(dependencies: TokenDependencies) -> None:
    answers = at_once(50, lambda: redeem(dependencies))
    accepted = [answer for answer in answers if isinstance(answer, dict)]
    assert len(accepted) == 1
    assert answers.count(ErrorCode.INVALID_GRANT) == 49
    header = f"Bearer {accepted[0]['access_token']}"
    with pytest.raises(OAuthError) as refused:
        answer_userinfo_request(header, None, dependencies.grants, NOW + timedelta(seconds=2))
    assert refused.value.code is ErrorCode.INVALID_TOKEN
    refreshed = ask(dependencies, grant_type="refresh_token", refresh_token=accepted[0]["refresh_token"])
    assert refreshed is ErrorCode.INVALID_GRANT


def test_parallel_refreshes_of_an_honest_client_all_succeed_within_the_grace(dependencies: TokenDependencies) -> None:
    first = redeem(dependencies)
    assert isinstance(first, dict)

    def refresh(token: str = first["refresh_token"], seconds: int = 2) -> dict[str, Any] | ErrorCode:
        return ask(dependencies, seconds=seconds, grant_type="refresh_token", refresh_token=token)

    answers = at_once(6, refresh)
    newest = [answer for answer in answers if isinstance(answer, dict)]
    assert len(newest) == 6
    assert refresh(seconds=60) is ErrorCode.INVALID_GRANT
    assert refresh(newest[0]["refresh_token"], seconds=61) is ErrorCode.INVALID_GRANT
