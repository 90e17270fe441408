"""Resources are found in a source checkout; the wheel is tested in tests/deployment."""

import pytest

from idp.resources import ResourceMissing, find_resource_directory


@pytest.mark.parametrize(
    ("name", "file"), [("templates", "error.html"), ("migrations", "env.py"), ("conf", "gunicorn.conf.py")]
)
def test_checkout_has_its_resources_at_the_top(name: str, file: str) -> None:
    assert (find_resource_directory(name) / file).is_file()


def test_incomplete_installation_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setattr("idp.resources._PACKAGE", tmp_path)
    with pytest.raises(ResourceMissing):
        find_resource_directory("templates")
