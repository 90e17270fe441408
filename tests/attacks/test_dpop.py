"""DPoP over HTTP: stolen codes and tokens without the key, replayed, misdirected and malformed proofs."""

from typing import Any

import pytest
from werkzeug.test import Client as HttpClient
from werkzeug.test import TestResponse

from tests.support.dpop_key import DPoPKey
from tests.support.provider import ISSUER, Provider
from tests.support.relying_party import RelyingParty

OWNER, THIEF = DPoPKey(), DPoPKey("thief")


class BoundParty:
    """A client that sends proofs, and what it or a thief does with them."""

    def __init__(self, provider: Provider, **metadata: Any) -> None:
        self.provider = provider
        self.party: RelyingParty = provider.relying_party(**metadata)
        self.http = HttpClient(provider.app, use_cookies=False)

    def code(self, **changes: str) -> str:
        browser = self.provider.browser()
        browser.authorize(self.party.request(**changes))
        browser.use_sandbox_card()
        return self.party.code(browser.agree())

    def proof(self, path: str, method: str = "POST", key: DPoPKey = OWNER, **changed: Any) -> str:
        return key.proof(method, ISSUER + path, self.provider.clock(), **changed)

    def push(self, proof: str | None, **changes: str) -> TestResponse:
        """RFC 9449 §10.1: the proof of a pushed request."""
        members = self.party.request(**changes) | {"client_secret": self.party.secret or ""}
        headers = {} if proof is None else {"DPoP": proof}
        return self.http.post("/par", base_url=ISSUER, data=members, headers=headers)

    def pushed_code(self, proof: str) -> str:
        """The code of a request that was pushed with a proof."""
        browser = self.provider.browser()
        uri = self.push(proof).get_json()["request_uri"]
        browser.authorize({"client_id": self.party.client.client_id, "request_uri": uri})
        browser.use_sandbox_card()
        return self.party.code(browser.agree())

    def post_token(self, form: dict[str, str], proof: str | None) -> TestResponse:
        members = {"client_id": self.party.client.client_id, **form}
        if self.party.secret is not None:
            members["client_secret"] = self.party.secret
        headers = {} if proof is None else {"DPoP": proof}
        return self.http.post("/token", base_url=ISSUER, data=members, headers=headers)

    def redeem(self, code: str, proof: str | None) -> TestResponse:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.party.client.redirect_uris[0],
            "code_verifier": self.party.verifier_of(code),
        }
        return self.post_token(form, proof)

    def refresh(self, token: str, proof: str | None) -> TestResponse:
        return self.post_token({"grant_type": "refresh_token", "refresh_token": token}, proof)

    def userinfo(self, token: str, proof: str | None, scheme: str = "DPoP", **headers: str) -> TestResponse:
        sent = {"Authorization": f"{scheme} {token}", **headers}
        if proof is not None:
            sent["DPoP"] = proof
        return self.http.get("/userinfo", base_url=ISSUER, headers=sent)

    def use(self, token: str, key: DPoPKey = OWNER) -> TestResponse:
        return self.userinfo(token, self.proof("/userinfo", "GET", key, access_token=token))


@pytest.fixture
def bound(provider: Provider) -> BoundParty:
    return BoundParty(provider, token_endpoint_auth_method="client_secret_post", dpop_bound_access_tokens=True)


@pytest.fixture
def public(provider: Provider) -> BoundParty:
    return BoundParty(
        provider,
        token_endpoint_auth_method="none",
        dpop_bound_access_tokens=True,
        grant_types=["authorization_code", "refresh_token"],
    )


@pytest.fixture
def token(bound: BoundParty) -> str:
    answer = bound.redeem(bound.code(), bound.proof("/token"))
    assert (answer.status_code, answer.get_json()["token_type"]) == (200, "DPoP")
    return str(answer.get_json()["access_token"])


def error_of(answer: TestResponse) -> tuple[int, str]:
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status_code, answer.get_json()["error"]


def test_the_owner_of_the_key_gets_its_claims_and_the_next_nonce(bound: BoundParty, token: str) -> None:
    answer = bound.use(token)
    assert answer.status_code == 200
    nonce = answer.headers["DPoP-Nonce"]
    assert answer.headers["Access-Control-Expose-Headers"] == "DPoP-Nonce, WWW-Authenticate"
    fresh = bound.proof("/userinfo", "GET", access_token=token, nonce=nonce)
    assert bound.userinfo(token, fresh).status_code == 200


