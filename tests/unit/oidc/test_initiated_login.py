"""Where a client begins a sign-in that it is asked for (OIDC Core §4)."""

import pytest

from idp.oidc.client_options import ClientOptions
from idp.oidc.initiated_login import initiated_login_address
from tests.unit.oidc.samples import make_client


@pytest.mark.parametrize(
    ("registered", "address"),
    [
        (None, None),
        ("https://rp.example/login", "https://rp.example/login?iss=https%3A%2F%2Fidp.example"),
        ("https://rp.example/login?a=b", "https://rp.example/login?a=b&iss=https%3A%2F%2Fidp.example"),
    ],
)
def test_the_client_is_told_which_provider_it_is(registered: str | None, address: str | None) -> None:
    client = make_client(options=ClientOptions(initiate_login_uri=registered))
    assert initiated_login_address(client, "https://idp.example") == address
