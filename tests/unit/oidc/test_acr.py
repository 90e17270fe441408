"""Which asked-for level is satisfied by which that was reached."""

import pytest

from idp.oidc.acr import choose_acr, find_asked_levels, is_status_checked, satisfies, supported_acr_values
from tests.unit.oidc.samples import ISSUER, USER_AUTHENTICATION

UNCHECKED = USER_AUTHENTICATION + "-unchecked"


@pytest.mark.parametrize(
    ("reached", "asked", "expected"),
    [
        (USER_AUTHENTICATION, USER_AUTHENTICATION, True),
        (USER_AUTHENTICATION, UNCHECKED, True),
        (USER_AUTHENTICATION, "aal3", True),
        (UNCHECKED, UNCHECKED, True),
        (UNCHECKED, USER_AUTHENTICATION, False),
        (UNCHECKED, "aal3", False),
        (USER_AUTHENTICATION, "crl", False),
        (USER_AUTHENTICATION, "https://other.example/acr/user-authentication", False),
        (USER_AUTHENTICATION, f"{ISSUER}/acr/digital-signature", False),
    ],
)
def test_a_level_without_status_never_satisfies_one_with_it(reached: str, asked: str, expected: bool) -> None:
    assert satisfies(reached, asked, ISSUER) is expected


def test_aal3_is_returned_only_where_it_was_asked_for_and_satisfied() -> None:
    assert choose_acr(USER_AUTHENTICATION, (), ISSUER) == USER_AUTHENTICATION
    assert choose_acr(USER_AUTHENTICATION, ("aal3",), ISSUER) == "aal3"
    assert choose_acr(UNCHECKED, ("aal3",), ISSUER) == UNCHECKED


def test_the_first_satisfied_value_of_the_clients_order_is_returned() -> None:
    assert choose_acr(USER_AUTHENTICATION, ("urn:other", USER_AUTHENTICATION, "aal3"), ISSUER) == USER_AUTHENTICATION
    assert choose_acr(UNCHECKED, ("aal3", UNCHECKED), ISSUER) == UNCHECKED


def test_crl_and_ocsp_and_unknown_values_are_ignored() -> None:
    assert find_asked_levels(("crl", "ocsp", "urn:x", "aal3"), ISSUER) == ("aal3",)


def test_only_levels_that_can_be_reached_are_advertised() -> None:
    assert supported_acr_values(ISSUER) == (USER_AUTHENTICATION, "aal3", UNCHECKED)
    assert is_status_checked(USER_AUTHENTICATION)
    assert not is_status_checked(UNCHECKED)
