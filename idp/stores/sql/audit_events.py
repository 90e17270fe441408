"""Audit events, written in the transaction of the change they tell of."""

from typing import Final

from idp.audit import AuditRecord
from idp.clock import to_epoch_seconds
from idp.stores.sql.column_value import join_words
from idp.stores.sql.database import Statements

_APPEND: Final = """
INSERT INTO audit_events (event, at, account_id, client_id, txn, outcome, check_ids) VALUES (?, ?, ?, ?, ?, ?, ?)
"""


class AuditWrites:
    """What a durable transaction leaves for an auditor."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def append_audit(self, record: AuditRecord) -> None:
        """Write the record; it commits or rolls back with the change."""
        self._statements.write(
            _APPEND,
            (
                record.event.value,
                to_epoch_seconds(record.at),
                record.account_id,
                record.client_id,
                record.txn,
                record.outcome,
                join_words(record.check_ids),
            ),
        )
