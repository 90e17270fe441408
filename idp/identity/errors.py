"""Why a verified credential does not reach an account, and why look-up keys do not allow a start."""


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


class LookupKeyMismatch(Exception):
    """With these look-up keys people would not be found again and would become new persons; do not start."""
