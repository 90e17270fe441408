"""The contract of ``identity.linking_ports`` and of links on every engine, with the rules that use them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from idp.audit import AuditEvent
from idp.identity.account import Account, AccountState
from idp.identity.attachment import attach_credential, report_lost, undo_attachment
from idp.identity.credential import CredentialState, LinkageAnswer, LookupDigest, PresentedCredential
from idp.identity.errors import CredentialSuspended, DifferentPerson, LinkRefused
from idp.identity.link_request import LinkRequest, approve_request, reject_request, request_link
from idp.identity.linked_by_operator import LinkedByOperator
from idp.identity.linking import CredentialIsPerson, FoundAccount, find_or_open_account
from idp.identity.merge import apply_merge, plan_merge, undo_merge
from idp.stores.sql.database import Database
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import CLIENT, GRANT, LATER, NOW, SESSION, register

DAY = timedelta(days=1)


def present(number: int, person: str | None = None) -> PresentedCredential:
    digest = LookupDigest("key-1", number.to_bytes(32, "big"))
    link = None if person is None else LinkageAnswer((LookupDigest("key-1", person.encode().ljust(32)),), "check", NOW)
    return PresentedCredential((digest,), "card", "card", NOW + timedelta(days=900), link)


def sign_in(store: DurableStore, presented: PresentedCredential, now: datetime = NOW) -> FoundAccount:
    linkage = CredentialIsPerson() if presented.linkage is None else LinkedByOperator()
    with store.writing() as writer:
        return find_or_open_account(writer, presented, linkage=linkage, now=now)


def refusal_of(store: DurableStore, change) -> str:
    with pytest.raises(LinkRefused) as refusal, store.writing() as writer:
        change(writer)
    return refusal.value.reason


def test_fifty_first_sign_ins_of_two_linked_credentials_at_once_open_one_account(
    store: DurableStore, database: Database
) -> None:
    with ThreadPoolExecutor(50) as pool:
        found = list(pool.map(lambda number: sign_in(store, present(number % 2, "person")), range(50)))
    assert len({each.account_id for each in found}) == 1
    assert len({each.credential_id for each in found}) == 2
    assert sum(each.is_new for each in found) == 1
    assert database.read_all("SELECT COUNT(*) FROM accounts") == [(1,)]
    assert database.read_all("SELECT COUNT(*) FROM account_links") == [(1,)]


def test_a_link_is_found_counted_and_checked_for_by_key(store: DurableStore) -> None:
    sign_in(store, present(1, "person"))
    assert store.has_link(present(1).digests, "key-1")
    assert not store.has_link(present(1).digests, "key-2")
    assert not store.has_link(present(2).digests, "key-1")
    assert not store.has_link((), "key-1")
    assert store.count_credentials_by_key() == {"key-1": 2}


def test_an_attached_credential_reaches_the_account_and_an_older_one_sends_it_away(store: DurableStore) -> None:
    old = sign_in(store, present(1))
    with store.writing() as writer:
        attached = attach_credential(writer, present(2), old.credential_id, now=NOW + DAY, txn="t")
    assert sign_in(store, present(2), NOW + DAY).account_id == old.account_id
    with store.writing() as writer:
        account_id = undo_attachment(writer, attached.credential_id, old.credential_id, now=NOW + 30 * DAY)
    assert account_id != old.account_id
    assert sign_in(store, present(2), NOW + 30 * DAY).account_id == account_id
    assert sign_in(store, present(1), NOW + 30 * DAY).account_id == old.account_id


def test_an_attachment_stands_after_thirty_days_and_against_whoever_came_no_earlier(store: DurableStore) -> None:
    old = sign_in(store, present(1))
    with store.writing() as writer:
        attached = attach_credential(writer, present(2), old.credential_id, now=NOW, txn="t")
    by = old.credential_id
    undo_at = [NOW + 30 * DAY, NOW + DAY]
    reasons = [
        refusal_of(store, lambda w, at=at: undo_attachment(w, attached.credential_id, by, now=at)) for at in undo_at
    ]
    # Seen in the same second is not earlier.
    assert reasons == ["announcement_over", "not_older"]


def test_the_attached_one_neither_undoes_nor_vouches_while_announced(store: DurableStore) -> None:
    old = sign_in(store, present(1))
    with store.writing() as writer:
        attached = attach_credential(writer, present(2), old.credential_id, now=NOW + DAY, txn="t")
    by = attached.credential_id
    assert refusal_of(store, lambda w: undo_attachment(w, by, by, now=NOW + 2 * DAY)) == "not_older"
    assert refusal_of(store, lambda w: undo_attachment(w, old.credential_id, by, now=NOW + 2 * DAY)) == "not_attached"
    attach = refusal_of(store, lambda w: attach_credential(w, present(3), by, now=NOW + 2 * DAY, txn="t"))
    assert attach == "voucher_too_young"
    again = refusal_of(store, lambda w: attach_credential(w, present(2), old.credential_id, now=NOW, txn="t"))
    assert again == "credential_known"


def test_a_lost_credential_takes_what_it_attached_with_it(store: DurableStore, place: Place) -> None:
    register(place.url)
    first = sign_in(store, present(1))
    with store.writing() as writer:
        second = attach_credential(writer, present(2), first.credential_id, now=NOW + DAY, txn="t")
    with store.writing() as writer:
        third = attach_credential(writer, present(3), second.credential_id, now=NOW + 40 * DAY, txn="t")
        writer.insert_browser_session(replace(SESSION, account_id=first.account_id, credential_id=third.credential_id))
    with store.writing() as writer:
        suspended = report_lost(writer, second.credential_id, now=NOW + 41 * DAY)
    assert suspended == {second.credential_id, third.credential_id}
    assert store.find_browser_session(SESSION.session_hash, NOW) is None
    sign_in(store, present(1))
    for number in (2, 3):
        with pytest.raises(CredentialSuspended):
            sign_in(store, present(number))
    assert refusal_of(store, lambda w: report_lost(w, "nobody", now=NOW)) == "no_such_credential"
    no_voucher = refusal_of(
        store, lambda w: attach_credential(w, present(4), second.credential_id, now=NOW + 99 * DAY, txn="t")
    )
    assert no_voucher == "voucher_not_active"


def ask(store: DurableStore, presented: PresentedCredential, account_id: str) -> LinkRequest:
    with store.writing() as writer:
        return request_link(writer, presented, account_id, now=NOW, txn="t")


def test_two_different_operators_link_a_new_card(store: DurableStore) -> None:
    old = sign_in(store, present(1))
    request = ask(store, present(2), old.account_id)
    assert store.find_pending_link_requests(NOW) == (request,)
    with store.writing() as writer:
        assert not approve_request(writer, request.request_id, "aoki", now=NOW)
    assert refusal_of(store, lambda w: approve_request(w, request.request_id, "aoki", now=NOW)) == "same_operator"
    with store.writing() as writer:
        assert approve_request(writer, request.request_id, "baba", now=NOW)
    assert sign_in(store, present(2)).account_id == old.account_id
    assert store.find_pending_link_requests(NOW) == ()
    assert refusal_of(store, lambda w: approve_request(w, request.request_id, "chiba", now=NOW)) == "not_pending"
    settled = store.find_settled_audit_sequence()
    outcomes = [
        e.record.outcome for e in store.read_audit_events(1, settled, 50) if e.record.event is AuditEvent.LINK_APPROVED
    ]
    assert outcomes == ["aoki", "baba"]


def test_a_card_that_opened_an_account_brings_it_along(store: DurableStore) -> None:
    old, new = sign_in(store, present(1)), sign_in(store, present(2))
    request = ask(store, present(2), old.account_id)
    with store.writing() as writer:
        approve_request(writer, request.request_id, "aoki", now=NOW)
        approve_request(writer, request.request_id, "baba", now=NOW)
    assert sign_in(store, present(2)) == FoundAccount(old.account_id, new.credential_id, is_new=False)


def test_one_no_is_enough_and_time_is_a_no(store: DurableStore) -> None:
    old = sign_in(store, present(1))
    request, late = ask(store, present(2), old.account_id), ask(store, present(3), old.account_id)
    with store.writing() as writer:
        approve_request(writer, request.request_id, "aoki", now=NOW)
        reject_request(writer, request.request_id, "aoki", now=NOW)
    assert refusal_of(store, lambda w: approve_request(w, request.request_id, "baba", now=NOW)) == "not_pending"
    month = NOW + timedelta(days=30)
    assert refusal_of(store, lambda w: approve_request(w, late.request_id, "aoki", now=month)) == "expired"
    assert store.purge_expired(month, 10)["link_requests"] == 2
    assert refusal_of(store, lambda w: reject_request(w, late.request_id, "aoki", now=NOW)) == "no_such_request"
    assert refusal_of(store, lambda w: reject_request(w, "x", "A B", now=NOW)) == "bad_operator_name"
    assert refusal_of(store, lambda w: request_link(w, present(4), "nobody", now=NOW, txn="t")) == "no_such_account"


def test_a_merge_moves_everything_retires_what_both_have_and_can_be_undone(store: DurableStore, place: Place) -> None:
    register(place.url, CLIENT)
    loser, keeper = sign_in(store, present(1)), sign_in(store, present(2))
    with store.writing() as writer:
        writer.find_or_insert_subject(loser.account_id, "a.example", "loser-a", NOW)
        writer.find_or_insert_subject(loser.account_id, "b.example", "loser-b", NOW)
        writer.find_or_insert_subject(keeper.account_id, "b.example", "keeper-b", NOW)
        writer.save_consent(loser.account_id, "client", frozenset({"openid"}), NOW, LATER)
        writer.insert_browser_session(replace(SESSION, account_id=loser.account_id, credential_id=loser.credential_id))
        writer.insert_grant(
            replace(GRANT, account_id=loser.account_id, credential_id=loser.credential_id), b"c" * 32, LATER
        )
    with store.writing() as writer:
        plan = plan_merge(writer, loser.account_id, keeper.account_id)
    assert (plan.moved_sectors, plan.retired_sectors) == (("a.example",), ("b.example",))
    assert sign_in(store, present(1)).account_id == loser.account_id, "a plan changes nothing"
    with store.writing() as writer:
        merge = apply_merge(writer, plan, now=NOW)
    assert sign_in(store, present(1)).account_id == keeper.account_id
    assert store.find_subject(keeper.account_id, "a.example") == "loser-a"
    assert store.find_subject(keeper.account_id, "b.example") == "keeper-b"
    assert store.find_consent(keeper.account_id, "client", NOW) == {"openid"}
    assert store.find_browser_session(SESSION.session_hash, NOW) is None
    with store.writing() as writer:
        assert writer.spend_code(b"c" * 32, "client", NOW) is None
    with store.writing() as writer:
        undo_merge(writer, merge.merge_id, now=NOW)
    assert sign_in(store, present(1)).account_id == loser.account_id
    assert store.find_subject(loser.account_id, "a.example") == "loser-a"
    assert store.find_subject(loser.account_id, "b.example") == "loser-b"
    assert store.find_subject(keeper.account_id, "a.example") is None
    assert refusal_of(store, lambda w: undo_merge(w, merge.merge_id, now=NOW)) == "already_undone"


def test_a_retired_sub_is_never_given_again(store: DurableStore, database: Database) -> None:
    loser, keeper = sign_in(store, present(1)), sign_in(store, present(2))
    with store.writing() as writer:
        writer.find_or_insert_subject(loser.account_id, "b.example", "loser-b", NOW)
        writer.find_or_insert_subject(keeper.account_id, "b.example", "keeper-b", NOW)
        apply_merge(writer, plan_merge(writer, loser.account_id, keeper.account_id), now=NOW)
    assert database.read_one("SELECT account_id FROM subjects WHERE sub = ?", ("loser-b",)) == (loser.account_id,)


def test_a_merge_is_refused_where_it_makes_no_sense(store: DurableStore) -> None:
    one, two, three = (sign_in(store, present(n, p)) for n, p in ((1, "a"), (2, "b"), (3, None)))
    first, second = one.account_id, two.account_id
    assert refusal_of(store, lambda w: plan_merge(w, first, first)) == "same_account"
    assert refusal_of(store, lambda w: plan_merge(w, first, "nobody")) == "no_such_account"
    assert refusal_of(store, lambda w: plan_merge(w, first, second)) == "different_person"
    assert refusal_of(store, lambda w: undo_merge(w, "none", now=NOW)) == "no_such_merge"
    with store.writing() as writer:
        apply_merge(writer, plan_merge(writer, three.account_id, first), now=NOW)
    assert refusal_of(store, lambda w: plan_merge(w, three.account_id, second)) == "not_active"


def test_a_linked_person_goes_on_after_a_merge(store: DurableStore) -> None:
    linked, other = sign_in(store, present(1, "a")), sign_in(store, present(2))
    with store.writing() as writer:
        apply_merge(writer, plan_merge(writer, linked.account_id, other.account_id), now=NOW)
    assert sign_in(store, present(3, "a")).account_id == other.account_id


def test_accounts_and_credentials_are_found_by_identifier(store: DurableStore) -> None:
    found = sign_in(store, present(1))
    with store.writing() as writer:
        assert writer.find_account(found.account_id) == Account(found.account_id, AccountState.ACTIVE, NOW)
        assert writer.find_account("nobody") is None
        credential = writer.find_account_credential(found.credential_id)
        assert credential is not None
        assert (credential.account_id, credential.state) == (found.account_id, CredentialState.ACTIVE)
        assert not writer.suspend_credential("nobody", NOW)


def test_an_account_announces_as_long_as_its_latest_attachment_can_be_undone(store: DurableStore) -> None:
    old = sign_in(store, present(1))
    known = store.find_credential(present(1).digests)
    assert known is not None
    assert not known.is_account_announcing(NOW)
    with store.writing() as writer:
        attached = attach_credential(writer, present(2), old.credential_id, now=NOW + DAY, txn="t")
        attach_credential(writer, present(3), old.credential_id, now=NOW + 2 * DAY, txn="t")
    for number in (1, 2):
        known = store.find_credential(present(number).digests)
        assert known is not None
        assert known.announced_until == NOW + 32 * DAY
        assert known.is_account_announcing(NOW + 32 * DAY - timedelta(seconds=1))
        assert not known.is_account_announcing(NOW + 32 * DAY)
    with store.writing() as writer:
        undo_attachment(writer, attached.credential_id, old.credential_id, now=NOW + 3 * DAY)
    sent_away = store.find_credential(present(2).digests)
    assert sent_away is not None
    assert sent_away.announced_until is None


def test_no_more_than_three_requests_of_an_account_wait(store: DurableStore) -> None:
    old, other = sign_in(store, present(1)), sign_in(store, present(9))

    def ask(number: int, account_id: str, now: datetime = NOW) -> LinkRequest:
        with store.writing() as writer:
            return request_link(writer, present(number), account_id, now=now, txn="t")

    asked = [ask(number, old.account_id) for number in (2, 3, 4)]
    assert refusal_of(store, lambda w: request_link(w, present(5), old.account_id, now=NOW, txn="t")) == (
        "requests_pending"
    )
    assert store.find_account_link_requests(other.account_id, NOW) == ()
    ask(5, other.account_id)
    found = store.find_account_link_requests(old.account_id, NOW)
    assert {each.request_id for each in found} == {each.request_id for each in asked}
    with store.writing() as writer:
        reject_request(writer, asked[0].request_id, "sato", now=NOW)
    ask(5, old.account_id)
    assert store.find_account_link_requests(old.account_id, NOW + 30 * DAY) == ()


def test_an_operator_is_asked_about_each_credential_of_an_account(store: DurableStore) -> None:
    linked = sign_in(store, present(1, "person"))
    with store.writing() as writer:
        attach_credential(writer, present(2), linked.credential_id, now=NOW + DAY, txn="t")
    assert store.has_link(present(1).digests, "key-1")
    assert not store.has_link(present(2).digests, "key-1")
    assert sign_in(store, present(2, "person"), NOW + 2 * DAY).account_id == linked.account_id
    assert store.has_link(present(2).digests, "key-1")


def test_a_credential_that_an_operator_calls_another_persons_is_refused_and_asked_about_again(
    store: DurableStore,
) -> None:
    linked = sign_in(store, present(1, "person"))
    with store.writing() as writer:
        attach_credential(writer, present(2), linked.credential_id, now=NOW + DAY, txn="t")
    with pytest.raises(DifferentPerson):
        sign_in(store, present(2, "another"), NOW + 40 * DAY)
    assert not store.has_link(present(2).digests, "key-1")


def test_what_was_answered_under_another_person_does_not_spare_the_question(store: DurableStore) -> None:
    linked, other = sign_in(store, present(1, "person")), sign_in(store, present(2))
    with store.writing() as writer:
        merge = apply_merge(writer, plan_merge(writer, other.account_id, linked.account_id), now=NOW + DAY)
    sign_in(store, present(2, "person"), NOW + 2 * DAY)
    assert store.has_link(present(2).digests, "key-1")
    with store.writing() as writer:
        undo_merge(writer, merge.merge_id, now=NOW + 3 * DAY)
        writer.insert_account_link(LookupDigest("key-1", b"another".ljust(32)), other.account_id, "check", NOW)
    assert not store.has_link(present(2).digests, "key-1")
    assert store.has_link(present(1).digests, "key-1")


def test_a_deleted_account_leaves_no_link_at_its_blocked_credentials(store: DurableStore, database: Database) -> None:
    linked = sign_in(store, present(1, "person"))
    with store.writing() as writer:
        report_lost(writer, linked.credential_id, now=NOW)
        writer.erase_account(linked.account_id, NOW)
    assert database.read_all("SELECT state, link_digest FROM credentials") == [("suspended", None)]


def test_a_request_is_shown_at_both_accounts_and_nowhere_else(store: DurableStore) -> None:
    old, new, other = (sign_in(store, present(number)) for number in (1, 2, 3))
    with store.writing() as writer:
        request = request_link(writer, present(2), old.account_id, now=NOW, txn="t")
    shown = [store.find_shown_link_requests(each.account_id, NOW) for each in (old, new, other)]
    assert shown == [(request,), (request,), ()]
    assert store.find_account_link_requests(new.account_id, NOW) == ()
    with store.writing() as writer:
        reject_request(writer, request.request_id, "sato", now=NOW)
    assert store.find_shown_link_requests(new.account_id, NOW) == ()


def test_active_accounts_are_told_from_others(store: DurableStore) -> None:
    old, new = sign_in(store, present(1)), sign_in(store, present(2), NOW + DAY)
    asked = {new.account_id, old.account_id, "nobody"}
    assert [each.account_id for each in store.find_active_accounts(asked)] == [old.account_id, new.account_id]
    with store.writing() as writer:
        writer.set_account_state(old.account_id, AccountState.CLOSED, NOW)
    assert [each.account_id for each in store.find_active_accounts(asked)] == [new.account_id]
    assert store.find_active_accounts(()) == ()
