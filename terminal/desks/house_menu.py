"""What a branch sells of its own accord, as the desk commands it: prices, new dishes, hidden ones. No Textual."""

from __future__ import annotations

from uuid import UUID

from shared.kernel.work import Work
from shared.menu.at_the_branch import add_dish, hide_item, make_dish_at, serve_dish_in, set_price, show_item
from shared.menu.branch_queries import BranchMenu, branch_menu
from shared.menu.usual import usual_dish
from terminal.desks.part import DeskPart
from terminal.snapshots.sources import MENU


class HouseMenuDesk(DeskPart):
    """See the module. Made by the desk."""

    async def set_price(self, item_id: UUID, price_minor: int | None) -> None:
        """Set what an item costs in this branch from the next key on; None: what it costs elsewhere.

        Raises:
            DomainError: those of `set_price`.
        """

        async def price(work: Work) -> None:
            await set_price(work, item_id, price_minor)

        await self._run(None, price, also=(MENU,))

    async def add_dish(self, name: str, category_id: UUID, price_minor: int) -> UUID:
        """Add a dish that this branch alone sells, made and taxed as most of its category. Returns its id.

        Raises:
            DomainError: those of `add_dish` and of `usual_dish`.
        """
        usual = usual_dish(self._desk.menu, category_id)
        pending = self._pending("add dish", name, category_id, price_minor)

        async def add(work: Work) -> UUID:
            what = (work, name, category_id, usual.tax_category_id, price_minor)
            return (await add_dish(*what, station_id=usual.station_id, item_id=pending.id)).id

        return await self._run(None, add, pending, also=(MENU,))

    async def make_at(self, item_id: UUID, station_id: UUID | None) -> None:
        """Let a dish of this branch be made at a station; None: at none.

        Raises:
            DomainError: those of `make_dish_at`.
        """
        await self._run(None, lambda work: make_dish_at(work, item_id, station_id), also=(MENU,))

    async def serve_in(self, item_id: UUID, course: int | None) -> None:
        """Let a dish of this branch be of a course; None: of that of its category.

        Raises:
            DomainError: those of `serve_dish_in`.
        """
        await self._run(None, lambda work: serve_dish_in(work, item_id, course), also=(MENU,))

    async def hide(self, item_id: UUID) -> None:
        """Take an item off the menu of this branch.

        Raises:
            DomainError: those of `hide_item`.
        """
        await self._run(None, lambda work: hide_item(work, item_id), also=(MENU,))

    async def show(self, item_id: UUID) -> None:
        """Put a hidden item on the menu of this branch again.

        Raises:
            DomainError: those of `show_item`.
        """
        await self._run(None, lambda work: show_item(work, item_id), also=(MENU,))

    async def own(self) -> BranchMenu:
        """In what the menu of this branch differs from the organization's."""
        identity = self._desk.store.identity
        async with self._desk.store.reading(briefly=True) as connection:
            return await branch_menu(connection, identity.organization_id, identity.branch_id)
