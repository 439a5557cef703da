"""`comanda demo --check`: one sale from the first key to the owner's report, most of it without a cloud.

The methods of `SaleCheck` are in the order of the story. `sale.py` knows the right amounts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import sqlalchemy as sa

from shared.books.views import OrderView
from shared.countries.currencies import format_minor
from shared.kernel.errors import DomainError
from shared.kernel.language import Texts
from shared.kernel.quantity import ONE
from shared.payments.records import Receipt
from terminal.actions import ScreenName
from terminal.composition import Device, enrol, running
from terminal.demo.findings import Findings, NotHeld
from terminal.demo.guest import check_guest
from terminal.demo.hands import Hands, hands_at
from terminal.demo.house import KITCHEN, RECEIPTS, DemoHouse, catch_up
from terminal.demo.patience import wait_for
from terminal.demo.printers import papers_in
from terminal.demo.progress import Progress
from terminal.demo.replicas import Replica, push_again, replica_of
from terminal.demo.reports import ReportClient
from terminal.demo.sale import Ordered, planned_sale
from terminal.demo.trouble import DemoTrouble
from terminal.device import DeviceFolder
from terminal.printing.code_pages import PC850
from terminal.printing.emulator.elements import Paper
from terminal.syncing.link import CloudLink

CONVERGE_SECONDS = 120.0
"""Longest wait until all replicas are equal. The link retries every half a minute at most, here far more often."""
_LOOK_EVERY_SECONDS = 0.2


def run_check(house: DemoHouse, texts: Texts, progress: Progress) -> int:
    """Set up a demo and take one sale through it. Returns 0 only if every check held."""
    began = time.monotonic()
    try:
        with house.claimed(), house.opened(progress):
            asyncio.run(SaleCheck(house, Findings(texts, progress), texts).walk())
    except NotHeld:
        return 1
    except DomainError as error:
        progress.failed(texts(error.code, **error.params))
        return 1
    progress.say(texts("demo.check.all_held", seconds=round(time.monotonic() - began)))
    return 0


class SaleCheck:
    """See the module."""

    def __init__(self, house: DemoHouse, findings: Findings, texts: Texts) -> None:
        self._house = house
        self._findings = findings
        self._texts = texts
        self._plan = house.plan
        self._sale = planned_sale(self._plan)
        self._till = self._plan.device("till")
        self._kitchen = self._plan.device("kitchen")
        self._newcomer = texts("demo.check.newcomer")

    async def walk(self) -> None:
        """Run all checks."""
        await self._cut_off()
        await self._order_and_cook()
        async with running(self._house.folder(self._till)) as till:
            receipt = await self._restart_and_pay(till)
            await asyncio.to_thread(self._house.cloud.start)
            self._findings.equal("cloud_back", self._house.cloud.answers(), True, url=self._house.cloud.url)
            await self._converge(till)
            await self._report_and_replay(till, receipt)
            pin, card = self._plan.person("cashier", self._sale.branch).pin, self._house.card(self._till)
            assert card is not None, "the house was founded by this program"
            await check_guest(card, till, pin, self._findings, self._texts)
        await self._other_branches()

    # -- without a cloud ---------------------------------------------------------------------------------------------

    async def _cut_off(self) -> None:
        await asyncio.to_thread(self._house.cloud.stop)
        self._findings.equal("cloud_away", self._house.cloud.answers(), False, url=self._house.cloud.url)

    async def _order_and_cook(self) -> None:
        folder = self._house.folder(self._till)
        async with running(folder) as till, hands_at(till.desk, "pos") as cashier:
            await self._log_in(cashier, "cashier", ScreenName.FLOOR)
            await self._take_order(cashier, till)
            await cashier.press("f5")
            await self._kitchen_papers()
            # LAN peers come later: in a small restaurant the second screen uses the till's own store.
            async with running(folder) as beside, hands_at(beside.desk, "kds") as cook:
                await self._findings.becomes("wall_shown", lambda: cook.screen_name, ScreenName.KITCHEN.value)
                await self._cook(cook, beside, till)

    async def _log_in(self, hands: Hands, role: str, expected: ScreenName) -> None:
        person = self._plan.person(role, self._sale.branch)
        await hands.type(person.pin)
        await self._findings.becomes("logged_in", lambda: hands.screen_name, expected.value, name=person.name)

    async def _take_order(self, cashier: Hands, till: Device) -> None:
        menu, count = {item.code for item in self._plan.items}, len(self._plan.items)
        self._findings.equal("menu", menu - set(till.desk.menu.by_code), set(), count=count)
        await cashier.type(self._sale.table)
        for ordered in self._sale.ordered:
            item = till.desk.menu.by_code[ordered.item.code]
            await cashier.type(ordered.typed)
            if item.modifier_groups and cashier.screen_name != ScreenName.OPTIONS:
                await cashier.press("f4")
            if item.modifier_groups:
                await cashier.choose(item, [name for name, _extra in ordered.answers])
            if ordered.note:
                await cashier.type(f"/{ordered.note}")
        order = self._open_order(till)
        seen = [
            (line.item_name, line.quantity_milli, sorted(line.modifiers), line.notes, line.total_minor)
            for line in order.lines
        ]
        wanted = [
            (ordered.item.name, ordered.count * ONE, sorted(ordered.answers), ordered.note, ordered.total_minor)
            for ordered in self._sale.ordered
        ]
        for ordered in self._sale.ordered:
            self._findings.equal("typed", seen[: len(wanted)], wanted, typed=ordered.typed, dish=self._spoken(ordered))
        total = self._money(self._sale.total_minor)
        self._findings.equal("order_total", self._money(order.due_minor), total, total=total, number=order.number)
        amounts = [self._money(ordered.total_minor) for ordered in self._sale.ordered]
        await self._findings.becomes(
            "screen_amounts", lambda: [amount for amount in amounts if cashier.sees(amount)], amounts
        )

    async def _kitchen_papers(self) -> None:
        stations = {ordered.item.station for ordered in self._sale.ordered}
        papers = await self._papers(KITCHEN, len(stations))
        for ordered in self._sale.ordered:
            paper = next((paper for paper in papers if ordered.item.name in " ".join(paper.text.split())), papers[0])
            parts = [f"{ordered.count} x", ordered.item.name, *(name for name, _extra in ordered.answers), ordered.note]
            self._findings.says("ticket_says", paper.text, [*parts, self._sale.table], dish=self._spoken(ordered))
        seen = [
            (paper.pages, paper.count("beep") > 0, len(paper.pulses), paper.count("cut"), paper.is_cut)
            for paper in papers
        ]
        self._findings.equal("ticket_bytes", seen, [([PC850.number], True, 0, 1, True)] * len(stations))

    async def _cook(self, cook: Hands, beside: Device, till: Device) -> None:
        tickets = beside.desk.tickets
        stations = {ordered.item.station for ordered in self._sale.ordered}
        self._findings.equal("tickets_shown", len(tickets), len(stations), count=len(stations))
        await self._findings.becomes("ticket_on_wall", lambda: cook.sees(self._sale.ordered[0].item.name), True)
        for number, _ticket in enumerate(tickets, start=1):  # each card keeps its number while it stands
            await cook.press(str(number), "enter")
        await self._findings.becomes("bumped", lambda: _tickets(beside), (0, len(tickets)))
        await self._findings.becomes("till_noticed", lambda: _tickets(till), (0, len(tickets)))

    # -- after a restart, still without a cloud ----------------------------------------------------------------------

    async def _restart_and_pay(self, till: Device) -> Any:
        sale, order = self._sale, self._open_order(till)
        self._findings.equal("restarted", (order.table_name, order.due_minor), (sale.table, sale.total_minor))
        async with hands_at(till.desk, "pos") as cashier:
            await self._log_in(cashier, "cashier", ScreenName.FLOOR)
            await cashier.type(sale.table)
            await cashier.press("f9")
            await cashier.type(sale.typed_money)
            given, change = self._money(sale.given_minor), self._money(sale.change_minor)
            await self._findings.becomes("paid", lambda: cashier.screen_name, ScreenName.PAID.value, given=given)
            await cashier.press("enter")
            await self._findings.becomes("screen_change", lambda: cashier.sees(change), True, change=change)
        receipt = await self._only_receipt(till)
        seen = (receipt.total_minor, receipt.rounding_minor, receipt.change_minor)
        self._findings.equal("receipt_stored", seen, (sale.total_minor, sale.rounding_minor, sale.change_minor))
        await self._receipt_paper(receipt)
        state = await replica_of(till.store)
        self._findings.equal("waiting", state.pending > 0, True, count=state.pending)
        self._findings.equal("cloud_still_away", self._house.cloud.answers(), False)
        return receipt

    async def _receipt_paper(self, receipt: Any) -> None:
        (paper,) = await self._papers(RECEIPTS, 1)
        parts = [self._plan.name, receipt.number, self._money(self._sale.total_minor)]
        for ordered in self._sale.ordered:
            parts += [f"{ordered.count} {ordered.item.name}", self._money(ordered.total_minor)]
            parts += [name for name, _extra in ordered.answers]
        parts += [self._money(self._sale.given_minor), self._money(self._sale.change_minor)]
        self._findings.says("receipt_says", paper.text, parts, number=receipt.number)
        seen = (paper.pages, paper.count("cut"), paper.is_cut)
        self._findings.equal("receipt_bytes", seen, ([PC850.number], 1, True))
        pulses = await wait_for(
            lambda: sum(len(printed.pulses) for printed in self._printed(RECEIPTS)),
            lambda count: count > 0,
            self._texts("demo.wait.pulse"),
        )
        self._findings.equal("drawer", pulses, 1)

    # -- the cloud is back -------------------------------------------------------------------------------------------

    async def _converge(self, till: Device) -> None:
        async with AsyncExitStack() as stack:
            kitchen = await stack.enter_async_context(running(self._house.folder(self._kitchen)))
            await self._same([till, kitchen])
            newcomer = await self._enrol_newcomer()
            fresh = await stack.enter_async_context(running(newcomer))
            ours, *others = await self._same([till, kitchen, fresh])
        self._findings.equal("nothing_pending", (ours.pending, ours.parked), (0, 0))
        self._findings.equal("vectors", [replica.vector for replica in others], [ours.vector] * 2, count=ours.changes)
        for replica, name in zip(others, (self._kitchen.name, self._newcomer), strict=True):
            self._findings.equal("digests", replica.digests, ours.digests, name=name, count=len(ours.digests))

    async def _enrol_newcomer(self) -> DeviceFolder:
        till = self._house.folder(self._till).configuration()
        async with ReportClient(till.cloud, self._plan.accounts[0]) as client:
            code = await client.pairing_code(till.identity.branch_id, "till", self._newcomer)
        folder = DeviceFolder(self._house.root / "newcomer", use_keyring=False)
        await enrol(folder, till.cloud, code, "till")
        await catch_up(folder)
        return folder

    async def _same(self, devices: list[Device]) -> list[Replica]:
        """Wait until the devices are equal, have folded everything and have nothing to send. Returns their replicas."""
        patience = self._patience("same")
        while True:
            replicas = [await replica_of(device.store) for device in devices]
            if all(replica.vector == replicas[0].vector and replica.settled for replica in replicas):
                return replicas
            await patience(", ".join(f"{replica.changes} ({replica.pending})" for replica in replicas))

    async def _report_and_replay(self, till: Device, receipt: Any) -> None:
        folder = self._house.folder(self._till)
        configuration = folder.configuration()
        signer = folder.secrets(configuration.identity.device_id).signer
        async with ReportClient(configuration.cloud, self._plan.accounts[0]) as client:
            day = receipt.business_date.isoformat()
            before = await self._report(client, day)
            self._check_report(before)
            link = CloudLink(configuration.cloud, configuration.identity.device_id, signer)
            try:
                count = await push_again(till.store, link, signer)
            finally:
                await link.close()
            self._findings.equal("nothing_doubled", await self._report(client, day), before, count=count)

    async def _report(self, client: ReportClient, day: str) -> dict[str, Any]:
        """The report's figures by branch, item and method, after the cloud has folded everything."""
        patience = self._patience("report")
        while True:
            report = await client.sales(day)
            waiting = sum(branch["waiting_changes"] for branch in report["branches"])
            if not waiting and report["totals"]:
                break
            await patience(str(waiting))
        parked = sum(branch["parked_transactions"] for branch in report["branches"])
        groups = {by: (await client.sales(day, by))["groups"] for by in ("branch", "item", "method")}
        return {"totals": report["totals"], "parked": parked, **groups}

    def _check_report(self, report: dict[str, Any]) -> None:
        sale, total = self._sale, self._money(self._sale.total_minor)
        seen = [(row["currency"], row["checks"], row["total_minor"], row["rounding_minor"]) for row in report["totals"]]
        wanted = [(self._plan.currency, 1, sale.total_minor, sale.rounding_minor)]
        self._findings.equal("report_total", seen, wanted, total=total)
        branches = {row["name"]: (row["checks"], row["total_minor"]) for row in report["branch"]}
        branch = self._plan.branches[sale.branch]
        self._findings.equal("report_branch", branches, {branch: (1, sale.total_minor)}, branch=branch)
        items = {row["name"]: (row["quantity_milli"], row["total_minor"]) for row in report["item"]}
        by_item = {ordered.item.name: (ordered.count * ONE, ordered.total_minor) for ordered in sale.ordered}
        self._findings.equal("report_items", items, by_item)
        methods = [(row["payments"], row["total_minor"]) for row in report["method"]]
        self._findings.equal("report_methods", methods, [(1, sale.total_minor + sale.rounding_minor)])
        self._findings.equal("report_parked", report["parked"], 0)

    async def _other_branches(self) -> None:
        for device in self._plan.devices:
            if device.branch != self._sale.branch:
                folder = self._house.folder(device)
                await catch_up(folder)
                async with running(folder, online=False) as other:
                    receipts, orders = await _receipts(other), other.desk.orders
                branch = self._plan.branches[device.branch]
                self._findings.equal("other_branch", (len(receipts), len(orders)), (0, 0), branch=branch)

    # -- small things ------------------------------------------------------------------------------------------------

    def _open_order(self, till: Device) -> OrderView:
        orders = list(till.desk.orders.values())
        if len(orders) != 1:
            raise DemoTrouble("NOT_ONE_ORDER", count=len(orders))
        return orders[0]

    async def _only_receipt(self, till: Device) -> Any:
        receipts = await _receipts(till)
        if len(receipts) != 1:
            raise DemoTrouble("NOT_ONE_RECEIPT", count=len(receipts))
        return receipts[0]

    async def _papers(self, printer: str, count: int) -> list[Paper]:
        """The papers of a printer, once there are so many. (A pulse of the drawer is none.)"""
        waited_for = self._texts("demo.wait.paper", count=count, name=printer)
        return await wait_for(
            lambda: [paper for paper in self._printed(printer) if paper.has_print],
            lambda papers: len(papers) >= count,
            waited_for,
        )

    def _printed(self, printer: str) -> list[Paper]:
        folder = self._house.paper(self._till, printer)
        assert folder is not None
        return papers_in(folder)

    def _patience(self, what: str) -> Callable[[str], Awaitable[None]]:
        """Returns a function that waits a moment at each call, and raises when the time is up."""
        deadline = time.monotonic() + CONVERGE_SECONDS

        async def wait(seen: str) -> None:
            if time.monotonic() > deadline:
                sentence = self._texts(f"demo.wait.{what}", seen=seen)
                raise DemoTrouble("NEVER_HAPPENED", what=sentence, seconds=int(CONVERGE_SECONDS))
            await asyncio.sleep(_LOOK_EVERY_SECONDS)

        return wait

    def _money(self, minor: int) -> str:
        return format_minor(minor, self._plan.currency)

    def _spoken(self, ordered: Ordered) -> str:
        told = ", ".join([*(name for name, _extra in ordered.answers), *([ordered.note] if ordered.note else [])])
        return f"{ordered.count} × {ordered.item.name}{f' ({told})' if told else ''}"


def _tickets(device: Device) -> tuple[int, int]:
    """Numbers of a device's open and bumped tickets."""
    return len(device.desk.tickets), len(device.desk.bumped)


async def _receipts(device: Device) -> list[Any]:
    table = Receipt.__table__
    async with device.store.reading() as connection:
        return list(await connection.execute(sa.select(table).order_by(table.c.settled_at)))
