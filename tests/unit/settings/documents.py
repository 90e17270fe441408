"""The settings as a flat list of keys, to compare documents with."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel

from idp.settings.settings import Settings


def list_keys(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every key with its field, tables and lists of tables resolved: ``jpki.crl.source``."""
    for name, field in model.model_fields.items():
        inner = _inner_model(field.annotation)
        if inner is None:
            yield f"{prefix}{name}", field
        else:
            yield from list_keys(inner, f"{prefix}{name}.")


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    candidates = (annotation, *get_args(annotation))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)