def test_a_stolen_token_is_worth_nothing_without_the_key(bound: BoundParty, token: str) -> None:
    assert error_of(bound.use(token, THIEF)) == (401, "invalid_token")
    assert error_of(bound.userinfo(token, None)) == (401, "invalid_dpop_proof")
    assert error_of(bound.userinfo(token, None, "Bearer")) == (401, "invalid_token")
    assert bound.use(token).status_code == 200


def test_a_replayed_proof_is_refused_at_either_endpoint(bound: BoundParty, token: str) -> None:
    proof = bound.proof("/userinfo", "GET", access_token=token)
    assert bound.userinfo(token, proof).status_code == 200
    assert error_of(bound.userinfo(token, proof)) == (401, "invalid_dpop_proof")
    used = bound.proof("/token")
    bound.redeem("x" * 43, used)
    assert error_of(bound.redeem(bound.code(), used)) == (400, "invalid_dpop_proof")


def test_a_proof_for_the_token_endpoint_is_no_proof_for_userinfo(bound: BoundParty, token: str) -> None:
    assert error_of(bound.userinfo(token, bound.proof("/token", "GET", access_token=token)))[1] == "invalid_dpop_proof"
    assert error_of(bound.userinfo(token, bound.proof("/userinfo", access_token=token)))[1] == "invalid_dpop_proof"


def test_htu_is_the_issuers_address_whatever_the_host_header_says(bound: BoundParty, token: str) -> None:
    forged = OWNER.proof("GET", "https://evil.example/userinfo", bound.provider.clock(), access_token=token)
    for name in ("Host", "X-Forwarded-Host"):
        refused = bound.userinfo(token, forged, **{name: "evil.example"})
        assert error_of(refused) == (401, "invalid_dpop_proof")


def test_two_headers_are_refused(bound: BoundParty, token: str) -> None:
    """As WSGI servers join them."""
    two = ",".join(bound.proof("/userinfo", "GET", access_token=token) for _ in range(2))
    assert error_of(bound.userinfo(token, two)) == (401, "invalid_dpop_proof")


def test_a_private_key_in_a_proof_is_refused_and_not_logged(bound: BoundParty, token: str) -> None:
    private = OWNER.key.export_private(as_dict=True)
    proof = bound.proof("/userinfo", "GET", access_token=token, header={"jwk": private})
    assert error_of(bound.userinfo(token, proof)) == (401, "invalid_dpop_proof")
    log = bound.provider.log.getvalue()
    assert private["d"] not in log
    assert proof not in log
    assert token not in log


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256"])
def test_no_algorithm_but_ours_is_taken_from_a_proof(bound: BoundParty, alg: str) -> None:
    assert error_of(bound.redeem(bound.code(), bound.proof("/token", header={"alg": alg})))[1] == "invalid_dpop_proof"


def test_an_oversized_proof_is_refused(bound: BoundParty) -> None:
    assert error_of(bound.redeem("x" * 43, bound.proof("/token", filler="a" * 6000)))[1] == "invalid_dpop_proof"


def test_a_stolen_code_is_worth_nothing_with_another_key(bound: BoundParty) -> None:
    """RFC 9449 §10: dpop_jkt travels through sign-in and consent to the code."""
    code = bound.code(dpop_jkt=OWNER.thumbprint)
    assert error_of(bound.redeem(code, bound.proof("/token", key=THIEF))) == (400, "invalid_grant")
    assert error_of(bound.redeem(code, bound.proof("/token"))) == (400, "invalid_grant")


def test_a_code_with_its_own_key_is_redeemed(bound: BoundParty) -> None:
    code = bound.code(dpop_jkt=OWNER.thumbprint)
    assert bound.redeem(code, bound.proof("/token")).status_code == 200


@pytest.mark.parametrize("dpop_jkt", ["x", "A" * 44, "A" * 42 + "B", "A" * 42 + "="])
def test_a_dpop_jkt_that_is_no_thumbprint_is_refused(bound: BoundParty, dpop_jkt: str) -> None:
    browser = bound.provider.browser()
    answer = bound.party.answer(browser.authorize(bound.party.request(dpop_jkt=dpop_jkt)))
    assert answer["error"] == "invalid_request"


