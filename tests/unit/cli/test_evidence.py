"""The operator's view of evidence: the sheet, holds, and the purge that leaves a proof."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.card_login.kept_proof import KeptProof
from tests.contracts.test_evidence_store import RECORD
from tests.unit.card_login.proofs import NONCE, STATEMENT, TXN
from tests.unit.card_login.proofs import kept as kept_proof
from tests.unit.cli.conftest import CommandLine
from tests.unit.signin.evidence_samples import SIGNED_RECORD

VALUES = {
    "userinfo": {"verified_claims": {"claims": {"name": "<b>山田　花子</b>"}}},
    "id_token": {},
    "statement": "情報の提供についての同意\n\n私は",
}


@pytest.fixture
def kept(idp: CommandLine) -> CommandLine:
    parts = idp.session().parts
    sealed = parts.sealer.seal("evidence", b"txn", json.dumps(VALUES).encode())
    with parts.durable.writing() as writer:
        writer.insert_evidence(
            replace(RECORD, sealed=sealed, recorded_at=idp.now, expires_at=idp.now + timedelta(days=1))
        )
    return idp


def events(idp: CommandLine) -> list[tuple[str, str]]:
    rows = idp.session().parts.database.read_all("SELECT event, outcome FROM audit_events ORDER BY sequence")
    return [(row[0], row[1]) for row in rows]


def test_the_record_is_shown_as_json_and_the_reading_audited(kept: CommandLine) -> None:
    shown = kept.read("evidence", "show", "txn")
    assert (shown["txn"], shown["account_id"], shown["statement"]) == ("txn", "account", VALUES["statement"])
    assert shown["values"]["userinfo"] == VALUES["userinfo"]
    assert events(kept)[-1] == ("evidence_read", "operator")


def test_the_sheet_says_what_was_checked_and_what_is_not_kept(kept: CommandLine) -> None:
    sheet = kept.run("evidence", "show", "txn").output
    for expected in ("確認記録", "署名用電子証明書", "crl id-1", "山田", "::age_20_or_over", "電子証明書、電子署名"):
        assert expected in sheet


def test_the_printable_page_escapes_what_it_shows(kept: CommandLine) -> None:
    page = kept.run("evidence", "show", "txn", "--html").output
    assert page.startswith("<!DOCTYPE html>")
    assert "&lt;b&gt;山田" in page
    assert "<b>" not in page
    assert kept.run("evidence", "show", "txn", "--html", "--json").exit_code == 2


def test_a_sheet_without_values_says_why(kept: CommandLine) -> None:
    with kept.session().parts.durable.writing() as writer:
        writer.insert_evidence(
            replace(RECORD, txn="plain", sealed=None, statement_hash=None, expires_at=kept.now + timedelta(days=1))
        )
    sheet = kept.run("evidence", "show", "plain").output
    assert "法的根拠がない" in sheet
    assert "署名なし" in sheet


def kept_for(idp: CommandLine) -> KeptProof:
    """A proof that a card of a throwaway authority made for this installation."""
    return kept_proof(issuer=idp.session().settings.issuer)


def keep_signed(idp: CommandLine, proof: KeptProof) -> None:
    """A record with the proof of a signature."""
    parts = idp.session().parts
    members = {"userinfo": {}, "id_token": {}, "statement": STATEMENT, "proof": proof.to_members()}
    sealed = parts.sealer.seal("evidence", TXN.encode(), json.dumps(members).encode())
    with parts.durable.writing() as writer:
        writer.insert_evidence(replace(SIGNED_RECORD, sealed=sealed, expires_at=idp.now + timedelta(days=1)))


def verified(idp: CommandLine, txn: str) -> tuple[int, dict[str, str]]:
    """How a verification ends, and each step's verdict."""
    result = idp.run("evidence", "verify", txn, "--json")
    answer = json.loads(result.stdout)
    assert answer["txn"] == txn
    return result.exit_code, {step["step"]: step["verdict"] for step in answer["steps"]}


def test_a_record_that_keeps_no_signature_cannot_be_verified(kept: CommandLine) -> None:
    assert verified(kept, "txn") == (3, {"proof": "could not find out"})
    assert events(kept)[-1] == ("evidence_read", "operator")


def test_a_signature_of_an_authority_that_is_not_here_cannot_be_found_out(idp: CommandLine) -> None:
    keep_signed(idp, kept_for(idp))
    code, steps = verified(idp, TXN)
    assert code == 3
    assert steps.pop("certificate") == "could not find out"
    assert set(steps.values()) == {"good"}


def test_an_altered_signature_is_refused_with_every_step_printed(idp: CommandLine) -> None:
    keep_signed(idp, replace(kept_for(idp), nonce="m" * 43))
    code, steps = verified(idp, TXN)
    assert code == 1
    assert (steps["signature"], steps["statement"]) == ("refused", "good")
    text = idp.run("evidence", "verify", TXN).output
    assert all(name in text for name in ("STEP", "certificate", "signature", "issuer", "transaction", "statement"))
    assert "bad_signature" in text


def test_the_sheet_says_that_signature_and_certificate_are_kept(idp: CommandLine) -> None:
    keep_signed(idp, kept_for(idp))
    for sheet in (idp.run("evidence", "show", TXN).output, idp.run("evidence", "show", TXN, "--html").output):
        for expected in ("保存している電子署名", "RS256", NONCE, "利用者証明用電子証明書とその電子署名"):
            assert expected in sheet
        assert "電子証明書、電子署名" not in sheet
    shown = idp.read("evidence", "show", TXN)
    assert shown["proof"] == kept_for(idp).to_members() | {"verification_process": "ev-sign"}


def test_unknown_evidence_is_refused(idp: CommandLine) -> None:
    for verb in ("show", "verify", "hold", "release"):
        assert idp.run("evidence", verb, "unknown").exit_code == 1


def test_an_altered_record_is_refused(idp: CommandLine) -> None:
    with idp.session().parts.durable.writing() as writer:
        writer.insert_evidence(replace(RECORD, sealed="AAAA", expires_at=idp.now + timedelta(days=1)))
    assert idp.run("evidence", "show", "txn").exit_code == 1
    assert idp.run("evidence", "verify", "txn").exit_code == 1


def test_a_held_record_outlives_its_time_and_a_released_one_goes_with_a_proof(kept: CommandLine) -> None:
    assert kept.read("evidence", "hold", "txn")["state"] == "held"
    kept.pass_time(days=2)
    assert kept.read("job", "purge")["evidence"] == 0
    assert kept.read("evidence", "show", "txn")["is_held"]
    assert "削除の保留" in kept.run("evidence", "show", "txn").output
    assert kept.read("evidence", "release", "txn")["state"] == "released"
    assert kept.run("evidence", "release", "txn").exit_code == 1
    assert kept.read("job", "purge")["evidence"] == 1
    assert kept.run("evidence", "show", "txn").exit_code == 1
    event, outcome = events(kept)[-1]
    assert event == "evidence_deleted"
    assert outcome.startswith("1 sha256:")


def test_a_clients_legal_basis_and_retention_are_registered_and_shown(idp: CommandLine) -> None:
    options = ("--client-name", "銀行", "--redirect-uri", "https://bank.example/cb", "--client-id", "bank")
    added = idp.run("client", "add", *options, "--lawful-verifier", "--evidence-days", "3650")
    assert added.exit_code == 0, added.output
    shown = idp.read("client", "show", "bank")
    assert (shown["is_lawful_verifier"], shown["evidence_retention_days"]) == (True, 3650)
