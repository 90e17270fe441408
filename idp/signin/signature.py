"""The digital signature within a sign-in: from the choice of items to the grant that releases them."""

from idp.identity.errors import CredentialRefused, DifferentPerson, LinkageUnanswered
from idp.jpki.errors import Rejection, Unverifiable
from idp.oidc.claims_consent import ConsentItem, choose_items
from idp.presenter.errors import PresenterErrorCode
from idp.signin.finish import grant_code, save_given_consent
from idp.signin.parts import SigninParts
from idp.signin.place import Place, audit_refusal, fail_at, finish_at, is_still_signed_in, refuse_account_at
from idp.signin.record import Authenticated
from idp.signin.step import Step, StepUp
from idp.signin.step_up import AnotherPerson, attach_signature, is_recent, start_step_up


class ItemNotOffered(Exception):
    """A form came back with an item that was not on its page."""


def choose_offered(items: tuple[ConsentItem, ...], ticked: tuple[str, ...]) -> tuple[str, ...]:
    """The person's choice among what was offered.

    Raises: ItemNotOffered.
    """
    try:
        return choose_items(items, ticked)
    except ValueError as error:
        raise ItemNotOffered from error


def step_up_at(parts: SigninParts, place: Place, agreed: tuple[str, ...]) -> StepUp:
    """Put a transaction for the signature in this one's place.

    Raises: SigninConflict: another request did; the former record goes by its version, so that two posts of one form
            do not make two transactions.
    """
    stored = parts.shelf.replace(place.stored, place.signin, place.now)
    started = start_step_up(parts, place.signin, agreed, place.now)
    parts.shelf.remove(stored, place.now)
    return StepUp(place.signin.tx, started.tx, started.cookie_secret)


def after_the_signature(parts: SigninParts, place: Place, who: Authenticated) -> Step:
    """Hold the signing card against the person who signed in, and grant; nothing more is asked.

    Effect: one durable transaction; for another person's card nothing stays but the audit's record.
    """
    if not is_still_signed_in(parts, place, who) or not is_recent(place.signin, place.now):
        return fail_at(parts, place, PresenterErrorCode.TRANSACTION_ENDED.value)
    scope = frozenset(place.signin.request.scope)
    try:
        with parts.store.writing() as writer:
            signed_by = attach_signature(parts, writer, place.signin, who, place.now)
            save_given_consent(parts, writer, place.signin, who.account_id, scope, place.now, is_once=True)
            response = grant_code(
                parts, writer, place.signin, place.client, place.redirect, who, place.now, signed_by=signed_by
            )
    except (AnotherPerson, DifferentPerson):
        audit_refusal(parts, place, who.account_id, Rejection.DIFFERENT_PERSON)
        return fail_at(parts, place, Rejection.DIFFERENT_PERSON.value)
    except LinkageUnanswered:
        return fail_at(parts, place, Unverifiable.LINKAGE_UNAVAILABLE.value)
    except CredentialRefused as refused:
        return refuse_account_at(parts, place, refused)
    return finish_at(parts, place, response, None)
