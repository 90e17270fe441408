"""The settings as one frozen value."""

from typing import Literal

from idp.settings.card_section import IdentitySection, JpkiSection, KeysSection
from idp.settings.claims_section import ClaimsSection, EvidenceSection
from idp.settings.operator_platform_section import OperatorPlatformSection
from idp.settings.registration_section import RegistrationSection
from idp.settings.section import (
    LimitsSection,
    LogSection,
    OidcSection,
    OperatorSection,
    OpsSection,
    OutboundSection,
    PresenterSection,
    SandboxSection,
    SigninSection,
    StoresSection,
    WebSection,
)
from idp.settings.value import Issuer, Section, is_loopback


class Settings(Section):
    """Everything that the operator decided. ``sandbox`` is present exactly where ``environment`` is ``"sandbox"``."""

    environment: Literal["sandbox", "production"]
    issuer: Issuer
    operator: OperatorSection = OperatorSection()
    web: WebSection = WebSection()
    oidc: OidcSection = OidcSection()
    signin: SigninSection = SigninSection()
    presenter: PresenterSection = PresenterSection()
    jpki: JpkiSection = JpkiSection()
    identity: IdentitySection = IdentitySection()
    operator_platform: OperatorPlatformSection = OperatorPlatformSection()
    keys: KeysSection = KeysSection()
    stores: StoresSection = StoresSection()
    limits: LimitsSection = LimitsSection()
    claims: ClaimsSection = ClaimsSection()
    evidence: EvidenceSection = EvidenceSection()
    registration: RegistrationSection = RegistrationSection()
    sandbox: SandboxSection | None = None
    ops: OpsSection = OpsSection()
    outbound: OutboundSection = OutboundSection()
    log: LogSection = LogSection()

    @property
    def is_sandbox(self) -> bool:
        """Whether test cards are accepted here, and nothing said here is about a real person."""
        return self.environment == "sandbox"

    @property
    def is_local_sandbox(self) -> bool:
        """Whether it is a sandbox on the machine of whoever uses it."""
        return self.is_sandbox and is_loopback(self.issuer)
