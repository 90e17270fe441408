"""Durable state in SQL: hand-written statements for requests, SQLAlchemy for schema, migrations and administration.

Owns: the drivers for SQLite and PostgreSQL, every durable statement, the schema. Does not own: any rule.
May import: SQLAlchemy, Flask-SQLAlchemy, Alembic, psycopg, the records of the packages whose ports it satisfies.
"""
