"""Members that not every client has, on their way to the database and back."""

from typing import get_type_hints

from hypothesis import given
from hypothesis import strategies as st

from idp.oidc.client_options import NO_OPTIONS, ClientOptions

TEXTS = st.text(min_size=1, max_size=20)
VALUES = {
    bool: st.booleans(),
    int | None: st.none() | st.integers(0, 10**6),
    str: TEXTS,
    str | None: st.none() | TEXTS,
    tuple[str, ...]: st.lists(TEXTS, max_size=4).map(tuple),
}
OPTIONS = st.builds(ClientOptions, **{name: VALUES[kind] for name, kind in get_type_hints(ClientOptions).items()})


def test_nothing_registered_is_nothing_stored() -> None:
    assert NO_OPTIONS.to_members() == {}
    assert ClientOptions.from_members({"client_name": "not an option"}) == NO_OPTIONS


@given(OPTIONS)
def test_what_is_stored_is_read_back(options: ClientOptions) -> None:
    assert ClientOptions.from_members(options.to_members()) == options
