"""What a sign-in costs: whole sign-ins a second and CPU per sign-in, beside a peer.

Owns: the load, the measuring, the tables. Does not own: a line of the provider; the servers are the real ones.
May import: everything.
"""