def test_a_stolen_refresh_token_is_worth_nothing_with_another_key(public: BoundParty) -> None:
    tokens = public.redeem(public.code(), public.proof("/token")).get_json()
    stolen = tokens["refresh_token"]
    assert error_of(public.refresh(stolen, public.proof("/token", key=THIEF))) == (400, "invalid_grant")
    assert error_of(public.refresh(stolen, None)) == (400, "invalid_dpop_proof")
    answer = public.refresh(stolen, public.proof("/token"))
    assert answer.status_code == 200
    assert "refresh_token" not in answer.get_json()
    assert public.use(answer.get_json()["access_token"]).status_code == 200


def test_a_required_nonce_is_told_and_then_accepted(provider: Provider) -> None:
    strict = provider.restart(IDP_OIDC__DPOP_NONCE="required")
    try:
        bound = BoundParty(strict, token_endpoint_auth_method="client_secret_post")
        code = bound.code()
        refused = bound.redeem(code, bound.proof("/token"))
        assert error_of(refused) == (400, "use_dpop_nonce")
        assert refused.headers["Access-Control-Allow-Origin"] == "*"
        again = bound.redeem(code, bound.proof("/token", nonce=refused.headers["DPoP-Nonce"]))
        assert again.status_code == 200
        token = again.get_json()["access_token"]
        unasked = bound.use(token)
        assert error_of(unasked) == (401, "use_dpop_nonce")
        assert unasked.headers["WWW-Authenticate"].startswith('DPoP error="use_dpop_nonce"')
    finally:
        strict.close()


def test_an_offered_nonce_counts_for_the_client_whose_key_is_proven_and_nobody_else_is_offered_one(
    provider: Provider,
) -> None:
    limits = {"IDP_LIMITS__USERINFO_PER_MINUTE": "8", "IDP_LIMITS__CLIENT_PER_MINUTE": "16"}
    strict = provider.restart(IDP_OIDC__DPOP_NONCE="required", **limits)
    try:
        bound = BoundParty(strict, token_endpoint_auth_method="client_secret_post", dpop_bound_access_tokens=True)
        nonce = bound.redeem("x" * 43, bound.proof("/token")).headers["DPoP-Nonce"]
        token = bound.redeem(bound.code(), bound.proof("/token", nonce=nonce)).get_json()["access_token"]
        over = (429, "too_many_requests")
        for key, told, limit in ((THIEF, "invalid_token", 8), (OWNER, "use_dpop_nonce", 16)):
            proof = bound.proof("/userinfo", "GET", key, access_token=token)
            answers = [error_of(bound.userinfo(token, proof)) for _ in range(40)]
            assert answers == [(401, told)] * limit + [over] * (40 - limit)
    finally:
        strict.close()


def test_a_script_of_any_origin_may_send_a_proof(provider: Provider) -> None:
    preflight = HttpClient(provider.app, use_cookies=False).options("/token", base_url=ISSUER)
    assert "DPoP" in preflight.headers["Access-Control-Allow-Headers"]


def test_a_plain_sign_in_hears_nothing_of_proofs(provider: Provider, relying_party: RelyingParty) -> None:
    tokens = relying_party.sign_in(provider.browser())
    assert tokens["token_type"] == "Bearer"
    assert "DPoP-Nonce" not in relying_party.userinfo(tokens["access_token"]).headers


def test_f12_the_proof_of_a_pushed_request_binds_the_code_to_its_key(provider: Provider) -> None:
    """F12; RFC 9449 §10.1."""
    party = BoundParty(provider, token_endpoint_auth_method="client_secret_post")
    code = party.pushed_code(party.proof("/par"))
    assert party.redeem(code, party.proof("/token", key=THIEF)).get_json()["error"] == "invalid_grant"
    code = party.pushed_code(party.proof("/par"))
    assert party.redeem(code, party.proof("/token")).get_json()["token_type"] == "DPoP"


def test_f12_a_pushed_request_with_a_bad_proof_or_two_keys_is_refused(provider: Provider) -> None:
    party = BoundParty(provider, token_endpoint_auth_method="client_secret_post")
    for proof, changes, error in (
        (party.proof("/token"), {}, "invalid_dpop_proof"),
        ("", {}, "invalid_dpop_proof"),
        (party.proof("/par"), {"dpop_jkt": THIEF.thumbprint}, "invalid_request"),
    ):
        answer = party.push(proof, **changes)
        assert (answer.status_code, answer.get_json()["error"]) == (400, error)
    assert party.push(party.proof("/par"), dpop_jkt=OWNER.thumbprint).headers["DPoP-Nonce"]
