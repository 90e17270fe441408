"""The operator's view of evidence: the sheet, holds, and the purge that leaves a proof."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.contracts.test_evidence_store import RECORD
from tests.unit.cli.conftest import CommandLine

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


def test_unknown_evidence_is_refused(idp: CommandLine) -> None:
    for verb in ("show", "hold", "release"):
        assert idp.run("evidence", verb, "unknown").exit_code == 1


def test_an_altered_record_is_refused(idp: CommandLine) -> None:
    with idp.session().parts.durable.writing() as writer:
        writer.insert_evidence(replace(RECORD, sealed="AAAA", expires_at=idp.now + timedelta(days=1)))
    assert idp.run("evidence", "show", "txn").exit_code == 1


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
