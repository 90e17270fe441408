"""A revoked card of which no list tells keeps no level from the lists of other people's cards."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from idp.jobs import recheck_cards, refresh_lists, sweep_lists
from idp.jpki.crl_partition import partition_id
from idp.sandbox.operator.life_event import CastLife
from tests.support.provider import Provider
from tests.support.status_responder import with_ocsp_only

POINT = "CN=Our-town CRLDP,OU=Some-ken,O=JPKI-SANDBOX,C=JP"
DAY = 24 * 3600


def with_lists_of_one_town(provider: Provider, monkeypatch: pytest.MonkeyPatch, **environ: str) -> Provider:
    """An installation that has the lists of its own residents, and asks a responder about everybody else's card."""
    pki = provider.parts.sandbox[0]  # type: ignore[index]
    name = partition_id(x509.Name.from_rfc4514_string(POINT)).hex()[:16]
    feeds = []
    for anchor, authority in zip(pki.anchors().anchors, pki.authorities, strict=True):
        with (authority.directory / f"{authority.name}.points").open("a", encoding="utf-8") as points:
            points.write(f"{POINT}\n")
        source = authority.directory / f"{authority.name}.{name}.crl"
        fingerprint = anchor.certificate.fingerprint(SHA256()).hex()
        feeds.append(f'{{anchor="{fingerprint}", source="{source}", distribution_point="{POINT}"}}')
    pki.publish_more_lists(provider.clock(), partitioned=True)
    asking, _ = with_ocsp_only(provider, monkeypatch)
    for index in asking.settings.jpki.crl_index_directory.glob("*.crlindex"):
        index.unlink()
    lists = {"IDP_JPKI__REVOCATION": '["crl","ocsp"]', "IDP_JPKI__CRL": f"[{', '.join(feeds)}]"}
    return asking.restart(**lists, **environ)


def hold_lists_against_all(provider: Provider) -> None:
    provider.parts.sandbox[0].publish_more_lists(provider.clock(), partitioned=True)  # type: ignore[index]
    refresh_lists(provider.parts, provider.clock())
    assert sweep_lists(provider.parts, provider.clock()).as_of is not None


@pytest.mark.parametrize("why", ["nobody is asked again", "its serial number was forgotten", "from before"])
def test_a_card_of_another_town_gets_no_level_from_this_towns_list(
    why: str, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"IDP_JPKI__RECHECK_SECONDS": "0"} if why == "nobody is asked again" else {}
    asking = with_lists_of_one_town(provider, monkeypatch, **environ)
    hold_lists_against_all(asking)
    party = asking.relying_party(grant_types=["authorization_code", "refresh_token"])
    tokens = party.sign_in(asking.browser())
    asking.parts.durable.forget_all_serials(9)
    if why == "from before":
        asking.parts.database.write("UPDATE credentials SET listed_by = NULL")
    asking.clock.advance(60)
    CastLife(asking.parts.sandbox[0]).revoke("hanako", asking.clock())  # type: ignore[index]
    levels = []
    for _ in range(3):
        asking.clock.advance(DAY)
        hold_lists_against_all(asking)
        recheck_cards(asking.parts)
        tokens = party.refresh(tokens["refresh_token"]).get_json()
        levels.append(party.claims(tokens["id_token"])["acr"].rpartition("/")[2])
    assert levels[-1] == "user-authentication-unchecked"
    asking.close()
