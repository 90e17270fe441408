"""The jobs as an operator starts them."""

import dataclasses
import json
from datetime import timedelta

import pytest
from click.testing import CliRunner

from idp.cli.main import main
from idp.identity.account import Account, AccountState
from idp.identity.credential import Credential, CredentialState, SealedSerial
from idp.identity.lookup_keys import digest_credential
from idp.identity.sealed_serial import seal_serial
from idp.jpki.crl_index import index_path
from idp.keys.jwe_algorithms import ALL_ALGORITHMS
from idp.keys.jws_registry import SIGNING_ALGORITHMS
from idp.oidc.browser_session import BrowserSession
from tests.unit.cli.conftest import CommandLine


def test_purging_counts_what_went(idp: CommandLine) -> None:
    counts = idp.read("job", "purge")
    assert counts["transient"] == 0
    assert "grants" in counts


def test_lists_are_fetched_verified_and_put_where_the_workers_look(idp: CommandLine) -> None:
    for path in (idp.directory / "sandbox" / "crl").glob("*.crlindex"):
        path.unlink()
    assert idp.run("doctor").exit_code == 1
    outcomes = idp.read("job", "revocation-refresh")["lists"]
    assert {outcome["state"] for outcome in outcomes} == {"updated"}
    assert idp.run("doctor").exit_code == 0


def test_a_list_that_cannot_be_had_ends_with_3_and_is_named(idp: CommandLine) -> None:
    session = idp.session()
    anchor = next(anchor for anchor in session.parts.trust.anchors if anchor.name == "user-authentication-1")
    sources = {key_id: source for key_id, source in session.parts.crl_sources.items() if key_id != anchor.issuer_key_id}
    session.__dict__["parts"] = dataclasses.replace(session.parts, crl_sources=sources)
    result = CliRunner().invoke(main, ["job", "revocation-refresh"], obj=session)
    assert result.exit_code == 3
    assert "user-authentication-1" in result.stderr


def test_the_credentials_that_the_lists_name_are_counted(idp: CommandLine) -> None:
    counts = idp.read("job", "revocation-refresh")["sweep"]
    assert (counts["revoked"], counts["on_hold"], counts["unreadable"]) == (0, 0, 0)
    assert counts["lists"] > 0
    assert "Credentials revoked: 0" in idp.run("job", "revocation-refresh").output


def test_what_a_list_ended_is_counted_and_logged_apart_from_the_answer(idp: CommandLine) -> None:
    parts = idp.session().parts
    assert parts.sandbox is not None
    card = parts.sandbox[1]["hanako"].user_authentication
    issuer = next(anchor.issuer_key_id for anchor in parts.trust.anchors if anchor.name == card.authority)
    digest = digest_credential(parts.lookup_keys, issuer, card.serial)[0]
    end = idp.now + timedelta(days=900)
    with parts.durable.writing() as writer:
        writer.insert_account(Account("account", AccountState.ACTIVE, idp.now))
        credential = Credential("one", "account", digest, "card", "card", end, CredentialState.ACTIVE, True)
        assert writer.insert_credential(credential, idp.now)
    idp.pass_time(seconds=5)
    idp.read("sandbox", "revoke", "--person", "hanako")
    idp.pass_time(seconds=5)
    result = idp.run("job", "revocation-refresh", "--json")
    assert json.loads(result.stdout)["sweep"]["revoked"] == 1
    (line,) = [json.loads(line) for line in result.stderr.splitlines()]
    assert (line["event"], line["count"]) == ("credentials_revoked_by_list", 1)


def test_a_file_among_the_indexes_that_cannot_be_read_ends_with_3_and_is_named(idp: CommandLine) -> None:
    anchor = idp.session().parts.trust.anchors[0]
    broken = index_path(idp.session().settings.jpki.crl_index_directory, anchor.issuer_key_id, b"p" * 32)
    idp.run("job", "revocation-refresh")
    broken.write_bytes(b"noise")
    result = idp.run("job", "revocation-refresh")
    assert result.exit_code == 3
    assert broken.name in result.stderr


