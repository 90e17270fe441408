"""State that may be lost: transactions, openings, nonces, counters; losing it voids sign-ins in flight, nothing more.

Owns: the statements and tables of short-lived records. Does not own: what a record means.
May import: the drivers of ``stores.sql``, the record and port of ``signin.transient``.
"""
