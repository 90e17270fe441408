"""Two operators at the command line, and merges that are shown first."""

import pytest

from idp.identity.link_request import request_link
from idp.identity.linking import CredentialIsPerson, FoundAccount, find_or_open_account
from tests.contracts.test_linking_store import present
from tests.unit.cli.conftest import CommandLine


def sign_in(idp: CommandLine, number: int) -> FoundAccount:
    with idp.session().parts.durable.writing() as writer:
        return find_or_open_account(writer, present(number), linkage=CredentialIsPerson(), now=idp.now)


def test_two_operators_decide_and_one_alone_does_not(idp: CommandLine) -> None:
    old = sign_in(idp, 1)
    with idp.session().parts.durable.writing() as writer:
        request = request_link(writer, present(2), old.account_id, now=idp.now, txn="t")
    [shown] = idp.read("linking", "pending")
    assert (shown["request_id"], shown["account_id"]) == (request.request_id, old.account_id)
    assert idp.run("linking", "approve", request.request_id).exit_code == 2
    assert idp.read("linking", "approve", request.request_id, "--operator", "aoki")["state"] == "pending"
    assert idp.run("linking", "approve", request.request_id, "--operator", "aoki").exit_code == 1
    assert idp.read("linking", "approve", request.request_id, "--operator", "baba")["state"] == "approved"
    assert sign_in(idp, 2).account_id == old.account_id
    assert idp.read("linking", "pending") == []


def test_one_operator_may_reject(idp: CommandLine) -> None:
    old = sign_in(idp, 1)
    with idp.session().parts.durable.writing() as writer:
        request = request_link(writer, present(2), old.account_id, now=idp.now, txn="t")
    assert idp.read("linking", "reject", request.request_id, "--operator", "aoki")["state"] == "rejected"
    assert idp.run("linking", "reject", request.request_id, "--operator", "aoki").exit_code == 1


def test_a_merge_is_shown_first_done_on_request_and_undone(idp: CommandLine) -> None:
    loser, keeper = sign_in(idp, 1), sign_in(idp, 2)
    options = ("account", "merge", "--from", loser.account_id, "--into", keeper.account_id)
    assert idp.read(*options)["merge_id"] is None
    assert sign_in(idp, 1).account_id == loser.account_id
    done = idp.read(*options, "--apply")
    assert done["moved"] == {"credential": 1}
    assert sign_in(idp, 1).account_id == keeper.account_id
    assert idp.read("account", "merge", "--undo", done["merge_id"])["state"] == "undone"
    assert sign_in(idp, 1).account_id == loser.account_id


@pytest.mark.parametrize("options", [(), ("--from", "a"), ("--undo", "m", "--from", "a")])
def test_a_merge_needs_both_accounts_or_what_it_undoes(idp: CommandLine, options: tuple[str, ...]) -> None:
    assert idp.run("account", "merge", *options).exit_code == 2


def test_a_merge_that_is_refused_says_why_in_words(idp: CommandLine) -> None:
    result = idp.run("account", "merge", "--from", "a", "--into", "b")
    assert (result.exit_code, result.stderr) == (1, "refused: there is no such account (no_such_account)\n")
    result = idp.run("account", "merge", "--from", "a", "--into", "a")
    assert (result.exit_code, result.stderr) == (1, "refused: both are one account (same_account)\n")
