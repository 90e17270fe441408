"""The tables of the file that the running of the service needs; those of the card's half are in ``card_section``."""

import unicodedata
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator

from idp.settings.value import (
    Bind,
    HeaderName,
    Network,
    OptionalBind,
    OptionalHttps,
    PerMinute,
    Seconds,
    Section,
    Whole,
)


class OperatorSection(Section):
    """``[operator]``: who runs the service, as its pages tell people. Empty only in a sandbox that fills it in."""

    name: str = ""
    contact: str = ""
    privacy_notice: str = ""
    purpose_of_use: str = ""


class WebSection(Section):
    """``[web]``: where the process listens and whom it believes."""

    bind: Bind = "127.0.0.1:8000"
    metrics_bind: OptionalBind = "127.0.0.1:9464"
    trusted_proxies: tuple[Network, ...] = ()
    client_certificate_header: HeaderName = ""
    mtls_url: OptionalHttps = ""
    request_limit_bytes: Annotated[Whole, Field(ge=16_384, le=1_048_576)] = 65_536
    workers: Annotated[Whole, Field(ge=1, le=256)] = 1
    threads: Annotated[Whole, Field(ge=1, le=256)] = 4


class AuthorizationDetailsSection(Section):
    """``[[oidc.authorization_details]]``: a type of objects that clients may ask for, and what people are told."""

    type: Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]
    members: tuple[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$")], ...] = ()
    ja: Annotated[str, Field(min_length=1, max_length=200)]
    en: Annotated[str, Field(min_length=1, max_length=200)]

    @field_validator("members")
    @classmethod
    def _check_members(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "type" in value or len(set(value)) != len(value):
            raise ValueError("each member once, and not type, which every object has")
        return value

    @field_validator("ja", "en")
    @classmethod
    def _check_words(cls, value: str) -> str:
        # They stand in what a person signs (card presenter protocol §3.2).
        if not value.isprintable() or value != value.strip() or not unicodedata.is_normalized("NFC", value):
            raise ValueError("one line in NFC, without control characters and outer spaces")
        return value


class OidcSection(Section):
    """``[oidc]``: lives of codes, tokens and pushed requests."""

    code_seconds: Annotated[Seconds, Field(le=60)] = 60
    access_token_seconds: Annotated[Seconds, Field(le=3600)] = 300
    id_token_seconds: Annotated[Seconds, Field(le=3600)] = 300
    refresh_token_seconds: Annotated[Seconds, Field(le=31_536_000)] = 2_592_000
    pushed_request_seconds: Annotated[Seconds, Field(ge=5, le=599)] = 90
    require_pushed_authorization_requests: bool = False
    refresh_grace_seconds: Annotated[Whole, Field(ge=0, le=60)] = 20
    client_cache_seconds: Annotated[Whole, Field(ge=0, le=60)] = 5
    dpop_nonce: Literal["offered", "required"] = "offered"
    authorization_details: tuple[AuthorizationDetailsSection, ...] = ()

    @field_validator("authorization_details")
    @classmethod
    def _check_types(cls, value: tuple[AuthorizationDetailsSection, ...]) -> tuple[AuthorizationDetailsSection, ...]:
        if len({declared.type for declared in value}) != len(value):
            raise ValueError("a type is declared twice")
        return value

    tls_client_auth_anchors: tuple[Path, ...] = ()


class SigninSection(Section):
    """``[signin]``: lives of a sign-in, of the browser's session and of consent."""

    transaction_seconds: Annotated[Seconds, Field(ge=60, le=3600)] = 600
    session_idle_seconds: Seconds = 1800
    session_absolute_seconds: Seconds = 28_800
    consent_seconds: Annotated[Whole, Field(ge=0)] = 31_536_000
    browser_limit: Annotated[Whole, Field(ge=1, le=32)] = 8


class PresenterSection(Section):
    """``[presenter]``: how long and how often a card may answer."""

    tries: Annotated[Whole, Field(ge=1, le=10)] = 5
    opening_seconds: Annotated[Seconds, Field(ge=30, le=600)] = 300


class StoresSection(Section):
    """``[stores]``: where state is kept. ``database_password`` comes from the environment or from the file named."""

    database: str = "sqlite:///var/idp.sqlite3"
    transient: str = "sqlite:///var/transient.sqlite3"
    database_password_file: Path | None = None
    database_password: SecretStr | None = None

    @field_validator("database", "transient")
    @classmethod
    def _check_address(cls, value: str) -> str:
        if value.startswith("sqlite:///") and len(value) > len("sqlite:///"):
            return value
        scheme, _, rest = value.partition("://")
        if scheme == "postgresql" and rest:
            if ":" in rest.partition("@")[0] and "@" in rest:
                raise ValueError("no password here: use database_password_file or the environment")
            return value
        raise ValueError('"sqlite:///path" or "postgresql://user@host/name" is expected')


class LimitsSection(Section):
    """``[limits]``: requests a minute from one address, or of one client where it has proven itself (decision 0016)."""

    authorize_per_minute: PerMinute = 300
    presenter_per_minute: PerMinute = 300
    token_per_minute: PerMinute = 600
    userinfo_per_minute: PerMinute = 600
    page_per_minute: PerMinute = 1200
    metadata_per_minute: PerMinute = 600
    registration_per_minute: PerMinute = 10
    client_per_minute: PerMinute = 6000
    unreviewed_client_per_minute: PerMinute = 120
    shared_networks: tuple[Network, ...] = ()
    shared_network_factor: Annotated[Whole, Field(ge=1, le=1000)] = 20


class SandboxSection(Section):
    """``[sandbox]``: where the test authority, the test cards and the generated keys live."""

    directory: Path = Path("var/sandbox")


class OpsSection(Section):
    """``[ops]``: the jobs that run beside the requests."""

    purge_interval_seconds: Annotated[Seconds, Field(ge=10)] = 300


class OutboundSection(Section):
    """``[outbound]``: whom we may call at addresses that clients registered, beside the public Internet."""

    allowed_networks: tuple[Network, ...] = ()


class LogSection(Section):
    """``[log]``: how much is written to standard error, as JSON lines."""

    level: Literal["debug", "info", "warning", "error"] = "info"
