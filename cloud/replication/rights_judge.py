"""Asks people about changes that are folded although something is wrong: rights, kinds of device, clocks, sums.

Money is never voided for want of a right: the sale happened. One question a person, right and stream counts up. The
declarations are those that commands require and the session hook refuses (`shared/kernel/rights.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from cloud.replication.approvals import Approvals
from cloud.replication.clock_witness import AHEAD_MS, ClockWitness
from cloud.replication.combo_judge import grown_alone, sold_as_no_part
from cloud.replication.copy_judge import copied_otherwise
from cloud.replication.correction_judge import corrected_in_secret
from cloud.replication.device_judge import of_other_devices
from cloud.replication.evidence import Floors
from cloud.replication.guest_judge import GuestActs, otherwise_than_proposed
from cloud.replication.judgements import Question, amount_of, told_of
from cloud.replication.modifier_judge import not_offered
from cloud.replication.numbers_twice import ask_about_numbers
from cloud.replication.parted_judge import PARTED, Parted, beyond_in_parts
from cloud.replication.price_judge import PriceJudge
from cloud.replication.refund_judge import gone_back_in_all
from cloud.replication.staff_rights import StaffRights
from cloud.replication.stream_owners import Owner
from cloud.replication.timelines import Histories
from shared.exceptions.rules import APPROVER, EventKind
from shared.kernel.declared import (
    NOT_AS_THE_GUEST_ORDERED,
    NOT_ITS_CHOICE,
    OTHER_DEVICE,
    AddsUpTo,
    ListPrice,
)
from shared.kernel.permissions import DeviceKind, Permission
from shared.kernel.rights import ALL_DEVICES, Act
from shared.kernel.stamps import COUNTER_BITS
from shared.payments.refund_records import Refund
from shared.tenancy.records import Device
from sync.fold import Batch, Creation, Edit
from sync.tables import TableSpec, Values

_KIND: Any = Device.__table__.c.kind.type
_KINDS = "SELECT id, kind FROM devices WHERE organization_id = ? AND id {keys}"
WORKS_HERE = Act(frozenset(Permission))
"""Every role has a right."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class RightsJudge:
    """Judges one batch.

    Args:
        of_devices: positions in the batch of the transactions that devices wrote.
        histories: see `timelines`.
        now_ms: the cloud's clock.
    """

    def __init__(
        self,
        batch: Batch,
        of_devices: Sequence[int],
        owners: Mapping[bytes, Owner],
        organization: bytes,
        histories: Histories,
        now_ms: int,
    ) -> None:
        self._batch = batch
        self._judged = frozenset(of_devices) - batch.refused.keys()
        self._owners = owners
        self._organization = organization
        self._now_ms = now_ms
        self._clocks: ClockWitness | None = None
        self._approvals = Approvals(batch, self._judged)
        actors = {change.actor for at in self._judged for change in batch.transactions[at].changes} - {None}
        actors |= self._approvals.people
        self._staff = StaffRights(batch.door, organization, [each for each in actors if each is not None], histories)
        unknown = actors - {None} - self._staff.people.keys() - self._staff.stations
        self._guests = GuestActs(batch, organization, [each for each in unknown if each is not None])
        self._as_guests_ordered: set[bytes] = set()
        self._histories = histories
        self._floors: Floors | None = None
        self._kinds: Mapping[bytes, DeviceKind] | None = None

    def ask(self) -> None:
        """Put a question for everything that is wrong."""
        tables = self._batch.merged.tables
        for name, creations in self._batch.creations.items():
            judged = [each for each in creations if each.at in self._judged]
            self._of_creations(tables[name], judged)
            self._of_kind(tables[name], judged)
            self._of_device(tables[name], judged)
            self._of_copied(tables[name], judged)
            self._of_proposed(tables[name], judged)
            ask_about_numbers(self._batch, tables[name], judged)
        for name, edits in self._batch.edits.items():
            judged_edits = [each for each in edits if each.at in self._judged]
            self._of_edits(tables[name], judged_edits)
            self._of_kind(tables[name], judged_edits)
            self._of_device(tables[name], judged_edits)
        for table in tables.values():
            if table.rights.adds_up_to is not None:
                self._of_sums(table, table.rights.adds_up_to)
            if table.rights.list_price is not None:
                self._of_prices(table, table.rights.list_price)
            self._of_menu(table, *self._judged_changes(table))
        self._of_corrections(tables[Refund.__tablename__])
        self._of_refunds(tables[Refund.__tablename__])
        for parted in PARTED:
            self._of_parted(tables[parted.table], parted)
        self._of_clocks()

    # -- rights ------------------------------------------------------------------------------------------------------

    def _of_creations(self, table: TableSpec, creations: Sequence[Creation]) -> None:
        """Ask once for each person and stream whether they may create any of the rows; else look at each row."""
        stream_of, acts = self._batch.stream_of, table.rights.to_create_any(self._batch.columns[table.name])
        authors = {(each.actor, stream_of(each)) for each in creations}
        doubtful = {author for author in authors if not all(self._always(*author, act) for act in acts)}
        if not doubtful:
            return
        for each in creations:
            if (each.actor, stream_of(each)) in doubtful:
                for act in table.rights.to_create(each.row, each.values):
                    self._check(table, each, act, each.values)

    def _of_edits(self, table: TableSpec, edits: Sequence[Edit]) -> None:
        rows = self._batch.rows[table.name]
        for each in edits:
            held = rows.get(each.row)
            values = held.values if held is not None else None
            for act in table.rights.to_edit(each.fields, values):
                self._check(table, each, act, values)

    def _always(self, actor: bytes | None, stream: bytes, act: Act) -> bool:
        """Whether somebody has had this right ever since they came."""
        branch = self._owners[stream].scope_id
        return actor is not None and self._staff.ever(actor, branch, act) is True

    def _of_prices(self, table: TableSpec, declared: ListPrice) -> None:
        """Ask about prices that no list said, of people who may not set them."""
        creations, edits = self._judged_changes(table)
        creations = [each for each in creations if each.row not in self._as_guests_ordered]
        judge = PriceJudge(self._batch, self._organization, self._histories, table, declared)
        for change, act in judge.unlisted(creations, edits):
            if not self._may(table, change, act) and not judge.is_copied(change):
                self._ask_about_right(table, change, act)

    def _judged_changes(self, table: TableSpec) -> tuple[list[Creation], list[Edit]]:
        created, edited = self._batch.creations.get(table.name, ()), self._batch.edits.get(table.name, ())
        return [each for each in created if each.at in self._judged], [
            each for each in edited if each.at in self._judged
        ]

    def _of_corrections(self, table: TableSpec) -> None:
        """Ask about payments on receipts that were taken back without the right to correct them."""
        made = [each for each in self._batch.creations.get(table.name, ()) if each.at in self._judged]
        for each in corrected_in_secret(self._batch, self._owners, made):
            act = Act(frozenset({Permission.CORRECT_PAYMENT}), each.values.paid_minor)
            if not self._may(table, each, act):
                self._ask_about_right(table, each, act)

    def _of_refunds(self, table: TableSpec) -> None:
        """Ask about refunds by which more went back for a check than a limit allows; each by itself was within it."""
        made = [each for each in self._batch.creations.get(table.name, ()) if each.at in self._judged]
        for each, in_all in gone_back_in_all(self._batch, self._owners, made):
            alone, act = (Act(frozenset({Permission.REFUND}), amount) for amount in (each.values.paid_minor, in_all))
            if self._may(table, each, alone) and not self._may(table, each, act, approved=alone):
                self._ask_about_right(table, each, act)

    def _of_parted(self, table: TableSpec, parted: Parted) -> None:
        """Ask about losses and cash taken out that go beyond a limit in many acts; each by itself was within it."""
        made = [each for each in self._batch.creations.get(table.name, ()) if each.at in self._judged]
        for each, in_all in beyond_in_parts(self._batch, self._organization, parted, made):
            amounts = getattr(each.values, parted.amount), in_all
            alone, act = (Act(frozenset({parted.right}), amount) for amount in amounts)
            if self._may(table, each, alone) and not self._may(table, each, act, approved=alone):
                self._ask_about_right(table, each, act)

    def _check(self, table: TableSpec, change: Creation | Edit, act: Act, values: Values | None) -> None:
        is_person = change.actor not in self._staff.stations
        if is_person and table.rights.is_own(values, change.actor) and self._may(table, change, WORKS_HERE):
            return
        if not self._may(table, change, act):
            self._ask_about_right(table, change, act)

    def _may(self, table: TableSpec, change: Creation | Edit, act: Act, approved: Act | None = None) -> bool:
        """Whether the actor of a change, or who approved it, had the right, as far as the log shows.

        Args:
            approved: what an approval of it says, where that is less than the act: a part of what goes back in all.
        """
        actor = change.actor
        if actor in self._guests:
            return self._guests.may(table, change)
        if actor is not None and self._held(actor, change, act):
            return True
        approvals = (each for each in self._approvals.of(table.name, change) if each.covers(actor, approved or act))
        return any(self._held(each.approver, change, each.lent(act)) for each in approvals)

    def _held(self, person: bytes, change: Creation | Edit, act: Act) -> bool:
        """Whether somebody had a right when a change was written."""
        stream = self._batch.stream_of(change)
        branch = self._owners[stream].scope_id
        ever = self._staff.ever(person, branch, act)
        if ever is not None:
            return ever
        stamp = max(change.stamp[0], self._floor(stream, self._batch.transactions[change.at].first))
        return self._staff.may(person, branch, act, stamp)

    def _ask_about_right(self, table: TableSpec, change: Creation | Edit, act: Act) -> None:
        actor, stream, right = change.actor, self._batch.stream_of(change), str(min(act.any_of))
        cause = (UUID(bytes=actor) if actor else "", right, UUID(bytes=stream))
        approvals = self._approvals.of(table.name, change)
        named = {APPROVER: approvals[0].approver.hex()} if approvals else {}
        self._ask(EventKind.WITHOUT_RIGHT, cause, table, change, right, more=named)

    def _floor(self, stream: bytes, seq: int) -> int:
        if self._floors is None:
            streams = {self._batch.transactions[at].stream for at in self._judged}
            self._floors = Floors(self._batch.door, self._organization, streams)
        return self._floors.of(stream, seq)

    # -- kinds of device and clocks ----------------------------------------------------------------------------------

    def _of_kind(self, table: TableSpec, changes: Sequence[Creation | Edit]) -> None:
        if table.rights.devices == ALL_DEVICES or not changes:
            return
        for each in changes:
            stream = self._batch.stream_of(each)
            kind = self._kind_of(self._owners[stream].device)
            if kind is not None and kind not in table.rights.devices:
                self._ask_about(table, each, f"{kind}")

    def _of_device(self, table: TableSpec, changes: Sequence[Creation | Edit]) -> None:
        for each in of_other_devices(self._batch, self._organization, self._owners, table, changes):
            self._ask_about(table, each, OTHER_DEVICE)

    def _of_copied(self, table: TableSpec, creations: Sequence[Creation]) -> None:
        if table.rights.copied is not None:
            declared = table.rights.copied
            for each in copied_otherwise(self._batch, self._organization, self._histories, declared, creations):
                self._ask_about(table, each, declared.reason)

    def _of_proposed(self, table: TableSpec, creations: Sequence[Creation]) -> None:
        """Ask about lines that say something else than the guest's order that they name. The others cost what the cloud
        said as the guest ordered, whatever the list says since."""
        declared = table.rights.proposed
        if declared is None:
            return
        others = list(otherwise_than_proposed(self._batch, self._organization, table, declared, creations))
        for each in others:
            self._ask_about(table, each, NOT_AS_THE_GUEST_ORDERED)
        named = {each.row for each in creations if getattr(each.values, declared.named_by) is not None}
        self._as_guests_ordered |= named - {each.row for each in others}

    def _of_menu(self, table: TableSpec, creations: Sequence[Creation], edits: Sequence[Edit]) -> None:
        """Ask about dishes that were sold in a combo, or with modifiers, as the menu does not offer them."""
        rights, same = table.rights, (self._batch, self._organization, self._histories)
        found: list[Creation | Edit] = []
        if rights.combo_parts is not None:
            found += sold_as_no_part(*same, rights.combo_parts, creations)
            found += grown_alone(self._batch, table.name, rights.combo_parts, edits)
        if rights.offered is not None:
            found += not_offered(*same, table.name, rights.offered, creations, edits)
        for each in found:
            self._ask_about(table, each, NOT_ITS_CHOICE)

    def _ask_about(self, table: TableSpec, change: Creation | Edit, what: str) -> None:
        """Ask about what this device may not do, whoever it is."""
        cause = (UUID(bytes=change.actor) if change.actor else "", what, UUID(bytes=self._batch.stream_of(change)))
        self._ask(EventKind.WITHOUT_RIGHT, cause, table, change, what)

    def _kind_of(self, device: bytes) -> DeviceKind | None:
        if self._kinds is None:
            door = self._batch.door
            devices = sorted({owner.device for owner in self._owners.values()})
            found = door.among(_KINDS, devices, door.key(self._organization))
            self._kinds = {row[0]: _KIND.from_wire(row[1]) for row in found}
        return self._kinds.get(device)

    def _of_sums(self, table: TableSpec, declared: AddsUpTo) -> None:
        """Ask about parents that the rows of their transaction do not add up to, and about rows that came later."""
        created = self._batch.creations
        rows = [each for each in created.get(table.name, ()) if each.at in self._judged]
        parent = self._batch.merged.tables[next(each.table for each in table.parents if each.field == declared.parent)]
        of_parent: defaultdict[tuple[bytes, int], list[Creation]] = defaultdict(list)
        for each in rows:
            if (named := getattr(each.values, declared.parent)) is not None:
                of_parent[named, each.at].append(each)
        made = {(each.row, each.at): each for each in created.get(parent.name, ()) if each.at in self._judged}
        for key in made.keys() | of_parent.keys():
            whole, parts = made.get(key), of_parent.get(key, [])
            if whole is not None:
                self._of_copies(table, declared, whole, parts)
            for name in declared.amounts:
                said = getattr(whole.values, name) if whole is not None else 0
                difference = said - sum(getattr(each.values, name) for each in parts)
                if difference:
                    first, kind = (whole, parent) if whole is not None else (parts[0], table)
                    self._ask(EventKind.SUMS_DIFFER, (UUID(bytes=key[0]), name), kind, first, name, abs(difference))
                    break

    def _of_copies(self, table: TableSpec, declared: AddsUpTo, whole: Creation, parts: Sequence[Creation]) -> None:
        """Ask about the rows that say something else than their parent of what both say."""
        for name in declared.same:
            said = getattr(whole.values, name)
            for each in parts:
                if getattr(each.values, name) != said:
                    self._ask(EventKind.SUMS_DIFFER, (UUID(bytes=each.row), name), table, each, name)

    def _of_clocks(self) -> None:
        """Ask about stamps far ahead of our clock, and of what most devices' clocks say if ours is in doubt."""
        latest_ms = self._now_ms + AHEAD_MS
        for at in sorted(self._judged):
            transaction = self._batch.transactions[at]
            last = transaction.changes[-1]
            stamped_ms = last.stamp >> COUNTER_BITS
            if stamped_ms <= latest_ms:
                continue
            device = self._owners[transaction.stream].device
            if self._clocks is None:
                self._clocks = ClockWitness.read(self._batch.door, self._organization, self._now_ms)
            if stamped_ms <= latest_ms + self._clocks.excused_ms(device):
                continue
            minutes = (stamped_ms - self._now_ms) // 60_000
            place = {"first": transaction.first, "last": transaction.last}
            detail = {"table": last.table, "row": last.row.hex(), "minutes": minutes, **place}
            cause = (UUID(bytes=transaction.stream),)
            question = Question(EventKind.CLOCK_WRONG, cause, last.actor, transaction.stream, "", detail)
            self._batch.question(at, question)

    def _ask(
        self,
        kind: EventKind,
        cause: tuple[UUID | str, ...],
        table: TableSpec,
        change: Creation | Edit,
        reason: str,
        amount: int | None = None,
        more: Mapping[str, Any] = _NOTHING,
    ) -> None:
        fields: Any = change.fields if isinstance(change, Edit) else msgspec.structs.asdict(change.values)
        detail = told_of(self._batch.merged.tables, table.name, change.row, fields)
        if isinstance(change, Edit):
            detail = {**detail, "fields": sorted(change.fields)[:10]}
        detail |= more
        stream = self._batch.stream_of(change)
        about = amount_of(detail) if amount is None else amount
        question = Question(kind, cause, change.actor, stream, reason, detail, about)
        self._batch.question(change.at, question)
