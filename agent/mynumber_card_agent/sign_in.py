"""One sign-in at this machine, from a link to the return address. Protocol §3 and §5.

Order: open, look at the card, show, ask for the PIN, sign, prove.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from mynumber_card_agent.card_credentials import CREDENTIALS
from mynumber_card_agent.card_signing import CardSigning, SeenCard
from mynumber_card_agent.confirmation import make_confirmation
from mynumber_card_agent.deadline import Deadline
from mynumber_card_agent.jpki_application import wipe
from mynumber_card_agent.opening import Opening
from mynumber_card_agent.outcomes import MEANINGS, AgentError, Outcome
from mynumber_card_agent.ports import CardSource, Dialog
from mynumber_card_agent.presenter_api import Accepted, PresenterApi, Refused, SignedProof
from mynumber_card_agent.signed_bytes import make_signed_bytes
from mynumber_card_agent.texts import say, say_for

_LAST_TRY: Final = 1


@dataclass(frozen=True, slots=True)
class SignInOptions:
    """``insists``: the person said beforehand that the last try may be used."""

    insists: bool
    card_wait_seconds: float


class SignIn:
    """The steps of one sign-in, with its three partners: provider, card, person."""

    def __init__(
        self, api: PresenterApi, make_source: Callable[[], CardSource], dialog: Dialog, options: SignInOptions
    ) -> None:
        """Take the partners; make_source is called after the opening, so that the page hears of a missing reader."""
        self._api = api
        self._make_source = make_source
        self._dialog = dialog
        self._options = options
        self._purpose = ""

    def run(self) -> str:
        """Carry the sign-in through.

        Returns: the checked return address.
        Raises:  AgentError. A failure on this side is told to the provider's page, best effort.
        """
        try:
            opening = self._api.open()
            self._purpose = opening.purpose
            self._dialog.set_language(opening.transaction.locale)
            return self._present(opening)
        except AgentError as error:
            error.purpose = self._purpose
            reason = MEANINGS[error.outcome].cancel_reason
            if reason is not None:
                self._api.cancel(reason)
            raise
        except KeyboardInterrupt:
            self._api.cancel("cancelled")
            raise AgentError(Outcome.CANCELLED) from None

    def _present(self, opening: Opening) -> str:
        deadline = Deadline(opening.expires_in_seconds)
        signing = CardSigning(self._make_source, CREDENTIALS[opening.purpose])
        seen = self._see_card(signing, deadline)
        nonce, remark = opening.nonce, ""
        while True:
            self._check_tries(seen.tries_left)
            try:
                proof = self._sign(opening, signing, seen, nonce, remark, deadline)
            except AgentError as error:
                seen, remark = self._ask_again_after(error, seen)
                continue
            with self._dialog.wait(say("asking_provider", self._dialog.language)):
                answer = self._api.prove(proof)
            if isinstance(answer, Accepted):
                return answer.return_url
            nonce = self._get_next_nonce(answer)
            remark = say("sign_again_remark", self._dialog.language)
            seen = self._see_card(signing, deadline)  # The right PIN has given all tries back.

    def _see_card(self, signing: CardSigning, deadline: Deadline) -> SeenCard:
        waiting = Deadline(min(self._options.card_wait_seconds, deadline.remaining_seconds()))
        with self._dialog.wait(say("waiting_for_card", self._dialog.language)) as step:
            return signing.see(waiting, step)

    def _check_tries(self, tries_left: int) -> None:
        if tries_left > _LAST_TRY or self._options.insists:
            return
        if not self._dialog.insists(say_for(self._purpose, "last_try_warning", self._dialog.language)):
            raise AgentError(Outcome.LAST_TRY)

    def _sign(
        self, opening: Opening, signing: CardSigning, seen: SeenCard, nonce: str, remark: str, deadline: Deadline
    ) -> SignedProof:
        language = self._dialog.language
        confirmation = make_confirmation(self._api.issuer, opening, seen.tries_left, remark, language)
        signed_bytes = make_signed_bytes(self._api.issuer, opening.purpose, nonce, opening.transaction.members)
        pin = self._dialog.ask_pin(confirmation, deadline)
        try:
            deadline.check()
            with self._dialog.wait(say("signing", language)):
                return signing.sign(seen, signed_bytes, pin)
        finally:
            wipe(pin)

    def _ask_again_after(self, error: AgentError, seen: SeenCard) -> tuple[SeenCard, str]:
        """What to show at the next asking; the error itself where nobody is there to be asked again."""
        if not self._dialog.asks_again:
            raise error
        if error.outcome is Outcome.PIN_FORM:
            return seen, say_for(self._purpose, "pin_form_remark", self._dialog.language)
        if error.outcome is Outcome.WRONG_PIN and error.tries_left:
            remark = say_for(self._purpose, "wrong_pin_remark", self._dialog.language, tries_left=error.tries_left)
            return replace(seen, tries_left=error.tries_left), remark
        raise error

    @staticmethod
    def _get_next_nonce(answer: Refused) -> str:
        """The nonce to sign again over. Only a bad signature can be cured by the same card and the same person."""
        if answer.could_find_out and answer.code == "bad_signature" and answer.next_nonce:
            return answer.next_nonce
        outcome = Outcome.CARD_REFUSED if answer.could_find_out else Outcome.UNAVAILABLE
        raise AgentError(outcome, code=answer.code, reference=answer.reference)
