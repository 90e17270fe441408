"""Which sources tell the status of an authority's certificates, as the settings say."""

from cryptography.hazmat.primitives.hashes import SHA256

from idp.jpki.trust_anchors import TrustAnchor
from idp.settings.card_section import CrlSource, JpkiSection


def find_list_sources(anchor: TrustAnchor, jpki: JpkiSection) -> tuple[CrlSource, ...]:
    """The configured lists of an authority; none where lists are no source at all."""
    if "crl" not in jpki.revocation:
        return ()
    return tuple(source for source in jpki.crl if source.anchor == _fingerprint(anchor))


def find_live_source(anchor: TrustAnchor, jpki: JpkiSection) -> str | None:
    """Who can be asked about an authority's certificates where no list is at hand: "ocsp", "operator" or None."""
    has_responder = any(responder.anchor == _fingerprint(anchor) for responder in jpki.ocsp)
    answering = {"ocsp": has_responder, "operator": True}
    return next((name for name in jpki.revocation if answering.get(name, False)), None)


def _fingerprint(anchor: TrustAnchor) -> str:
    return anchor.certificate.fingerprint(SHA256()).hex()
