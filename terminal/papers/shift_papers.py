"""What an X, a Z, the day of a branch and the slips of cash movements say, for paper and screen alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime

from shared.books.branch_day import BranchDay
from shared.countries.currencies import format_foreign, format_minor
from shared.drawers.records import CashMovement, DrawerOpening, MovementKind
from shared.kernel.instants import local_time
from shared.kernel.language import Texts
from shared.shifts.rules import CountedPurse, Late, MethodSum, SessionReport
from shared.taxes.rules import tax_label
from shared.tenancy.queries import Premises
from terminal.papers.sale_documents import letterhead
from terminal.printing.documents import ReportDocument, ReportRow
from terminal.printing.wording import words

Section = tuple[ReportRow, ...]
_CHAIN_LETTERS = 16


class ReportWords:
    """Rows of reports in one language.

    Args:
        zone: of the branch.
        currency: of the branch; amounts in others bear their code.
    """

    def __init__(self, texts: Texts, zone: str, currency: str) -> None:
        self._texts = texts
        self._zone = zone
        self._currency = currency

    def session(self, report: SessionReport, *, shows_money: bool = True) -> tuple[Section, ...]:
        """An X or a Z.

        Args:
            shows_money: whether the reader may see what should be in the drawer.
        """
        if not shows_money:
            return (tuple(self._head(report)),)
        sections = (
            self._head(report),
            self._sales(report),
            self._methods(report.methods),
            self._movements(report),
            self._late(report.late),
            self._counted(report.counted, is_final=bool(report.number)),
            self._end(report),
        )
        return tuple(rows for section in sections if (rows := tuple(section)))

    def counted(self, report: SessionReport) -> Section:
        """Expected against counted."""
        return tuple(self._counted(report.counted, is_final=False))

    def day(self, day: BranchDay) -> tuple[Section, ...]:
        """The day of the branch: its Zs, their sums, and which devices are missing."""
        texts, total = self._texts, day.total
        zs = tuple(ReportRow(f"{z.number} {z.drawer}".rstrip(), self.money(z.sales.total_minor)) for z in day.reports)
        missing = [ReportRow(texts("printing.shift.still_open", name=name), strong=True) for name in day.still_open]
        missing += [ReportRow(texts("printing.shift.not_heard", name=name), strong=True) for name in day.not_heard]
        sold = ReportRow(texts("printing.shift.sold"), self.money(day.sold_minor), strong=True)
        without = day.sold_minor - (total.sales.total_minor if total else 0)
        other = (ReportRow(texts("printing.shift.without_z"), self.money(without)),) if without else ()
        sums: tuple[Section, ...] = ()
        if total is not None:
            found = (self._sales(total), self._methods(total.methods), self._movements(total))
            sums = tuple(rows for section in found if (rows := tuple(section)))
            sums += (tuple(self._counted(total.counted, is_final=True)),)
        none = (ReportRow(texts("printing.shift.no_zs")),)
        sections = (tuple(missing), zs or none, *sums, (*other, sold))
        return tuple(section for section in sections if section)

    def money(self, minor: int, currency: str = "") -> str:
        """An amount; of another currency than the branch's with its code."""
        if currency and currency != self._currency:
            return format_foreign(minor, currency)
        return format_minor(minor, self._currency)

    def date(self, day: date) -> str:
        """A business date."""
        return day.strftime(self._texts("printing.shift.day"))

    def instant(self, instant: datetime) -> str:
        """An instant on the branch's wall clock."""
        return local_time(instant, self._zone).strftime(self._texts("printing.date_time"))

    def _row(self, key: str, value: str, *, strong: bool = False) -> ReportRow:
        return ReportRow(self._texts(f"printing.shift.{key}"), value, strong)

    def _head(self, report: SessionReport) -> Iterator[ReportRow]:
        yield self._row("drawer", report.drawer)
        if report.device != report.drawer:
            yield self._row("device", report.device)
        yield self._row("business_date", self.date(report.business_date))
        yield self._row("opened", self.instant(report.opened_at))
        yield self._row("opened_by", report.opened_by)
        if report.closed_at is not None:
            yield self._row("closed", self.instant(report.closed_at))
            yield self._row("closed_by", report.closed_by)
        if not report.declared:
            yield ReportRow(self._texts("printing.shift.not_declared"))

    def _sales(self, report: SessionReport) -> Iterator[ReportRow]:
        sales = report.sales
        yield self._row("checks", f"{sales.checks:,}")
        if sales.first_receipt:
            yield self._row("receipts", f"{sales.first_receipt} - {sales.last_receipt}")
        yield self._row("gross", self.money(sales.gross_minor))
        if discounts := sales.discount_minor - sales.comp_minor:
            yield self._row("discounts", self.money(-discounts))
        if sales.comp_minor:
            yield self._row("comps", self.money(-sales.comp_minor))
        if sales.service_minor:
            yield self._row("service", self.money(sales.service_minor))
        yield self._row("net", self.money(sales.net_minor))
        for tax in report.taxes:
            name = tax_label(tax.name, tax.rate_millionths, tax.per_unit_minor or 0)
            yield ReportRow(name, self.money(tax.tax_minor))
        yield self._row("total", self.money(sales.total_minor), strong=True)
        if sales.rounding_minor:
            yield self._row("rounding", self.money(sales.rounding_minor))
        if report.refunds:
            name = self._texts("printing.shift.refunds", count=report.refunds)
            yield ReportRow(name, self.money(-report.refunded_minor))
        if sales.lost_minor:
            name = self._texts("printing.shift.losses", count=sales.losses)
            yield ReportRow(name, self.money(-sales.lost_minor))
        if report.elsewhere_minor:
            yield self._row("elsewhere", self.money(report.elsewhere_minor))
        yield self._row("taken", self.money(report.taken_minor), strong=True)
        corrections = sum(method.corrections for method in report.methods)
        if corrections:
            name = self._texts("printing.shift.corrections", count=corrections)
            yield ReportRow(name, self.money(-report.corrected_minor))

    def _methods(self, methods: Sequence[MethodSum]) -> Iterator[ReportRow]:
        for method in methods:
            yield ReportRow(f"{method.name} ({method.payments:,})", self.money(method.amount_minor, method.currency))
            if method.given_currency:
                given = self.money(method.given_minor, method.given_currency)
                yield ReportRow("  " + self._texts("printing.shift.given"), given)
            for key, minor in (
                ("tips_of", method.tips_minor),
                ("collected_of", method.collected_minor),
                ("refunds_of", -method.refunds_minor),
                ("corrections_of", -method.corrections_minor),
            ):
                if minor:
                    yield ReportRow("  " + self._texts(f"printing.shift.{key}"), self.money(minor, method.currency))

    def _movements(self, report: SessionReport) -> Iterator[ReportRow]:
        for movement in report.movements:
            name = self._texts(f"printing.movement.{movement.kind}")
            yield ReportRow(f"{name} ({movement.movements:,})", self.money(movement.amount_minor, movement.currency))
        if report.openings:
            yield self._row("openings", f"{report.openings:,}")

    def _late(self, late: Sequence[Late]) -> Iterator[ReportRow]:
        for each in late:
            what = "late_sales" if each.is_sales else "late_money"
            name = each.name or self._texts("printing.shift.cash")
            said = self._texts(f"printing.shift.{what}", number=each.number, name=name)
            yield ReportRow(said, self.money(each.amount_minor, each.currency), strong=True)

    def _counted(self, counted: Sequence[CountedPurse], *, is_final: bool) -> Iterator[ReportRow]:
        for each in counted:
            if each.method_id is not None and not each.expected_minor and not each.counted_minor:
                continue  # nothing came in by it and nobody looked for it
            name = each.name or self._texts("printing.shift.cash")
            if each.currency != self._currency:
                name = f"{name} {each.currency}"
            yield ReportRow(
                self._texts("printing.shift.expected", name=name), self.money(each.expected_minor, each.currency)
            )
            if each.counted_minor is not None:
                yield self._row("counted", self.money(each.counted_minor, each.currency))
                difference = self.money(each.difference_minor, each.currency)
                yield self._row("difference", difference, strong=bool(each.difference_minor))
                first = each.first_difference_minor
                if each.rounds > 1 and first is not None and (first or each.method_id is None):
                    said = self._texts("printing.shift.counted_again", count=each.rounds)
                    yield ReportRow(said, self.money(first, each.currency), strong=bool(first))
            elif is_final:
                yield ReportRow(self._texts("printing.shift.not_counted"))

    def _end(self, report: SessionReport) -> Iterator[ReportRow]:
        if report.reason:
            yield ReportRow(self._texts("printing.shift.reason", reason=report.reason))
        if report.number:
            yield self._row("head", f"{report.head_seq:,} {report.head_chain[:_CHAIN_LETTERS]}")


