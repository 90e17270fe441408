"""No secret, certificate, name or PIN in a log line, whatever went well or wrong."""

import base64
import json

from idp.sandbox.cast import CAST, SIGNING_PASSWORD, USER_AUTHENTICATION_PIN
from tests.support.presenter_double import PresenterDouble
from tests.support.provider import Provider


class Collected:
    """Everything that must not be written down."""

    def __init__(self) -> None:
        self.values: set[str] = {SIGNING_PASSWORD}

    def add(self, *values: str | None) -> None:
        self.values |= {value for value in values if value and len(value) >= 6}


def everything_that_happens(provider: Provider, collected: Collected) -> None:
    party = provider.relying_party(grant_types=["authorization_code", "refresh_token"], client_name="ひみつの名前")
    collected.add(party.secret, party.client.client_name)
    browser = provider.browser()
    for person, outcome in (("hanako", "ok"), ("taro", "revoked"), ("hanako", "malformed"), ("hanako", "status_stale"),
                            ("expired", "ok"), ("hanako", "wrong_pin")):  # fmt: skip
        request = party.request(prompt="login", login_hint="hanako@example.jp")
        collected.add(request["nonce"], request["state"], request["code_challenge"], party.code_verifier)
        collected.add("hanako@example.jp")
        browser.authorize(request)
        collected.add(browser.handle, *(form.fields.get("csrf") for form in browser.forms()))
        browser.use_sandbox_card(person, outcome)
        browser.agree()
        collected.add(*browser.cookies.values(), *(value.partition(".")[2] for value in browser.cookies.values()))
        if "code=" in browser.last.headers.get("Location", ""):
            code = party.code(browser.last)
            tokens = party.redeem(code).get_json()
            collected.add(code, tokens["access_token"], tokens["refresh_token"], tokens["id_token"])
            collected.add(party.sub(tokens))
            party.userinfo(tokens["access_token"])
            party.userinfo("A" * 43)
            party.refresh(tokens["refresh_token"])
            party.redeem(code)
            party.post("/revoke", {"token": tokens["access_token"]})
            party.post("/token", {"grant_type": "x", "code": code, "client_secret": party.secret or ""})


def a_presenter_that_fails(provider: Provider, collected: Collected) -> None:
    party, browser, victim = provider.relying_party(), provider.browser(), provider.browser()
    browser.authorize(party.request())
    card = provider.cards["hanako"].user_authentication
    presenter = PresenterDouble(provider.app, provider.settings.issuer, card, browser.handle)
    presenter.open()
    collected.add(presenter.nonce, presenter.secret, presenter.commitment, presenter.handle)
    presenter.call("proof", b"{" + presenter.secret.encode())
    presenter.prove(presenter.proof(algorithm="none"))
    proof = presenter.proof()
    collected.add(presenter.nonce, proof["signature"], proof["unverified_certificate"])
    return_url = presenter.prove(proof).get_json()["return_url"]
    collected.add(*return_url.rpartition("/")[2].split("."))
    victim.get(return_url)
    for pasted in (presenter.handle, presenter.secret):
        victim.get(f"/card/{pasted}")
        victim.get(f"/login/{pasted}")
        victim.get(f"/card/return/{return_url.rpartition('/')[2]}/more")
        victim.get(f"/{pasted}/x?code={pasted}")
        victim.authorize(party.request() | {pasted: "x"})
    collected.add(*(value.partition(".")[2] for value in browser.cookies.values()))


def test_no_secret_is_ever_logged(provider: Provider) -> None:
    collected = Collected()
    everything_that_happens(provider, collected)
    a_presenter_that_fails(provider, collected)
    for member in CAST:
        collected.add(member.holder.name, member.name_ja, member.name_en, member.holder.address)
    for card in provider.cards.values():
        der = card.user_authentication.certificate_der
        serial = int.from_bytes(card.user_authentication.serial, "big")
        collected.add(str(serial), f"{serial:x}", base64.b64encode(der).decode()[40:100], der.hex()[40:100])
    log = provider.log.getvalue()
    assert len(log.splitlines()) > 20
    assert [value for value in collected.values if value in log] == []
    assert f'"{USER_AUTHENTICATION_PIN}"' not in log
    assert "Traceback" not in log


def test_every_log_line_is_one_json_object_whose_values_are_short(provider: Provider) -> None:
    everything_that_happens(provider, Collected())
    for line in provider.log.getvalue().splitlines():
        assert all(len(str(value)) <= 200 for value in json.loads(line).values()), line


def test_an_audit_row_holds_identifiers_and_codes_only(provider: Provider) -> None:
    collected = Collected()
    everything_that_happens(provider, collected)
    a_presenter_that_fails(provider, collected)
    rows = str(provider.parts.database.read_all("SELECT * FROM audit_events"))
    assert [value for value in collected.values if value in rows] == []


def test_what_nobody_foresaw_is_logged_by_its_kind_and_place_only(provider: Provider) -> None:
    party, browser = provider.relying_party(), provider.browser()
    browser.authorize(party.request())
    key = provider.parts.transient._database.read_all("SELECT key FROM transient_records_1")[0][0]
    secret = "a-secret-in-a-broken-record"
    provider.parts.transient._database.write(
        "UPDATE transient_records_1 SET value = ? WHERE key = ?", (f'["{secret}"'.encode(), key)
    )
    answer = browser.get(browser.path)
    assert answer.status_code == 500
    page = answer.get_data(as_text=True)
    last = provider.log_lines()[-1]
    assert last["event"] == "server_error"
    assert last["exception"] == "JSONDecodeError"
    assert last["reference"] in page
    assert secret not in provider.log.getvalue() + page
