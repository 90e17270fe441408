"""A route: what is asked where, how often, and in what form a refusal is answered."""

from dataclasses import dataclass
from typing import Literal

from idp.web.http import Handler

Audience = Literal["client", "presenter", "person", "machine"]
LimitGroup = Literal["authorize", "presenter", "token", "userinfo", "page", "metadata", "registration"]

# Where a request says which client it is from (``claimed_client``): in parameters that the browser brings, where a
# request to sign out may have an ID token in place of a name; in what a client sends to authenticate itself; in an
# assertion in place of an access token; or nowhere.
ClaimedIn = Literal["parameters", "logout-request", "authentication", "bearer-assertion", "nowhere"]

# Who a request is counted for: its address; its address and the client that it names; or the client that it proves to
# be from, and its address as long as it proves none (``limited_route``).
CountedBy = Literal["address", "named-client", "proven-client"]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path; ``{name}`` in a path matches one segment.

    ``audience`` reads the errors; ``limit`` is the group in which its requests are counted, None for none, and
    ``counted_by`` says for whom, ``claimed_in`` where a client is named in it.
    ``has_effects`` says that a GET does something (goes on in a sign-in, uses an address up), so HEAD is refused.
    ``is_clients`` says that the request is made by a client, or for one, and so belongs into its journal.
    """

    method: str
    path: str
    handler: Handler
    audience: Audience
    limit: LimitGroup | None
    has_effects: bool = False
    is_clients: bool = False
    counted_by: CountedBy = "address"
    claimed_in: ClaimedIn = "nowhere"
