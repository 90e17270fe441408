"""pyhanko-certvalidator as the second opinion: full RFC 5280 path validation with policies, lists and OCSP."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    InvalidCertificateError,
    PathBuildingError,
    PathValidationError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.policy_decl import PKIXValidationParams

from idp.jpki.profile import CredentialProfile, Purpose
from tests.specs.rfc5280.chain_family import family_trust
from tests.support.event_loop import run_apart
from tests.unit.jpki.certificates import NOW


@cache
def roots(purpose: Purpose) -> tuple[asn1_x509.Certificate, ...]:
    found = [anchor for anchor in family_trust().anchors if anchor.purpose == purpose]
    return tuple(asn1_x509.Certificate.load(anchor.certificate.public_bytes(Encoding.DER)) for anchor in found)


def second_verdict(
    der: bytes,
    profile: CredentialProfile,
    *,
    crls: Sequence[bytes] = (),
    responses: Sequence[bytes] = (),
    needs_status: bool = False,
) -> str:
    """ "good", "revoked" or "refused"."""
    context = ValidationContext(
        trust_roots=list(roots(profile.purpose)),
        moment=NOW,
        allow_fetching=False,
        crls=[asn1_crl.CertificateList.load(crl) for crl in crls],
        ocsps=[asn1_ocsp.OCSPResponse.load(response) for response in responses],
        revocation_mode="require" if needs_status else "soft-fail",
        time_tolerance=timedelta(),
    )
    params = PKIXValidationParams(user_initial_policy_set=frozenset({profile.policy_oid}), initial_explicit_policy=True)
    usages = {"digital_signature"} | ({"non_repudiation"} if profile.purpose == "digital-signature" else set())
    purposes = {"client_auth"} if profile.extended_key_usage else None
    try:
        validator = CertificateValidator(
            asn1_x509.Certificate.load(der), validation_context=context, pkix_params=params
        )
        run_apart(validator.async_validate_usage(usages, extended_key_usage=purposes))
    except RevokedError:
        return "revoked"
    except (InvalidCertificateError, PathBuildingError, PathValidationError, ValidationError):
        return "refused"
    except AssertionError:
        # Its own slip: with several roots of one name and no key identifier it tries an RSA key on an ECDSA signature.
        return "refused"
    return "good"
