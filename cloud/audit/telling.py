"""Names of what the audit lists: acts, tables, fields, and from where something was done."""

from __future__ import annotations

from cloud.audit.entries import Entry
from shared.kernel.language import Texts
from shared.kernel.text import clean


def act_name(texts: Texts, act: str) -> str:
    """What was done to the control plane; one without words by its code."""
    code = f"audit.act.{act.replace('.', '_')}"
    return texts(code) if texts.has(code) else act


def table_name(texts: Texts, table: str) -> str:
    """What a row is; a table that this program does not know by its name."""
    code = f"audit.table.{table}"
    return texts(code) if texts.has(code) else table.replace("_", " ")


def field_name(texts: Texts, field: str) -> str:
    """A field of a row; one without words by its name."""
    code = f"audit.field.{field}"
    return texts(code) if texts.has(code) else field.replace("_", " ")


def place_of(texts: Texts, entry: Entry) -> str:
    """From where: `device Caja 1`, `page 203.0.113.7`."""
    return " ".join(each for each in (texts(f"audit.via_{entry.via}"), clean(entry.place)) if each)
