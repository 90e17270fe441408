"""Why a verified credential does not reach an account, and why look-up keys do not allow a start."""

from enum import StrEnum


class AttachRefusal(StrEnum):
    """Why a card or phone is not added to an account although its owner has proven it."""

    SAME_CREDENTIAL = "same_credential"
    CREDENTIAL_YOURS = "credential_yours"
    CREDENTIAL_KNOWN = "credential_known"
    VOUCHER_TOO_YOUNG = "voucher_too_young"
    REQUESTS_PENDING = "requests_pending"


class CredentialRefused(Exception):
    """The certificate is genuine, and its holder may nevertheless not sign in here.

    It carries random identifiers only, for the audit record.
    """

    def __init__(self, account_id: str, credential_id: str) -> None:
        super().__init__(f"credential {credential_id}")
        self.account_id = account_id
        self.credential_id = credential_id


class AccountSuspended(CredentialRefused):
    """An operator has suspended the account; only an operator resumes it."""


class CredentialSuspended(CredentialRefused):
    """This one credential is suspended; another credential of the account may still sign in."""


class CredentialRevoked(CredentialRefused):
    """The credential was found revoked once; it stays so, whatever a later status says."""


class DifferentPerson(CredentialRefused):
    """A platform operator names another person than the one whose account this credential reaches: nobody gets in."""


class LinkageUnanswered(Exception):
    """The person is not known and no operator has answered who it is, so no account is opened; the person tries again.

    It happens only where the account went between the proof and the person's return.
    """


class LinkRefused(Exception):
    """A link between credentials or accounts is not made, or not undone; ``reason`` is a code, never a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class LookupKeyMismatch(Exception):
    """With these look-up keys people would not be found again and would become new persons; do not start."""
