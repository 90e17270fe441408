"""All durable ports in one object, over one database."""

from collections.abc import Iterator
from contextlib import contextmanager

from idp.stores.sql.account_links import AccountLinkReads, AccountLinkWrites
from idp.stores.sql.account_merges import AccountMergeWrites
from idp.stores.sql.account_overview import AccountOverviewReads, AccountOverviewWrites
from idp.stores.sql.attachments import AttachmentReads, AttachmentWrites, LinkRequestReads
from idp.stores.sql.audit_events import AuditWrites
from idp.stores.sql.audit_seals import AuditSeals
from idp.stores.sql.browser_sessions import BrowserSessionReads, BrowserSessionWrites
from idp.stores.sql.claims import ClaimReads, ClaimWrites
from idp.stores.sql.client_notes import ClientNoteReads, ClientNoteWrites
from idp.stores.sql.clients import ClientReads
from idp.stores.sql.consents import ConsentReads, ConsentWrites
from idp.stores.sql.database import Database, Statements
from idp.stores.sql.evidence import EvidenceReads, EvidenceWrites
from idp.stores.sql.expired_rows import ExpiredRows
from idp.stores.sql.grants import GrantWrites
from idp.stores.sql.identity import IdentityReads, IdentityWrites
from idp.stores.sql.installation import Installation
from idp.stores.sql.kept_serials import KeptSerialTable
from idp.stores.sql.listed_credentials import ListedCredentialReads, ListedCredentialWrites
from idp.stores.sql.logout_deliveries import LogoutDeliveryReads, LogoutDeliveryWrites
from idp.stores.sql.lookup_key_canaries import LookupKeyCanaryTable
from idp.stores.sql.signing_keys import SigningKeys
from idp.stores.sql.tokens import TokenReads, TokenWrites


class DurableWriter(
    GrantWrites,
    TokenWrites,
    BrowserSessionWrites,
    ConsentWrites,
    ClaimWrites,
    EvidenceWrites,
    IdentityWrites,
    ListedCredentialWrites,
    AccountLinkWrites,
    AttachmentWrites,
    AccountMergeWrites,
    AccountOverviewWrites,
    LogoutDeliveryWrites,
    AuditWrites,
    ClientNoteWrites,
):
    """Everything that one durable transaction can change, so that finishing a sign-in is one transaction.

    Inherited, against the habit of the house: the nouns share nothing but the transaction, and thirty forwarding
    methods would say the same at greater length and cost.
    """

    def __init__(self, transaction: Statements) -> None:
        self._statements = transaction


class DurableStore(
    ClientReads,
    TokenReads,
    BrowserSessionReads,
    ConsentReads,
    ClaimReads,
    EvidenceReads,
    IdentityReads,
    ListedCredentialReads,
    KeptSerialTable,
    AccountLinkReads,
    AttachmentReads,
    LinkRequestReads,
    AccountOverviewReads,
    LogoutDeliveryReads,
    LookupKeyCanaryTable,
    Installation,
    SigningKeys,
    AuditSeals,
    ExpiredRows,
    ClientNoteReads,
):
    """Satisfies the reading ports of ``oidc``, ``identity`` and ``keys``, and gives their writers by ``writing``."""

    def __init__(self, database: Database) -> None:
        self._statements = database
        self._database = database

    @contextmanager
    def writing(self) -> Iterator[DurableWriter]:
        """One durable transaction: committed when the block ends, rolled back when it raises.

        Raises: StoreUnavailable: begun or committed it could not be; after a failed commit nothing is known.
        """
        with self._database.transaction() as transaction:
            yield DurableWriter(transaction)
