"""What the person's own page is filled with."""

from dataclasses import replace
from datetime import UTC, datetime

from idp.identity.credential import CredentialState
from idp.signin.attaching import AttachPart
from idp.signin.own_account_overview import OwnCard, ReachedClient, Receipt
from idp.web.catalogue import load_catalogues
from idp.web.pages.account_values import WORDED_CLAIMS, card_values, service_values
from tests.contracts.records import CLIENT

AT = datetime(2026, 11, 22, tzinfo=UTC)
CARD = OwnCard("k" * 43, "card", "card", CredentialState.ACTIVE, AT, AT)
REACHED = ReachedClient("client", AT, AT, True, None, (Receipt(AT, ("name", "::age_20_or_over")),))


def test_every_worded_claim_kind_purpose_and_state_has_its_words() -> None:
    known = load_catalogues()["ja"].all_keys()
    codes = [f"claim.{name}" for name in WORDED_CLAIMS]
    codes += ["kind.card", "kind.phone", "purpose.user_authentication", "purpose.digital_signature"]
    codes += [f"state.{state}" for state in CredentialState if state is not CredentialState.ACTIVE]
    codes += [
        f"{change}.{part}"
        for change in ("withdraw", "lost", "sign_out", "delete", "undo")
        for part in ("title", "text", "button", "done", "done_text")
    ]
    codes += [f"{change}.{part}" for change in ("attach", "request") for part in ("title", "text", "button")]
    codes += [f"{change}.{part}" for change in ("attach_unneeded", "undo_older") for part in ("title", "text")]
    codes += [f"ask.{asked.value}.{part}" for asked in AttachPart for part in ("title", "lead")]
    codes += ["announced.card", "announced.phone"]
    assert {key for key in known if key.startswith("account.code.")} == {f"account.code.{code}" for code in codes}


def test_a_profile_that_is_no_longer_known_signs_nobody_in() -> None:
    assert card_values(CARD, {"card": "user-authentication"}, "")["purpose"] == "user_authentication"
    assert card_values(CARD, {}, "")["purpose"] == "digital_signature"


def test_the_card_of_this_session_is_marked() -> None:
    assert card_values(CARD, {}, "k" * 43)["is_this_one"]
    assert not card_values(CARD, {}, "j" * 43)["is_this_one"]


def test_a_client_is_named_with_its_host_and_one_that_is_gone_without() -> None:
    shown = service_values(REACHED, CLIENT)
    assert (shown["name"], shown["host"], shown["is_reviewed"]) == (CLIENT.client_name, "client.example", False)
    gone = service_values(REACHED, None)
    assert (gone["name"], gone["host"], gone["is_reviewed"]) == (None, None, False)


def test_an_app_is_named_by_its_scheme() -> None:
    app = replace(CLIENT, redirect_uris=("com.example.app:/cb",))
    assert service_values(REACHED, app)["host"] == "com.example.app"


def test_claims_without_words_are_told_apart() -> None:
    assert service_values(REACHED, CLIENT)["receipts"][0]["claims"] == [("name", True), ("::age_20_or_over", False)]
