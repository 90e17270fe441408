"""The tables of the file that say what may be told about a person, and how long it can be shown that it was."""

from typing import Annotated

from pydantic import Field

from idp.settings.value import Section, Whole


class AreaSection(Section):
    """``[[claims.area]]``: a prefecture or municipality about which clients may ask whether a person lives there."""

    code: Annotated[str, Field(pattern=r"^[0-9]{2}([0-9]{3})?$")]
    prefix: Annotated[str, Field(min_length=1, max_length=30)]


class ClaimsSection(Section):
    """``[claims]``: frameworks that the operator has a legal basis for, and questions that are answered."""

    jp_aml_basis: Annotated[str, Field(max_length=200)] = ""
    jp_mpiupa_basis: Annotated[str, Field(max_length=200)] = ""
    questions_a_year: Annotated[Whole, Field(ge=0, le=20)] = 3
    area: tuple[AreaSection, ...] = ()


class EvidenceSection(Section):
    """``[evidence]``: how long evidence is kept for clients that were registered without a time of their own."""

    retention_days: Annotated[Whole, Field(ge=1, le=36_525)] = 2557