def test_an_authority_whose_certificates_are_asked_about_needs_no_list(idp: CommandLine) -> None:
    for revocation in (("crl", "operator"), ("operator",)):
        session = idp.session()
        jpki = session.parts.settings.jpki.model_copy(update={"revocation": revocation})
        settings = session.parts.settings.model_copy(update={"jpki": jpki})
        session.__dict__["parts"] = dataclasses.replace(session.parts, crl_sources={}, settings=settings)
        result = CliRunner().invoke(main, ["job", "revocation-refresh"], obj=session)
        assert result.exit_code == 0, result.output
        assert "no_source" in result.stdout


def test_sealing_prints_a_digest_that_verifying_repeats(idp: CommandLine) -> None:
    seal = idp.read("job", "seal-audit")
    proven = idp.read("audit", "verify")
    assert proven == {"events": seal["last_sequence"], "digest": seal["digest"]}


def test_an_audit_log_that_was_changed_is_refused(idp: CommandLine) -> None:
    idp.read("job", "seal-audit")
    idp.session().parts.database.write("UPDATE audit_events SET outcome = 'forged' WHERE sequence = 1")
    result = idp.run("audit", "verify")
    assert result.exit_code == 1


def test_nothing_to_seal_is_no_failure(empty_idp: CommandLine) -> None:
    empty_idp.run("sandbox", "init")
    database = empty_idp.session().parts.database
    database.write("DELETE FROM audit_events")
    assert empty_idp.read("job", "seal-audit") == {}
    assert empty_idp.read("audit", "verify")["events"] == 0


def test_keys_are_rotated_from_the_command_line_too(idp: CommandLine) -> None:
    assert idp.read("job", "key-rotation") == {"announced": [], "erased": []}
    idp.pass_time(days=89, seconds=60)
    announced = idp.read("job", "key-rotation")["announced"]
    assert {key["alg"] for key in announced} == set(ALL_ALGORITHMS)
    assert idp.read("job", "key-rotation")["announced"] == []
    idp.pass_time(days=1)
    # Those that decrypt are still needed for what is on its way.
    assert len(idp.read("job", "key-rotation")["erased"]) == len(SIGNING_ALGORITHMS)
    assert "No key is due." in idp.run("job", "key-rotation").output


def test_where_the_lists_tell_of_every_card_nobody_is_asked_again(idp: CommandLine) -> None:
    assert idp.read("job", "revocation-recheck") == {}


@pytest.mark.enable_socket
def test_cards_about_which_nobody_answers_end_with_3(idp: CommandLine) -> None:
    environ = {
        "IDP_JPKI__REVOCATION": '["operator"]',
        "IDP_OPERATOR_PLATFORM__URL": "http://127.0.0.1:1/nobody-is-there",
        "IDP_OPERATOR_PLATFORM__ATTEMPTS": "1",
    }
    parts = idp.session(environ).parts
    recheck = parts.revocation_recheck
    assert recheck is not None
    anchor = next(anchor for anchor in parts.trust.anchors if anchor.name == "user-authentication-2")
    digest = digest_credential(parts.lookup_keys, anchor.issuer_key_id, b"\x07")[0]
    credential = Credential(
        "one", "account", digest, "card", "card", idp.now + timedelta(days=900), CredentialState.ACTIVE, True
    )
    session = BrowserSession(
        b"s" * 32, b"s" * 32, "account", "one", idp.now, "acr", ("sc",), idp.now, idp.now, idp.now,
        idp.now + timedelta(hours=1),
    )  # fmt: skip
    sealed = seal_serial(parts.sealer, digest, anchor.issuer_key_id, b"\x07")
    with parts.durable.writing() as writer:
        writer.insert_account(Account("account", AccountState.ACTIVE, idp.now))
        assert writer.insert_credential(credential, idp.now)
        writer.insert_browser_session(session)
        writer.touch_credential("one", idp.now, SealedSerial(sealed, idp.now + recheck.interval))
    result = idp.run("job", "revocation-recheck", environ=environ)
    assert result.exit_code == 3
    assert "unanswered" in result.stdout
    assert parts.durable.count_kept_serials().count == 1
