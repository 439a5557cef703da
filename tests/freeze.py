"""What is frozen at a release, written anew: `python -m tests.freeze`.

The text of the device's first schema step; and the golden log of today's format, if it does not hold any more (or
always: `python -m tests.freeze golden`, at the release). Until the release everybody who changes a table runs the
command. After it nobody does: what is released never changes; the next change is the next step, with a golden log of
its own.
"""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from terminal.store import schema

RUN = "until the release run `python -m tests.freeze`; after it write the next step in terminal/store/steps"
REFERENCE = "reference by "
FIRST_STEP = schema.FOLDER / "0001.sql"


def first_step() -> str:
    """The statements that make all tables as they are declared, with nothing of the machine in them."""
    made: list[str] = []
    engine = sa.create_mock_engine(
        "sqlite://", lambda statement, *_args, **_options: made.append(str(statement.compile(dialect=engine.dialect)))
    )
    for metadata in schema.METADATAS:
        metadata.create_all(engine, checkfirst=False)
    # SQLAlchemy makes the indexes of a table in any order.
    made.sort(key=lambda each: each.strip() if "INDEX" in each.split("(")[0] else "")
    lines = ("\n".join(line.rstrip() for line in each.strip().splitlines()) for each in made)
    return "".join(f"{each};\n\n" for each in lines).rstrip("\n") + "\n"


def differences(steps: tuple[str, ...] = schema.STEPS) -> list[str]:
    """In what the file that the steps make differs from the declared tables, one sentence each."""
    made, declared = _shape_of(*steps), _shape_of(first_step())
    parts_made, parts_declared = _parts(made), _parts(declared)
    lacking = {(name, part) for name, part in parts_declared - parts_made if not _came_later(name, part, steps)}
    return [
        *(f"{name}: {part} is declared and in no step" for name, part in sorted(lacking)),
        *(f"{name}: {part} is in the steps and not declared" for name, part in sorted(parts_made - parts_declared)),
    ]


def _parts(shape: dict[str, set[str]]) -> set[tuple[str, str]]:
    return {(name, part) for name, parts in shape.items() for part in parts}


def _came_later(table: str, part: str, steps: tuple[str, ...]) -> bool:
    """Whether it is the reference of a column that a later step added: SQLite cannot add one. The fold checks it."""
    first = {each.split()[0] for each in _shape_of(*steps[:1]).get(table, set())}
    return part.startswith(REFERENCE) and not first.issuperset(part.removeprefix(REFERENCE).split(", "))


def _shape_of(*steps: str) -> dict[str, set[str]]:
    """By table: its columns, indexes and references, as SQLite tells them."""
    connection = sqlite3.connect(":memory:")
    for step in steps:
        connection.executescript(step)
    tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {
        name: {*_columns(connection, name), *_indexes(connection, name), *_references(connection, name)}
        for name in tables
    }


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    found: list[Any] = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return {
        f"{name} {kind}{' NOT NULL' if is_needed else ''}{' KEY' if key else ''}"
        for _at, name, kind, is_needed, _default, key in found
    }


def _indexes(connection: sqlite3.Connection, table: str) -> set[str]:
    found = connection.execute(f'PRAGMA index_list("{table}")').fetchall()
    return {
        f"index ({', '.join(row[2] for row in connection.execute(f'PRAGMA index_info({name})'))}) {unique=}"
        for _at, name, unique, *_rest in found
    }


def _references(connection: sqlite3.Connection, table: str) -> set[str]:
    by_number: dict[int, list[str]] = {}
    for number, _at, _parent, column, *_rest in connection.execute(f'PRAGMA foreign_key_list("{table}")'):
        by_number.setdefault(number, []).append(column)
    return {REFERENCE + ", ".join(columns) for columns in by_number.values()}


if __name__ == "__main__":
    if len(schema.STEPS) == 1:
        FIRST_STEP.write_text(first_step())
        print(f"written: {FIRST_STEP}")
    sys.path.append(str(Path(__file__).parent))  # as pytest does
    from tests.golden import evening, logs

    if sys.argv[1:] == ["golden"] or not logs.holds():
        print(f"written: {logs.write(evening.written())}")
