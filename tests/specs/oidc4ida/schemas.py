"""The specifications as JSON schemas, written from their text, judged by a validator that none of us wrote."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

_HERE = Path(__file__).parent


@cache
def validator(name: str) -> Draft202012Validator:
    schema = json.loads((_HERE / f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def check_answer(answer: dict[str, Any]) -> None:
    """Userinfo members or an ID token's payload: its verified_claims, if it has any, are valid."""
    if "verified_claims" in answer:
        validator("verified_claims").validate(answer)


def is_valid_request(claims: Any) -> bool:
    return bool(validator("verified_claims_request").is_valid(claims))
