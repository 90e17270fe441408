"""Variables become tables."""

import pytest

from idp.settings.environment import merge_tables, parse_environment
from idp.settings.problem import SettingsError


def test_two_underscores_are_a_dot() -> None:
    assert parse_environment({"IDP_OIDC__CODE_SECONDS": "30"}) == {"oidc": {"code_seconds": "30"}}


def test_other_variables_and_the_name_of_the_file_are_left_out() -> None:
    assert parse_environment({"PATH": "/bin", "XIDP_A": "1", "IDP_CONFIG": "/etc/idp.toml"}) == {}


def test_lists_and_tables_are_read_as_toml() -> None:
    environ = {"IDP_WEB__TRUSTED_PROXIES": '["10.0.0.0/8"]', "IDP_SANDBOX": '{directory = "x"}'}
    assert parse_environment(environ) == {
        "web": {"trusted_proxies": ["10.0.0.0/8"]},
        "sandbox": {"directory": "x"},
    }


def test_an_address_of_ipv6_with_its_port_is_a_text() -> None:
    environ = {"IDP_WEB__BIND": "[::1]:8080", "IDP_WEB__METRICS_BIND": "[2001:db8::7]:9464"}
    assert parse_environment(environ) == {"web": {"bind": "[::1]:8080", "metrics_bind": "[2001:db8::7]:9464"}}


def test_broken_list_is_refused_by_name_without_its_text() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_environment({"IDP_STORES__DATABASE_PASSWORD": "[hunter2"})
    assert caught.value.problems[0].key == "IDP_STORES__DATABASE_PASSWORD"
    assert "hunter2" not in str(caught.value)


def test_a_value_and_a_table_of_one_name_are_refused() -> None:
    with pytest.raises(SettingsError):
        parse_environment({"IDP_OIDC": "x", "IDP_OIDC__CODE_SECONDS": "30"})


def test_merging_keeps_what_only_one_side_has_and_replaces_lists() -> None:
    below = {"a": {"x": 1, "y": [1, 2]}, "b": 1}
    assert merge_tables(below, {"a": {"y": [3]}, "c": 2}) == {"a": {"x": 1, "y": [3]}, "b": 1, "c": 2}
    assert below == {"a": {"x": 1, "y": [1, 2]}, "b": 1}
