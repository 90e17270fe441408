"""Mutual TLS behind a trusted proxy: who issues clients' certificates, and where clients come with them (RFC 8705)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography import x509

from idp.oidc.client_certificate import PresentedCertificate
from idp.oidc.discovery import MutualTlsMetadata
from idp.settings.problem import Problem, SettingsError
from idp.settings.settings import Settings
from idp.web.http import Request


@dataclass(frozen=True, slots=True)
class MutualTls:
    """``is_on`` where the operator has named the header that the proxy sets; without it nothing here has an effect."""

    is_on: bool
    url: str
    anchors: tuple[x509.Certificate, ...]

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """What the operator decided.

        Raises: SettingsError: the authorities cannot be read.
        """
        web = settings.web
        anchors = tuple(anchor for path in settings.oidc.tls_client_auth_anchors for anchor in _load_anchors(path))
        return cls(bool(web.client_certificate_header), web.mtls_url, anchors)

    def present(self, request: Request) -> PresentedCertificate | None:
        """The certificate of the connection on which a request came, if the proxy tells of one."""
        header = request.client_certificate
        return None if header is None else PresentedCertificate(header, self.anchors)

    @property
    def metadata(self) -> MutualTlsMetadata | None:
        """What discovery says; None where the operator has not set it up."""
        return MutualTlsMetadata(self.url, has_authorities=bool(self.anchors)) if self.is_on else None


def _load_anchors(path: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(
            [Problem("oidc.tls_client_auth_anchors", f"{path} has no readable certificates")]
        ) from error
