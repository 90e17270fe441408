"""The card's part of a sign-in: looked at once before the person is asked, held again for PIN and signature.

Each holding is one exclusive transaction that ends with a reset, and none lasts while a person reads. What was seen
the first time is compared the second time. Protocol §5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from mynumber_card_agent.card_credentials import USER_AUTHENTICATION, CardCredential
from mynumber_card_agent.certificate_key import parse_algorithm
from mynumber_card_agent.deadline import Deadline
from mynumber_card_agent.jpki_application import JpkiApplication
from mynumber_card_agent.outcomes import AgentError, Outcome
from mynumber_card_agent.ports import CardSource, Step
from mynumber_card_agent.presenter_api import SignedProof
from mynumber_card_agent.signed_bytes import make_digest_info

_WAIT_SLICE_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class SeenCard:
    """Where the card lies, how often a wrong PIN may still be given, and its certificate unless that wants the PIN.

    ``face`` is what any reader sees of the card, to know it again: a certificate that wants no PIN. None for a phone.
    """

    place: str
    tries_left: int
    certificate: bytes | None
    face: bytes | None


class CardSigning:
    """One credential of whatever card comes."""

    def __init__(self, make_source: Callable[[], CardSource], credential: CardCredential) -> None:
        self._source = make_source()
        self._credential = credential

    def see(self, waiting: Deadline, step: Step) -> SeenCard:
        """Wait for a card with the JPKI application; look at certificate and tries, spending nothing.

        Raises: AgentError(NO_CARD, NO_READER, WRONG_CARD, NO_CERTIFICATE, UNSUPPORTED_KEY, LOCKED, REMOVED …).
        """
        while not (places := self._source.find_cards(min(_WAIT_SLICE_SECONDS, waiting.remaining_seconds()))):
            step()
            if waiting.remaining_seconds() <= 0:
                raise AgentError(Outcome.NO_CARD)
        for place in places[:-1]:
            try:
                return self._look(place)
            except AgentError as error:
                # Another reader may hold another card, such as a staff pass in a built-in slot.
                if error.outcome is not Outcome.WRONG_CARD:
                    raise
        return self._look(places[-1])

    def _look(self, place: str) -> SeenCard:
        with self._source.hold(place) as card:
            application = JpkiApplication(card)
            certificate = application.find_certificate(self._credential)
            if certificate is None:
                application.check_presence(self._credential)
            else:
                parse_algorithm(certificate)
            face = self._find_face(application, certificate)
            return SeenCard(place, application.get_tries_left(self._credential), certificate, face)

    def _find_face(self, application: JpkiApplication, certificate: bytes | None) -> bytes | None:
        if certificate is not None or self._credential is USER_AUTHENTICATION:
            return certificate
        try:
            return application.find_certificate(USER_AUTHENTICATION)
        except AgentError as error:
            if error.outcome is not Outcome.NO_CERTIFICATE:
                raise
            return None

    def sign(self, seen: SeenCard, signed_bytes: bytes, pin: bytearray) -> SignedProof:
        """Verify the PIN and let the card sign.

        Takes:  signed_bytes, the protocol's M; the caller wipes the PIN.
        Raises: AgentError(WRONG_PIN, PIN_FORM, LOCKED, NO_CERTIFICATE, CARD_FAILED, REMOVED …).
        """
        with self._source.hold(seen.place) as card:
            application = JpkiApplication(card)
            # Another card, or another program's wrong PIN, may have come while the person was reading.
            certificate = application.find_certificate(self._credential)
            if certificate != seen.certificate or self._find_face(application, certificate) != seen.face:
                raise AgentError(Outcome.CARD_FAILED, "another card lies there than before")
            if application.get_tries_left(self._credential) != seen.tries_left:
                raise AgentError(Outcome.CARD_FAILED, "other tries are left than were shown")
            application.verify_pin(self._credential, pin)
            if certificate is None:
                certificate = application.find_certificate(self._credential)
            if certificate is None:
                raise AgentError(Outcome.NO_CERTIFICATE, "the certificate stays closed after the PIN")
            algorithm = parse_algorithm(certificate)
            signature = application.sign(self._credential, make_digest_info(signed_bytes))
            return SignedProof(certificate, algorithm, signature)
