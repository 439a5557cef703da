"""The listeners and derivations that the domains declare, the same on devices and on the cloud."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from shared.domains import DOMAINS
from shared.kernel.derivations import Derivation
from shared.kernel.sums import Declared
from sync.author import Derivations, DerivedRow
from sync.digest import Digests
from sync.feed import Listener
from sync.keys import Forgetting
from sync.sums import KeptSums
from sync.tables import TableSpec, Values
from sync.writing import values_of, wire_fields


def listeners_of(organization_id: UUID, tables: Mapping[str, TableSpec]) -> tuple[Listener, ...]:
    """The sums of all domains, the digests, the forgetting: in the order in which all transactions lock their rows."""
    organization = organization_id.bytes
    return (
        KeptSums(declared_sums(), organization, tables),
        Digests(organization, tables),
        Forgetting(organization, tables),
    )


def declared_sums() -> list[Declared]:
    """The sums and comparisons of all domains."""
    return [declared for domain in DOMAINS for declared in domain.sums]


def derivations_of(organization_id: UUID, tables: Mapping[str, TableSpec]) -> Derivations:
    """Return the function that derives rows from new rows, as the domains declare it."""
    declared: defaultdict[str, list[Derivation]] = defaultdict(list)
    for domain in DOMAINS:
        for derivation in domain.derivations:
            assert derivation.derived.__derived__, f"{derivation.derived.__tablename__} is not declared as derived"
            declared[derivation.fact.__tablename__].append(derivation)

    def derived(table: str, row: bytes, before: Values | None, after: Values | None) -> Iterable[DerivedRow]:
        if before is not None or after is None:
            return
        for derivation in declared.get(table, ()):
            record = derivation.derive(UUID(bytes=row), organization_id, UUID(bytes=after.branch_id))
            of = tables[derivation.derived.__tablename__]
            named = {name: value for name in of.fields if (value := record.__dict__.get(name)) is not None}
            given = {**of.defaults, **wire_fields(of, named)}
            yield of.name, record.id.bytes, values_of(of, given), given

    return derived
