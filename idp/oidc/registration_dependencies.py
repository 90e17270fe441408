"""What self-registration is made of: what the operator allows, and what the endpoint works with."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from idp.assurance.claims_policy import ClaimsPolicy
from idp.identifiers import Randomness
from idp.oidc.registration_ports import RegistrationStore
from idp.oidc.sector_document import SectorVoucher
from idp.oidc.software_statement import StatementIssuers


@dataclass(frozen=True, slots=True)
class RegistrationPolicy:
    """What the operator allows. ``is_open``: also without an initial access token; such clients are removed after
    ``open_lifetime``, and there are about ``open_limit`` at most."""

    is_open: bool
    scopes: tuple[str, ...]
    open_limit: int
    open_lifetime: timedelta
    statement_issuers: StatementIssuers
    is_statement_required: bool


@dataclass(frozen=True, slots=True)
class RegistrationDependencies:
    """What the endpoint works with."""

    issuer: str
    is_sandbox: bool
    policy: RegistrationPolicy
    store: RegistrationStore
    sectors: SectorVoucher
    claims_policy: ClaimsPolicy | None
    randomness: Randomness = secrets.token_bytes
