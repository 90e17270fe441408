"""The configured operator, put together: one client, and the two sources that the card's half asks."""

from idp.outbound.circuit_breaker import CircuitBreaker
from idp.outbound.operator_client import Observe, OperatorClient, OperatorLimits, ignore
from idp.outbound.operator_credentials import AssertionSigner, OperatorCredentialsUnusable, make_tls_context
from idp.settings.operator_platform_section import OperatorPlatformSection
from idp.settings.secret_file import SecretFileUnusable, read_secret_file


def open_operator_client(section: OperatorPlatformSection, observe: Observe = ignore) -> OperatorClient:
    """The client for the settings' operator.

    Takes:  a section whose ``url`` is not empty; observe, which the metrics hang on.
    Raises: OperatorCredentialsUnusable: a key or certificate cannot be used.
    Effect: reads the files; connects to nobody.
    """
    signer = None
    if section.private_key_file is not None:
        try:
            text = read_secret_file(section.private_key_file)
        except SecretFileUnusable as error:
            raise OperatorCredentialsUnusable(str(error)) from None
        signer = AssertionSigner(section.client_id, section.url, text)
    return OperatorClient(
        section.url,
        CircuitBreaker(section.breaker_failures, section.breaker_seconds),
        signer=signer,
        tls=make_tls_context(section.tls_authority_file, section.tls_certificate_file, section.tls_key_file),
        limits=OperatorLimits(section.total_seconds, section.attempts),
        observe=observe,
    )
