"""Accounts as an operator finds and changes them."""

from datetime import timedelta

import pytest

from idp.audit import AuditEvent, AuditRecord
from idp.identity.attachment import attach_credential, report_lost
from idp.identity.credential import LookupDigest, PresentedCredential
from idp.identity.errors import AccountSuspended, CredentialSuspended
from idp.identity.linking import CredentialIsPerson, find_or_open_account
from idp.identity.lookup_keys import digest_credential
from idp.identity.subject import find_or_create_subject
from idp.sandbox.card.personalise import personalise
from idp.sandbox.card.socket_card import serve_socket_card
from tests.unit.cli.conftest import CommandLine

TXN = "T" * 43


def sign_in(idp: CommandLine, slug: str = "hanako") -> str:
    """What a sign-in leaves behind; returns the account's identifier."""
    parts = idp.session().parts
    assert parts.sandbox is not None
    pki, cards = parts.sandbox
    issued = cards[slug].user_authentication
    anchor = next(anchor for anchor in pki.anchors().anchors if anchor.name == issued.authority)
    presented = PresentedCredential(
        digests=digest_credential(parts.lookup_keys, anchor.issuer_key_id, issued.serial),
        profile="card",
        kind="card",
        valid_until=idp.now + timedelta(days=300),
    )
    with parts.durable.writing() as writer:
        found = find_or_open_account(writer, presented, linkage=CredentialIsPerson(), now=idp.now, txn=TXN)
        writer.append_audit(AuditRecord(AuditEvent.SIGNED_IN, idp.now, account_id=found.account_id, txn=TXN))
    return found.account_id


def subject_at(idp: CommandLine, account_id: str, sector: str) -> str:
    with idp.session().parts.durable.writing() as writer:
        return find_or_create_subject(writer, account_id, sector, now=idp.now)


def test_an_account_is_found_by_a_sign_in_number(idp: CommandLine) -> None:
    account_id = sign_in(idp)
    found = idp.read("account", "find", "--txn", TXN)
    assert (found["account_id"], found["state"]) == (account_id, "active")
    assert [credential["kind"] for credential in found["credentials"]] == ["card"]
    assert idp.read("account", "find", "--account", account_id) == found


def test_an_account_is_found_by_what_a_page_shows_of_the_number(idp: CommandLine) -> None:
    account_id = sign_in(idp)
    assert idp.read("account", "find", "--txn", TXN[:10])["account_id"] == account_id
    assert idp.run("account", "find", "--txn", TXN[:9]).exit_code == 1
    assert idp.run("account", "find", "--txn", TXN[:10].lower()).exit_code == 1
    assert idp.run("account", "find", "--txn", "_" * 10).exit_code == 1


def test_a_beginning_of_two_sign_ins_finds_neither(idp: CommandLine) -> None:
    account_id = sign_in(idp)
    with idp.session().parts.durable.writing() as writer:
        writer.append_audit(AuditRecord(AuditEvent.SIGNED_IN, idp.now, account_id=account_id, txn="T" * 42 + "s"))
    result = idp.run("account", "find", "--txn", TXN[:20])
    assert (result.exit_code, result.stderr) == (1, "refused: several sign-ins begin so; give more of the number\n")


def test_an_account_is_found_by_what_a_client_reports_and_by_no_other_client(idp: CommandLine) -> None:
    account_id = sign_in(idp)
    for client_id, host in (("shop", "shop.example"), ("bank", "bank.example")):
        uri = f"https://{host}/cb"
        idp.read("client", "add", "--name", client_id, "--redirect-uri", uri, "--client-id", client_id)
    sub = subject_at(idp, account_id, "shop.example")
    assert idp.read("account", "find", "--client-id", "shop", "--sub", sub)["account_id"] == account_id
    assert idp.run("account", "find", "--client-id", "bank", "--sub", sub).exit_code == 1


@pytest.mark.enable_socket
def test_an_account_is_found_by_the_card_on_the_desk_without_a_pin(idp: CommandLine) -> None:
    account_id = sign_in(idp)
    parts = idp.session().parts
    assert parts.sandbox is not None
    pki, cards = parts.sandbox
    served = serve_socket_card(personalise(cards["hanako"], pki), "127.0.0.1", 0)
    try:
        found = idp.read("account", "find", "--card", f"socket:127.0.0.1:{served.port}")
        assert found["account_id"] == account_id
    finally:
        served.close()
    assert idp.run("account", "find", "--card", f"socket:127.0.0.1:{served.port}").exit_code == 3


@pytest.mark.enable_socket
def test_the_card_of_somebody_who_was_never_here_finds_nobody(idp: CommandLine) -> None:
    sign_in(idp, "taro")
    parts = idp.session().parts
    assert parts.sandbox is not None
    pki, cards = parts.sandbox
    served = serve_socket_card(personalise(cards["expired"], pki), "127.0.0.1", 0)
    try:
        result = idp.run("account", "find", "--card", f"socket:127.0.0.1:{served.port}")
        assert (result.exit_code, result.stderr) == (1, "refused: there is no such account\n")
    finally:
        served.close()


def test_a_suspended_account_does_not_sign_in_until_it_is_resumed(idp: CommandLine) -> None:
    account_id = sign_in(idp)
    assert idp.read("account", "suspend", "--txn", TXN)["state"] == "suspended"
    with pytest.raises(AccountSuspended):
        sign_in(idp)
    assert idp.read("account", "find", "--txn", TXN)["state"] == "suspended"
    idp.read("account", "resume", "--account", account_id)
    assert sign_in(idp) == account_id


