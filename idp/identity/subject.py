"""Subjects: the ``sub`` by which the clients of one sector know an account."""

import secrets
from datetime import datetime
from typing import Protocol

from idp.identifiers import Randomness, new_identifier


class SubjectWriter(Protocol):
    """The one statement of ``IdentityWriter`` that this rule needs."""

    def find_or_insert_subject(self, account_id: str, sector: str, candidate_sub: str, now: datetime) -> str:
        """As in ``IdentityWriter``."""
        ...


def find_or_create_subject(
    writer: SubjectWriter,
    account_id: str,
    sector: str,
    *,
    now: datetime,
    randomness: Randomness = secrets.token_bytes,
) -> str:
    """The ``sub`` of an account in a sector, made at the sector's first grant and never changed.

    Takes:   sector, the client's sector identifier, or the one that all clients with subject_type public share.
    Returns: 43 ASCII characters, 256 random bits. Random rather than computed: no key to lose or to leak, nobody can
             relate two sectors' values, and a merge of accounts moves rows.
    Source:  OIDC Core §8, §8.1, Pairwise Identifier Algorithm; §2, sub: at most 255 ASCII characters.
    """
    return writer.find_or_insert_subject(account_id, sector, new_identifier(randomness), now)
