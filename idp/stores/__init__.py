"""The database edge: durable SQL and transient state, one contract each, SQLite and PostgreSQL.

Owns: SQL, drivers, transactions, migrations' schema. Satisfies the ports of the packages above it structurally.
Does not own: any rule. May import: SQLAlchemy, the drivers, the records of the packages that own the ports.
"""
