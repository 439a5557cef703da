"""Carrying out an import of a menu: in the branch's scope, so that its devices learn of it by sync."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from cloud.accounts.identity import Person
from cloud.database.transaction import Database
from cloud.replication.fold_worker import FoldWorker
from cloud.replication.units import CloudUnits
from shared.menu.importing import DishRow, ImportPlan, carry_out, plan_import
from shared.menu.queries import load_menu


class MenuImport:
    """Writes many rows of a menu."""

    def __init__(self, database: Database, units: CloudUnits, fold_worker: FoldWorker) -> None:
        self._database = database
        self._units = units
        self._fold_worker = fold_worker

    async def carry_out(
        self, organization_id: UUID, person: Person, branch_id: UUID, rows: Sequence[DishRow], *, dry_run: bool
    ) -> tuple[ImportPlan, bool]:
        """Say what rows would do, and do it unless something is wrong with any of them, or it is a dry run.

        Raises:
            DomainError: those of `carry_out`.
        """
        async with self._database.write(organization_id) as session:
            menu = await load_menu(session, organization_id, branch_id)
            plan = plan_import(menu, branch_id, rows)
            is_done = not dry_run and not plan.problems
            if is_done:
                async with self._units.on(session, organization_id, person.actor(), branch_id) as work:
                    await carry_out(work, plan)
        if is_done:
            self._fold_worker.wake(organization_id, branch_id)
        return plan, is_done
