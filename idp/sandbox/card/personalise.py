"""A person of the cast, with the card they hold in their hand."""

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from idp.sandbox.card.application import JpkiCard, LockedAnswer
from idp.sandbox.card.contents import CardContents, CardCredential, CardKind
from idp.sandbox.card.ports import TryCounter
from idp.sandbox.cast import SIGNING_PASSWORD, USER_AUTHENTICATION_PIN
from idp.sandbox.cast_cards import CastCard
from idp.sandbox.pki import IssuedCertificate, SandboxPki


def personalise(
    cast_card: CastCard,
    pki: SandboxPki,
    *,
    pin_counter: TryCounter | None = None,
    signing_password_counter: TryCounter | None = None,
    locked_answer: LockedAnswer = 0x6984,
) -> JpkiCard:
    """The virtual card of a person of the cast.

    Takes:   the counters and locked_answer, as ``JpkiCard`` does.
    Returns: the card, with the cast's PIN and, where it can sign, the cast's signing password.
    Raises:  ValueError: the person's card is of the next generation, whose commands are not public.
    """
    kind: CardKind = "phone" if cast_card.member.kind == "phone" else "card"
    signature = cast_card.digital_signature
    generation = cast_card.user_authentication.authority.rsplit("-", 1)[1]
    contents = CardContents(
        kind=kind,
        user_authentication=_credential(cast_card.user_authentication),
        digital_signature=_credential(signature) if signature else None,
        user_authentication_ca_certificate=_ca_certificate(pki, cast_card.user_authentication.authority),
        digital_signature_ca_certificate=_ca_certificate(
            pki, signature.authority if signature else f"digital-signature-{generation}"
        ),
    )
    return JpkiCard(
        contents,
        pin=USER_AUTHENTICATION_PIN,
        signing_password=SIGNING_PASSWORD if signature else None,
        pin_counter=pin_counter,
        signing_password_counter=signing_password_counter,
        locked_answer=locked_answer,
    )


def _credential(issued: IssuedCertificate) -> CardCredential:
    if not isinstance(issued.private_key, RSAPrivateKey):
        raise ValueError("no command is known for a key that is not RSA")
    return CardCredential(issued.private_key, issued.certificate_der)


def _ca_certificate(pki: SandboxPki, name: str) -> bytes:
    authority = next(authority for authority in pki.authorities if authority.name == name)
    return authority.certificate.public_bytes(Encoding.DER)
