"""A ``Linkage`` that rests on what a platform operator answered when the card was proven; it reads only the store."""

from datetime import datetime

from idp.identity.account import Account
from idp.identity.credential import PresentedCredential
from idp.identity.errors import DifferentPerson, LinkageUnanswered
from idp.identity.ports import IdentityWriter


class LinkedByOperator:
    """One person is one account: across renewals, re-issues, card and phone, and the two kinds of certificate."""

    def find_linked_account(self, writer: IdentityWriter, presented: PresentedCredential) -> Account | None:
        """The account of the person whom the operator named.

        Raises: LinkageUnanswered: no operator has answered, so nothing may be opened.
        """
        if presented.linkage is None:
            raise LinkageUnanswered
        return writer.find_account_by_link(presented.linkage.digests)

    def record_link(
        self, writer: IdentityWriter, presented: PresentedCredential, account_id: str, credential_id: str, now: datetime
    ) -> bool:
        """Let the person whom the operator named reach this account from now on.

        Returns: False where that person reaches another account. An account opened in this transaction is given up
                 then; an older one goes on as it is, and the contradiction is audited for ``idp account merge``.
        Raises:  DifferentPerson: the account is another person's, as the same operator said before.
        Effect:  a link under an older look-up key is written anew under the newest. Nothing is recorded of a credential
                 that is still announced: sent away, it would leave its holder's next card the way in.
        """
        answer = presented.linkage
        if answer is None:
            return True
        linked = writer.find_account_by_link(answer.digests)
        if linked is not None and linked.account_id != account_id:
            return False
        if linked is None and writer.find_link_key_ids(account_id):
            raise DifferentPerson(account_id, credential_id)
        if linked is None and _is_announced(writer, account_id, credential_id, now):
            return True
        if not writer.insert_account_link(answer.digests[0], account_id, answer.check_id, now):
            winner = writer.find_account_by_link(answer.digests)
            return winner is not None and winner.account_id == account_id
        if linked is not None:
            writer.delete_account_links(answer.digests[1:])
        return True


def _is_announced(writer: IdentityWriter, account_id: str, credential_id: str, now: datetime) -> bool:
    attachments = writer.find_attachments(account_id)
    return any(each.credential_id == credential_id and now < each.announced_until for each in attachments)
