"""Who may read a secret, what a key looks like, and that a new key is whole and private."""

import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.settings.secret_file import (
    SecretFileUnusable,
    check_secret_file,
    create_key_file,
    read_key_file,
    read_secret_file,
)
from tests.unit.settings.production_files import write_secret


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o640])
def test_owner_and_group_may_read(tmp_path: Path, mode: int) -> None:
    check_secret_file(write_secret(tmp_path / "key", mode=mode))


@pytest.mark.parametrize("mode", [0o604, 0o602, 0o601, 0o644])
def test_others_may_do_nothing(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SecretFileUnusable):
        check_secret_file(write_secret(tmp_path / "key", mode=mode))


def test_a_directory_is_no_secret(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with pytest.raises(SecretFileUnusable):
        check_secret_file(tmp_path)


def test_line_end_is_not_part_of_a_secret(tmp_path: Path) -> None:
    file = write_secret(tmp_path / "password", "two words \r")
    assert read_secret_file(file) == "two words "


def test_bytes_that_are_no_text_are_no_secret(tmp_path: Path) -> None:
    file = write_secret(tmp_path / "password")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SecretFileUnusable):
        read_secret_file(file)


def test_created_key_can_be_read_back_by_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "key"
    assert create_key_file(path, lambda count: bytes(range(count)))
    assert read_key_file(path) == bytes(range(32))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["key"]


def test_existing_key_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    create_key_file(path)
    before = path.read_bytes()
    assert not create_key_file(path)
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["key"]


def test_of_many_that_create_at_once_one_does(tmp_path: Path) -> None:
    path = tmp_path / "key"
    created: list[bool] = []
    threads = [threading.Thread(target=lambda: created.append(create_key_file(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert created.count(True) == 1


def test_padding_is_allowed(tmp_path: Path) -> None:
    file = write_secret(tmp_path / "key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    assert read_key_file(file) == bytes(range(32))


@given(content=st.binary(max_size=80))
def test_whatever_a_key_file_holds_only_our_error_comes_out(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-key"
    path.write_bytes(content)
    path.chmod(0o600)
    try:
        key = read_key_file(path)
    except SecretFileUnusable:
        return
    assert len(key) == 32


def test_a_refusal_does_not_repeat_what_the_file_holds(tmp_path: Path) -> None:
    with pytest.raises(SecretFileUnusable) as caught:
        read_key_file(write_secret(tmp_path / "key", "hunter2"))
    assert "hunter2" not in str(caught.value)
