"""Which clients know a person by the same sub."""

import pytest

from idp.oidc.errors import ErrorCode, OAuthError
from idp.oidc.subject import sector_of


@pytest.mark.parametrize(
    ("redirect_uris", "sector"),
    [
        (("https://rp.example/a", "https://rp.example:8443/b"), "rp.example"),
        (("https://rp.example/a", "com.example.app:/cb"), None),
        (("http://localhost:8000/cb",), "client:rp"),
        (("http://127.0.0.1/cb", "http://[::1]/cb"), "client:rp"),
        (("com.example.app:/cb",), "client:rp"),
    ],
)
def test_the_sector_is_the_one_host_or_the_client_itself(redirect_uris: tuple[str, ...], sector: str | None) -> None:
    """OIDC Core §8.1; devices' own addresses make no sector."""
    if sector is None:
        with pytest.raises(OAuthError):
            sector_of("rp", redirect_uris, None)
    else:
        assert sector_of("rp", redirect_uris, None) == sector


def test_several_hosts_need_a_declared_sector() -> None:
    """OIDC Registration §5."""
    hosts = ("https://a.example/cb", "https://b.example/cb")
    with pytest.raises(OAuthError) as refused:
        sector_of("rp", hosts, None)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA
    assert sector_of("rp", hosts, "https://group.example/sector.json") == "group.example"


@pytest.mark.parametrize("uri", ["http://group.example/", "https://", "https://[::1", "https://u@group.example/", "x"])
def test_a_declared_sector_is_an_https_address(uri: str) -> None:
    """OIDC Registration §5."""
    with pytest.raises(OAuthError) as refused:
        sector_of("rp", ("https://rp.example/cb",), uri)
    assert refused.value.code is ErrorCode.INVALID_CLIENT_METADATA
