"""The list of domains, the folders and the import contract say the same; reading the list loads no database layer."""

from __future__ import annotations

import tomllib
from pathlib import Path

import shared
from shared.domains import DOMAINS
from shared.kernel.sealed import Sealed
from shared.records import metadata

ROOT = Path(shared.__path__[0])
NO_DOMAINS = {"records", "domains", "kernel"}


def layers() -> list[set[str]]:
    """The layers of the import contract, the lowest first."""
    project = tomllib.loads((ROOT.parent / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = (
        each for each in project["tool"]["importlinter"]["contracts"] if each["name"] == "Domains have a direction"
    )
    return [set(layer.split(" | ")) - NO_DOMAINS for layer in reversed(contract["layers"])]


def test_the_domains_are_listed_in_the_order_of_the_import_contract() -> None:
    levels = {name: level for level, names in enumerate(layers()) for name in names}
    assert levels.keys() == {domain.name for domain in DOMAINS}
    assert [levels[domain.name] for domain in DOMAINS] == sorted(levels.values())


def test_each_domain_says_what_its_folder_holds() -> None:
    for domain in DOMAINS:
        holds = {path.name for path in (ROOT / domain.name).iterdir()}
        assert ("texts" in holds, "sums.py" in holds) == (domain.has_texts, domain.has_sums), domain.name
        assert "derived.py" in holds or not domain.has_derivations, domain.name


def test_no_sum_and_nothing_that_is_told_holds_a_sealed_field() -> None:
    """Neither could be forgotten, and a ciphertext tells nobody anything."""
    sealed = {
        (table.name, column.name)
        for table in metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Sealed)
    }
    assert ("order_contacts", "name") in sealed
    told = {(table.name, name) for table in metadata.tables.values() for name in table.info.get("told", ())}
    assert not sealed & told
    read = {name for domain in DOMAINS for declared in domain.sums for name in declared.reads}
    assert not {name for name, _field in sealed} & read
