"""Every link leads from an answer that is described to a request that is, with members that both have."""

import re
from typing import Any

import pytest

from idp.web.openapi.client_operations import OPERATIONS
from idp.web.openapi.links import LINKS, Link
from idp.web.openapi.operation import operation_id
from idp.web.openapi.schemas import SCHEMAS

EXPRESSION = re.compile(r"\$(response|request)\.(?:body#/(\w+)(?:/\d+)?|(query|header)\.(\w+))")
EVERY = [
    pytest.param(source, status, link, id=f"{source[0]} {source[1]} {status} {name}")
    for source, answers in LINKS.items()
    for status, links in answers.items()
    for name, link in links.items()
]
TARGETS = {operation_id(method, path): (method, path) for method, path in OPERATIONS}


def members(content: dict[str, Any]) -> set[str]:
    """What a body may have, over all media types."""
    names = [media["schema"]["$ref"].rpartition("/")[2] for media in content.values()]
    return {member for name in names for member in SCHEMAS[name].get("properties", {})}


def parameters(source: tuple[str, str]) -> set[str]:
    """What an operation takes, each with its place."""
    told = {f"{each['in']}.{each['name']}" for each in OPERATIONS[source].get("parameters", ())}
    secured = {"header.Authorization"} if OPERATIONS[source].get("security") else set()
    return told | secured | {f"path.{name}" for name in re.findall(r"\{(\w+)\}", source[1])}


@pytest.mark.parametrize(("source", "status", "link"), EVERY)
def test_a_link_begins_at_a_described_answer_and_leads_to_a_described_operation(
    source: tuple[str, str], status: int, link: Link
) -> None:
    """OpenAPI 3.1.0 §4.8.20: operationId must be one of an operation of the description."""
    assert status in OPERATIONS[source]["responses"]
    assert "$ref" not in OPERATIONS[source]["responses"][status]
    assert link["operationId"] in TARGETS
    assert link["description"]


@pytest.mark.parametrize(("source", "status", "link"), EVERY)
def test_what_a_link_brings_has_a_place_where_it_leads(source: tuple[str, str], status: int, link: Link) -> None:
    target = TARGETS[link["operationId"]]
    assert set(link.get("parameters", {})) <= parameters(target)
    if "requestBody" in link:
        assert set(link["requestBody"]) <= members(OPERATIONS[target]["requestBody"]["content"])
    brought = {name.partition(".")[2] for name in link.get("parameters", {}) if name.startswith("path.")}
    assert brought == set(re.findall(r"\{(\w+)\}", target[1]))


@pytest.mark.parametrize(("source", "status", "link"), EVERY)
def test_what_a_link_brings_is_there_where_it_begins(source: tuple[str, str], status: int, link: Link) -> None:
    operation = OPERATIONS[source]
    answered = members(operation["responses"][status].get("content", {}))
    asked = members(operation.get("requestBody", {}).get("content", {}))
    for expression in [*link.get("parameters", {}).values(), *link.get("requestBody", {}).values()]:
        found = EXPRESSION.findall(expression)
        assert len(found) == expression.count("$")
        for side, member, place, name in found:
            if member:
                assert member in (answered if side == "response" else asked)
            else:
                assert (side, f"{place}.{name}" in parameters(source)) == ("request", True)


def test_links_of_one_answer_have_names_that_components_may_have() -> None:
    """OpenAPI 3.1.0 §4.8.7.1."""
    names = [name for answers in LINKS.values() for links in answers.values() for name in links]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in names)
