"""A serial number that is kept: it shows nowhere, moves nowhere, and nothing said of another one counts or delays."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.audit import AuditEvent
from idp.identity.credential import LookupDigest, SealedSerial
from idp.identity.lookup_keys import digest_credential
from idp.identity.sealed_serial import seal_serial, unseal_serial
from idp.jobs import recheck_cards
from idp.ops.doctor import examine
from idp.ops.revocation_recheck import RecheckOutcome
from idp.sandbox.operator.life_event import CastLife
from tests.contracts.records import ACCOUNT, CREDENTIAL, SESSION
from tests.support.provider import Provider
from tests.support.relying_party import RelyingParty
from tests.support.status_responder import Line, Responder, with_ocsp_only, with_operator_only

OFFLINE = {"grant_types": ["authorization_code", "refresh_token"]}
ASK_ANEW_SECONDS = 900


@pytest.fixture
def asking(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Provider, Line]]:
    found = with_ocsp_only(provider, monkeypatch)
    yield found
    found[0].close()


def revoke(provider: Provider, person: str) -> None:
    CastLife(provider.parts.sandbox[0]).revoke(person, provider.clock())  # type: ignore[index]


def ask_everybody(provider: Provider) -> RecheckOutcome | None:
    provider.clock.advance(ASK_ANEW_SECONDS)
    return recheck_cards(provider.parts, is_everyone_due=True)


def two_people(provider: Provider) -> tuple[RelyingParty, dict[str, str], dict[str, str]]:
    """Hanako and Taro, with their tokens."""
    party = provider.relying_party(**OFFLINE)
    return party, party.sign_in(provider.browser()), party.sign_in(provider.browser(), "taro")


def serials(provider: Provider) -> list[bytes]:
    return [provider.cards[person].user_authentication.serial for person in ("hanako", "taro")]


def account_of(tokens: dict[str, str], provider: Provider, party: RelyingParty) -> str:
    row = provider.parts.database.read_one("SELECT account_id FROM subjects WHERE sub = ?", (party.sub(tokens),))
    assert row is not None
    return str(row[0])


def test_a_revoked_card_is_not_saved_by_a_signed_answer_about_another_one(asking: tuple[Provider, Line]) -> None:
    provider, line = asking
    party, hanako, taro = two_people(provider)
    revoke(provider, "hanako")
    assert isinstance(line.answer, Responder)
    line.answer.answers_about = int.from_bytes(serials(provider)[1], "big")
    # Taro's own question is answered; Hanako's is not by what is said of Taro.
    assert ask_everybody(provider) == RecheckOutcome(good_count=1, unanswered_count=1)
    assert provider.count_rows("credentials", "status_time IS NULL") == 1
    line.answer.answers_about = None
    assert ask_everybody(provider) == RecheckOutcome(good_count=1, revoked_count=1)
    assert [party.refresh(each["refresh_token"]).status_code for each in (hanako, taro)] == [400, 200]


def add_unknown_cards(provider: Provider, count: int) -> None:
    """Cards of the authority whose card signed in, which its responder does not know; a session rests on each."""
    parts, now = provider.parts, provider.clock()
    row = parts.database.read_one("SELECT lookup_key_id, lookup_digest, sealed_serial FROM credentials")
    assert row is not None
    issuer, _ = unseal_serial(parts.sealer, LookupDigest(row[0], bytes(row[1])), row[2])
    with parts.durable.writing() as writer:
        for number in range(count):
            name, serial = f"unknown-{number}", (0x01000000 + number).to_bytes(4, "big")
            lookup = digest_credential(parts.lookup_keys, issuer, serial)[0]
            kept = SealedSerial(seal_serial(parts.sealer, lookup, issuer, serial), now + timedelta(hours=6))
            credential = replace(
                CREDENTIAL, credential_id=name, account_id=name, lookup=lookup, valid_until=now + timedelta(days=900)
            )
            digest = number.to_bytes(32, "big")
            session = replace(SESSION, session_hash=digest, origin_hash=digest, account_id=name, credential_id=name)
            writer.insert_account(replace(ACCOUNT, account_id=name))
            assert writer.insert_credential(credential, now)
            writer.touch_credential(name, now, kept)
            writer.insert_browser_session(replace(session, expires_at=now + timedelta(days=30)))


def test_cards_that_a_responder_does_not_know_put_off_nobodys_question(asking: tuple[Provider, Line]) -> None:
    provider, _ = asking
    party = provider.relying_party(**OFFLINE)
    tokens = party.sign_in(provider.browser())
    provider.clock.advance(60)
    add_unknown_cards(provider, 12)
    provider.clock.advance(6 * 3600)
    assert recheck_cards(provider.parts) == RecheckOutcome(good_count=1, unanswered_count=12)
    revoke(provider, "hanako")
    provider.clock.advance(6 * 3600)
    assert recheck_cards(provider.parts) == RecheckOutcome(revoked_count=1, unanswered_count=12)
    assert party.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    # Nobody is late, and yet nothing is known of some of them for longer than a level may rest on.
    provider.clock.advance(61 * 3600)
    recheck_cards(provider.parts)
    (told,) = [each for each in examine(provider.parts.patient, provider.clock()) if "recheck" in each.key]
    assert told.state.value == "warn"
    assert "12 cards, the first due in 6.0 h, one last known to be good 73.0 h ago" in told.text


def test_another_ones_revocation_ends_nobody_by_a_moved_serial_number(asking: tuple[Provider, Line]) -> None:
    provider, line = asking
    party, hanako, taro = two_people(provider)
    database = provider.parts.database
    of_hanako, of_taro = (account_of(each, provider, party) for each in (hanako, taro))
    sealed = database.read_one("SELECT sealed_serial FROM credentials WHERE account_id = ?", (of_hanako,))
    assert sealed is not None
    database.write("UPDATE credentials SET sealed_serial = ? WHERE account_id = ?", (sealed[0], of_taro))
    revoke(provider, "hanako")
    asked = line.asked
    assert ask_everybody(provider) == RecheckOutcome(revoked_count=1, forgotten_count=1)
    assert line.asked == asked + 1
    assert [party.refresh(each["refresh_token"]).status_code for each in (hanako, taro)] == [400, 200]
    # The next sign-in of the one who was robbed of his own brings it back.
    party.sign_in(provider.browser(), "taro")
    assert ask_everybody(provider) == RecheckOutcome(good_count=1)


@pytest.mark.parametrize("start", [with_ocsp_only, with_operator_only])
def test_a_serial_number_stands_in_no_file_and_in_no_log_line(start, provider, monkeypatch) -> None:
    asking, line = start(provider, monkeypatch)
    two_people(asking)
    assert asking.count_rows("credentials", "sealed_serial IS NOT NULL") == 2
    ask_everybody(asking)
    revoke(asking, "hanako")
    asking.parts.sandbox[0].publish_crls(asking.clock())
    ask_everybody(asking)
    line.is_up = False
    ask_everybody(asking)
    assert AuditEvent.CREDENTIAL_REVOKED in [event for event, *_ in asking.audit_events()]
    stored = b"".join(path.read_bytes() for path in sorted(asking.directory.glob("*.sqlite3*")))
    assert b"sealed_serial" in stored
    for serial in serials(asking):
        number = int.from_bytes(serial, "big")
        written = [serial, serial.hex().encode(), serial.hex().upper().encode(), str(number).encode()]
        written += [base64.urlsafe_b64encode(serial).rstrip(b"="), base64.b64encode(serial).rstrip(b"=")]
        assert not [form for form in written if form in stored or form in asking.log.getvalue().encode()]
    asking.close()


def test_of_a_card_that_nobody_relies_on_nothing_is_asked_and_nothing_stays(asking: tuple[Provider, Line]) -> None:
    provider, line = asking
    browser = provider.browser()
    party = provider.relying_party()
    party.sign_in(browser)
    provider.clock.advance(provider.settings.signin.session_absolute_seconds + 1)
    asked = line.asked
    assert recheck_cards(provider.parts) == RecheckOutcome(forgotten_count=1)
    assert line.asked == asked
    assert provider.count_rows("credentials", "sealed_serial IS NOT NULL") == 0