def words_of(premises: Premises) -> ReportWords:
    """The words of papers: those of the organization."""
    return ReportWords(words(premises.language), premises.zone, premises.currency)


def session_document(premises: Premises, report: SessionReport, at: datetime, reprint: int = 0) -> ReportDocument:
    """The paper of an X, or of a Z if the report has a number."""
    title = "printing.shift.z" if report.number else "printing.shift.x"
    document = _document(premises, title, words_of(premises).session(report), at)
    return replace(document, number=report.number, signed=bool(report.number), reprint=reprint)


def day_document(premises: Premises, day: BranchDay, at: datetime) -> ReportDocument:
    """The paper of a branch's day."""
    rows = words_of(premises)
    return replace(_document(premises, "printing.shift.branch_day", rows.day(day), at), number=rows.date(day.date))


def movement_document(premises: Premises, movement: CashMovement, drawer: str) -> ReportDocument:
    """The slip of cash that went in or out. It opens the drawer.

    Args:
        drawer: its name; empty if the house has no name for it.
    """
    rows = words_of(premises)
    amount = movement.in_minor or -(movement.out_minor + movement.taken_minor)
    section = [
        *_drawer_rows(premises, drawer),
        ReportRow(words(premises.language)("printing.shift.by"), movement.moved_by_name),
        ReportRow(words(premises.language)("printing.shift.amount"), rows.money(amount, movement.currency), True),
    ]
    if movement.reason:
        section.append(ReportRow(movement.reason))
    title = f"printing.movement.{movement.kind}"
    document = _document(premises, title, (tuple(section),), movement.moved_at)
    is_float = movement.kind is MovementKind.FLOAT
    return replace(document, number=movement.number, signed=not is_float, opens_drawer=True)


def opening_document(premises: Premises, opening: DrawerOpening, drawer: str) -> ReportDocument:
    """The slip of a drawer that is opened without a sale."""
    by = ReportRow(words(premises.language)("printing.shift.by"), opening.opened_by_name)
    section = (*_drawer_rows(premises, drawer), by, ReportRow(opening.reason))
    return _document(premises, "printing.shift.no_sale", (section,), opening.opened_at)


def _drawer_rows(premises: Premises, drawer: str) -> tuple[ReportRow, ...]:
    return (ReportRow(words(premises.language)("printing.shift.drawer"), drawer),) if drawer else ()


def _document(premises: Premises, title: str, sections: tuple[Section, ...], at: datetime) -> ReportDocument:
    return ReportDocument(
        language=premises.language,
        letterhead=letterhead(premises),
        title=words(premises.language)(title),
        printed_at=local_time(at, premises.zone).replace(tzinfo=None),
        sections=sections,
    )