@pytest.mark.parametrize("state", ["merged", "closed"])
@pytest.mark.parametrize("verb", ["suspend", "resume"])
def test_an_ended_account_is_neither_suspended_nor_resumed(idp: CommandLine, verb: str, state: str) -> None:
    account_id = sign_in(idp)
    with idp.session().parts.durable.writing() as writer:
        writer.set_account_state(account_id, state, idp.now)
    assert idp.run("account", verb, "--account", account_id).exit_code == 1
    assert idp.read("account", "find", "--account", account_id)["state"] == state


def test_signing_out_leaves_the_account_active(idp: CommandLine) -> None:
    sign_in(idp)
    assert idp.read("account", "sign-out", "--txn", TXN)["state"] == "active"


def test_each_change_is_in_the_audit_log(idp: CommandLine) -> None:
    sign_in(idp)
    for verb in ("suspend", "resume", "sign-out"):
        idp.read("account", verb, "--txn", TXN)
    events = idp.session().parts.durable.read_audit_events(1, 1000, 1000)
    assert [event.record.event for event in events][-3:] == [
        AuditEvent.ACCOUNT_SUSPENDED,
        AuditEvent.ACCOUNT_RESUMED,
        AuditEvent.SIGNED_OUT,
    ]


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--client-id", "shop"),
        ("--sub", "s"),
        ("--txn", "t", "--account", "a"),
        ("--txn", "t", "--client-id", "shop", "--sub", "s"),
    ],
)
def test_an_account_is_chosen_in_exactly_one_way(idp: CommandLine, options: tuple[str, ...]) -> None:
    assert idp.run("account", "find", *options).exit_code == 2


@pytest.mark.parametrize("verb", ["find", "suspend", "resume", "sign-out"])
@pytest.mark.parametrize("option", ["--txn", "--account"])
@pytest.mark.parametrize("value", ["unknown", "\udcff", "a" * 5000])
def test_an_unknown_account_is_refused(idp: CommandLine, verb: str, option: str, value: str) -> None:
    assert idp.run("account", verb, option, value).exit_code == 1


def test_people_are_never_chosen_by_name(idp: CommandLine) -> None:
    assert "--name" not in idp.run("account", "find", "--help").output


def test_what_is_printed_for_people_has_the_same_facts(idp: CommandLine) -> None:
    account_id = sign_in(idp)
    output = idp.run("account", "find", "--txn", TXN).output
    assert account_id in output
    assert "active" in output


def credential_of(idp: CommandLine, account_id: str) -> str:
    (found,) = idp.read("account", "find", "--account", account_id)["credentials"]
    return str(found["credential_id"])


def lose(idp: CommandLine, credential_id: str) -> None:
    with idp.session().parts.durable.writing() as writer:
        report_lost(writer, credential_id, now=idp.now)


def events_of(idp: CommandLine) -> list[tuple[str, str]]:
    events = idp.session().parts.durable.read_audit_events(1, 1000, 1000)
    return [(event.record.event.value, event.record.outcome) for event in events]


def test_a_card_that_was_reported_lost_and_found_signs_in_again(idp: CommandLine) -> None:
    account_id = sign_in(idp)
    credential_id = credential_of(idp, account_id)
    lose(idp, credential_id)
    with pytest.raises(CredentialSuspended):
        sign_in(idp)
    restored = idp.read("account", "restore-credential", credential_id)
    assert restored == {"credential_id": credential_id, "state": "active", "still_suspended": []}
    assert sign_in(idp) == account_id
    assert ("credential_restored", "by_operator") in events_of(idp)


def test_what_a_found_card_had_added_stays_blocked_until_it_is_restored_itself(idp: CommandLine) -> None:
    credential_id = credential_of(idp, sign_in(idp))
    presented = PresentedCredential(
        (LookupDigest("sandbox", b"n" * 32),), "card", "phone", idp.now + timedelta(days=300)
    )
    with idp.session().parts.durable.writing() as writer:
        added = attach_credential(writer, presented, credential_id, now=idp.now, txn=TXN).credential_id
    lose(idp, credential_id)
    assert idp.read("account", "restore-credential", credential_id)["still_suspended"] == [added]
    assert idp.read("account", "restore-credential", added)["still_suspended"] == []


@pytest.mark.parametrize("state", ["active", "revoked", "merged", "closed"])
def test_only_a_suspended_credential_of_a_standing_account_is_restored(idp: CommandLine, state: str) -> None:
    account_id = sign_in(idp)
    credential_id = credential_of(idp, account_id)
    with idp.session().parts.durable.writing() as writer:
        if state == "revoked":
            report_lost(writer, credential_id, now=idp.now)
            writer.revoke_credential(credential_id, idp.now)
        if state in ("merged", "closed"):
            report_lost(writer, credential_id, now=idp.now)
            writer.set_account_state(account_id, state, idp.now)
    assert idp.run("account", "restore-credential", credential_id).exit_code == 1
    assert "credential_restored" not in [event for event, _ in events_of(idp)]


@pytest.mark.parametrize("value", ["unknown", "\udcff", "a" * 5000, "-" + "a" * 42])
def test_an_unknown_credential_is_not_restored(idp: CommandLine, value: str) -> None:
    assert idp.run("account", "restore-credential", value).exit_code == 1


def test_a_change_says_only_what_happened(idp: CommandLine) -> None:
    account_id = sign_in(idp)
    assert idp.run("account", "suspend", "--account", account_id).output == (
        f"{account_id} is suspended; no session or grant was left to end.\n"
    )
    assert idp.run("account", "resume", "--account", account_id).output == f"{account_id} is active.\n"
    assert idp.read("account", "resume", "--account", account_id) == {"account_id": account_id, "state": "active"}
