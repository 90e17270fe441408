"""A card's certificate as what its credential is looked up by."""

import pytest

from idp.cli.tapped_card import digest_certificate
from idp.identity.lookup_keys import digest_credential
from idp.jpki.errors import CardRejected, Rejection
from idp.jpki.trust_anchors import TrustAnchors
from tests.unit.cli.conftest import CommandLine


@pytest.mark.parametrize("slug", ["hanako", "expired", "revoked", "next-card"])
def test_any_card_of_our_authorities_is_looked_up_whatever_its_state(idp: CommandLine, slug: str) -> None:
    parts = idp.session().parts
    assert parts.sandbox is not None
    pki, cards = parts.sandbox
    issued = cards[slug].user_authentication
    anchor = next(anchor for anchor in pki.anchors().anchors if anchor.name == issued.authority)
    expected = digest_credential(parts.lookup_keys, anchor.issuer_key_id, issued.serial)
    assert digest_certificate(issued.certificate_der, parts.trust, parts.lookup_keys) == expected


def test_a_card_of_another_authority_is_refused(idp: CommandLine) -> None:
    parts = idp.session().parts
    assert parts.sandbox is not None
    _, cards = parts.sandbox
    der = cards["hanako"].user_authentication.certificate_der
    with pytest.raises(CardRejected) as refusal:
        digest_certificate(der, TrustAnchors(()), parts.lookup_keys)
    assert refusal.value.reason is Rejection.UNTRUSTED_ISSUER


def test_a_certificate_that_only_names_our_authority_is_refused(idp: CommandLine) -> None:
    parts = idp.session().parts
    assert parts.sandbox is not None
    _, cards = parts.sandbox
    der = cards["hanako"].user_authentication.certificate_der
    broken = der[:-1] + bytes((der[-1] ^ 1,))
    with pytest.raises(CardRejected) as refusal:
        digest_certificate(broken, parts.trust, parts.lookup_keys)
    assert refusal.value.reason is Rejection.UNTRUSTED_ISSUER
