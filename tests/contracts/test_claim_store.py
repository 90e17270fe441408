"""Claims under a grant and questions about a person, on every engine."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from idp.outage import StoreConflict
from idp.stores.sql.durable import DurableStore
from tests.contracts.conftest import Place
from tests.contracts.records import GRANT, NOW, register, sign_in


@pytest.fixture
def signed_in(place: Place, store: DurableStore) -> DurableStore:
    register(place.url)
    sign_in(store)
    return store


def ask(store: DurableStore, name: str, *, sector: str = "s", days: int = 0) -> bool:
    with store.writing() as writer:
        return writer.count_question(GRANT.account_id, sector, "age", name, 3, NOW + timedelta(days=days))


def test_claims_are_kept_for_their_grant_alone(signed_in: DurableStore) -> None:
    with signed_in.writing() as writer:
        writer.insert_sealed_claims(GRANT.grant_id, "sealed")
    assert signed_in.find_sealed_claims(GRANT.grant_id) == "sealed"
    assert signed_in.find_sealed_claims("other") is None
    with pytest.raises(StoreConflict), signed_in.writing() as writer:
        writer.insert_sealed_claims("no such grant", "sealed")


def test_a_few_questions_a_year_are_answered(signed_in: DurableStore) -> None:
    assert [ask(signed_in, name) for name in ("13", "18", "20", "25", "18", "65")] == [1, 1, 1, 0, 1, 0]
    assert ask(signed_in, "25", sector="another")
    assert ask(signed_in, "25", days=366)


def test_of_many_different_questions_at_once_three_are_answered(signed_in: DurableStore) -> None:
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda number: ask(signed_in, str(number)), range(24)))
    assert sum(answers) == 3
