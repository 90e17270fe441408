"""The sid: one a session and client, and nothing follows from it."""

from hypothesis import given
from hypothesis import strategies as st

from idp.identifiers import is_identifier
from idp.oidc.session_id import session_id

ORIGINS = st.binary(min_size=32, max_size=32)
CLIENT_IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64)


@given(ORIGINS, CLIENT_IDS)
def test_a_client_knows_a_session_by_one_name_always(origin: bytes, client_id: str) -> None:
    assert session_id(origin, client_id) == session_id(origin, client_id)
    assert len(session_id(origin, client_id)) == 43
    assert is_identifier(session_id(origin, client_id))


@given(st.lists(st.tuples(ORIGINS, CLIENT_IDS), min_size=2, max_size=20, unique=True))
def test_two_sessions_or_two_clients_never_share_a_name(pairs: list[tuple[bytes, str]]) -> None:
    assert len({session_id(*pair) for pair in pairs}) == len(pairs)
