"""The log has fields of a closed set only, and every call keeps to it."""

import ast
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from idp.log import FIELDS, UnloggableField, configure_log, log_line

PACKAGE = Path(__file__).resolve().parents[2] / "idp"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    configure_log("info", stream)
    yield stream
    structlog.reset_defaults()


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "log_line":
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def test_every_call_names_known_fields_and_a_constant_event() -> None:
    found = list(calls())
    assert found
    for where, call in found:
        assert isinstance(call.args[0], ast.Constant), where
        assert {keyword.arg for keyword in call.keywords} - {"level"} <= FIELDS, where


def test_a_line_is_one_json_object_without_absent_fields(log: io.StringIO) -> None:
    log_line("signed_in", txn="t", client_id=None)
    (line,) = log.getvalue().splitlines()
    members = json.loads(line)
    assert (members["event"], members["txn"], members["level"]) == ("signed_in", "t", "info")
    assert "client_id" not in members


def test_an_unknown_field_is_refused(log: io.StringIO) -> None:
    with pytest.raises(UnloggableField):
        log_line("signed_in", name="somebody")
    assert log.getvalue() == ""


def test_what_is_below_the_level_is_not_written(log: io.StringIO) -> None:
    log_line("purged", "debug", count=1)
    assert log.getvalue() == ""
