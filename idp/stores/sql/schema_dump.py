"""Today's database as one file to read, for each engine."""

import sys
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from idp.stores.sql.schema import Base

_HEADER = "-- Written by `python -m idp.stores.sql.schema_dump migrations`; a test holds it to the migrations.\n"


def dump_schema(dialect_name: str) -> str:
    """The statements that make today's database, every column with its comment.

    Takes:   ``sqlite`` or ``postgresql``.
    Returns: SQL text.
    """
    dialect = make_url(f"{dialect_name}://").get_dialect()()
    parts = [_HEADER]
    for table in sorted(Base.metadata.tables.values(), key=lambda each: each.name):
        comments = "".join(f"--   {column.name}: {column.comment}\n" for column in table.columns)
        statement = str(CreateTable(table).compile(dialect=dialect)).strip().replace("\t", "    ")
        parts.append(f"\n-- {table.name}\n{comments}{statement};\n")
        parts.extend(
            f"{CreateIndex(index).compile(dialect=dialect)};\n"
            for index in sorted(table.indexes, key=lambda each: str(each.name))
        )
    return "\n".join(line.rstrip() for line in "".join(parts).split("\n"))


def write_schemas(directory: Path) -> None:
    """Write the dumps of both engines into the folder of the migrations."""
    for dialect_name in ("sqlite", "postgresql"):
        (directory / f"schema.{dialect_name}.sql").write_text(dump_schema(dialect_name), encoding="utf-8")


if __name__ == "__main__":
    write_schemas(Path(sys.argv[1]))
