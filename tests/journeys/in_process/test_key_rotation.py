"""A client that keeps the JWK Set as long as it may, while keys are announced, rotated and revoked."""

import base64
import json

import pytest
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK
from werkzeug.test import Client as HttpClient

from idp.jobs import make_timed_jobs, rotate_keys
from idp.keys.errors import NotDecryptable
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty

DAY = 86_400


def get(provider: Provider, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    http = HttpClient(provider.app, use_cookies=False)
    answer = http.get(path, base_url=provider.settings.issuer, headers=headers)
    return answer.status_code, dict(answer.headers), answer.get_data()


def kids(provider: Provider, use: str = "sig") -> set[str]:
    return {key["kid"] for key in json.loads(get(provider, "/jwks")[2])["keys"] if key["use"] == use}


def calendar(provider: Provider) -> dict[str, list[dict[str, str]]]:
    document: dict[str, list[dict[str, str]]] = json.loads(get(provider, "/keys/calendar.json")[2])
    return document


def pass_days(provider: Provider, days: float) -> None:
    provider.clock.advance(days * DAY)
    rotate_keys(provider.parts, provider.clock())
    provider.refresh_lists()


def test_a_client_that_keeps_the_set_for_ten_minutes_never_meets_a_key_that_is_not_in_it(
    provider: Provider, relying_party: RelyingParty
) -> None:
    """Provider checklist 2a.6: overlap and a cacheable JWKS."""
    signed_with = []
    minutes = 10 / 1440
    for days in (0, 89 - minutes, minutes, 1 - 2 * minutes, minutes, 30):
        pass_days(provider, days)
        kept = kids(provider)
        pass_days(provider, minutes - 1 / DAY)
        head = relying_party.sign_in(provider.browser())["id_token"].partition(".")[0]
        signed_with.append(json.loads(base64.urlsafe_b64decode(head + "=="))["kid"])
        assert signed_with[-1] in kept
    assert len(set(signed_with)) == 2


def test_what_an_old_key_signed_is_a_good_hint_after_the_rotation(
    provider: Provider, relying_party: RelyingParty
) -> None:
    """OIDC Core §3.1.2.1, id_token_hint."""
    browser = provider.browser()
    old = relying_party.sign_in(browser)["id_token"]
    pass_days(provider, 89)
    pass_days(provider, 1)
    relying_party.sign_in(browser)
    answer = browser.authorize(relying_party.request(prompt="none", id_token_hint=old))
    assert "code" in relying_party.answer(answer)


def test_the_schedule_runs_beside_the_requests_once_in_its_window(provider: Provider) -> None:
    before = kids(provider)
    provider.clock.advance(89 * DAY)
    jobs = make_timed_jobs(provider.parts)
    assert "key-rotation" in jobs.run_due()
    assert "key-rotation" not in jobs.run_due()
    assert len(kids(provider)) == 2 * len(before)
    announced = {line["reference"] for line in provider.log_lines() if line["event"] == "signing_key_announced"}
    assert announced > kids(provider) - before
    assert [event for event, *_ in provider.audit_events()].count("signing_key_rotated") == 2 * len(announced)


def test_one_encryption_key_of_an_algorithm_is_published_and_the_last_one_still_opens(provider: Provider) -> None:
    before = kids(provider, "enc")
    [jwk] = [key for key in json.loads(get(provider, "/jwks")[2])["keys"] if key["alg"] == "ECDH-ES+A256KW"]
    header = {"alg": jwk["alg"], "enc": "A256GCM", "kid": jwk["kid"]}
    on_its_way = JWE(b"request", json.dumps(header), recipient=JWK(**jwk)).serialize(compact=True)
    pass_days(provider, 89)
    assert kids(provider, "enc") == before
    pass_days(provider, 1)
    assert kids(provider, "enc").isdisjoint(before)
    assert len(kids(provider, "enc")) == len(before) == 2
    assert provider.parts.decrypter.decrypt(on_its_way) == b"request"
    pass_days(provider, 1)
    with pytest.raises(NotDecryptable):
        provider.parts.decrypter.decrypt(on_its_way)


def test_after_an_emergency_sign_ins_go_on_and_old_hints_do_not(
    provider: Provider, relying_party: RelyingParty
) -> None:
    browser = provider.browser()
    tokens = relying_party.sign_in(browser)
    before = kids(provider)
    provider.parts.key_emergency.replace_all("ES256", provider.clock())
    [revoked] = calendar(provider)["revoked"]
    assert revoked["kid"] in before - kids(provider)
    refused = browser.authorize(relying_party.request(prompt="none", id_token_hint=tokens["id_token"]))
    assert relying_party.answer(refused)["error"] == "invalid_request"
    # None of these rests on a signature.
    assert relying_party.userinfo(tokens["access_token"]).status_code == 200
    assert "code" in relying_party.answer(browser.authorize(relying_party.request(prompt="none")))
    assert relying_party.claims(relying_party.sign_in(provider.browser())["id_token"])


def test_the_jwk_set_and_the_calendar_may_be_kept_and_asked_for_again_cheaply(provider: Provider) -> None:
    for path in ("/jwks", "/keys/calendar.json"):
        status, headers, _ = get(provider, path)
        assert (status, headers["Cache-Control"]) == (200, "public, max-age=600")
        again, _, body = get(provider, path, **{"If-None-Match": headers["ETag"]})
        assert (again, body) == (304, b"")


def test_no_private_key_is_published_logged_or_in_the_calendar(provider: Provider) -> None:
    pass_days(provider, 89)
    provider.parts.key_emergency.replace_all("RS256", provider.clock())
    for key in json.loads(get(provider, "/jwks")[2])["keys"]:
        assert {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}.isdisjoint(key)
    published = get(provider, "/keys/calendar.json")[2].decode()
    for text in (published, provider.log.getvalue()):
        assert '"d"' not in text
        assert '"n"' not in text
