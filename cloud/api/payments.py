"""Checks, receipts, payments, refunds, and drawers with their sessions and closes, as the API gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cloud.api.orders import STATE_OF_CHECK, SUMS_OF_CHECK, tell_state
from cloud.api.resource import Finishing, Of, Part, Resource, Row, Sort, between, equal, fields_of
from cloud.api.shapes import DiscountShare, Tax
from cloud.edge.operation import Area
from shared.drawers.records import CashMovement, Drawer, DrawerSession
from shared.kernel.permissions import Permission
from shared.payments.adjustment_records import Discount, ServiceCharge
from shared.payments.records import Check, Payment, PaymentMethod, Receipt, ReceiptLine
from shared.payments.refund_records import Refund, RefundLine, RefundPayment
from shared.payments.tips import Tip
from shared.shifts.records import Count, ZReport
from shared.truth.records import check_balances

_method: Any = PaymentMethod.__table__.c
_check: Any = Check.__table__.c
_receipt: Any = Receipt.__table__.c
_sold: Any = ReceiptLine.__table__.c
_payment: Any = Payment.__table__.c
_discount: Any = Discount.__table__.c
_charge: Any = ServiceCharge.__table__.c
_tip: Any = Tip.__table__.c
_refund: Any = Refund.__table__.c
_back: Any = RefundPayment.__table__.c
_taken_back: Any = RefundLine.__table__.c
_drawer: Any = Drawer.__table__.c
_session: Any = DrawerSession.__table__.c
_count: Any = Count.__table__.c
_z: Any = ZReport.__table__.c
_movement: Any = CashMovement.__table__.c
_DAYS = "business date"
_PAID = (
    "method_id method_name kind currency amount_minor tendered_minor change_minor rounding_minor reference last_four"
    " authorization given_currency given_minor rate_millionths replaces_id number taken_at taken_by session_id"
    " business_date"
)
_RECEIPT = (
    "number currency gross_minor discount_minor service_minor net_minor tax_minor total_minor rounding_minor"
    " change_minor taxes settled_at settled_by cashier_name session_id business_date local_hour"
)
_REPLACES = {"replaces_id": "the payment by a wrong method for which it stands"}


async def _tell_states(_at_hand: Finishing, rows: Sequence[Row]) -> None:
    for row in rows:
        if STATE_OF_CHECK[0].name in row:
            tell_state(row)


PAYMENT_METHODS = Resource(
    "payment_methods",
    "payment_method",
    PaymentMethod,
    area=Area.PAYMENTS,
    fields=fields_of(
        PaymentMethod,
        "name names kind asks gives_change most_minor currency position active",
        {"names": dict[str, str]},
        {"names": "by language", "currency": "of the money that is given; empty: the house's"},
    ),
    filters=(equal(_method.active),),
)
CHECKS = Resource(
    "checks",
    "check",
    Check,
    area=Area.PAYMENTS,
    rights=Permission.SEE_REPORTS,
    of=Of.BRANCH,
    fields=(
        *fields_of(Check, "branch_id order_id split_of_id", said={"split_of_id": "the first check of a split"}),
        *STATE_OF_CHECK,
    ),
    beside=((check_balances, SUMS_OF_CHECK),),
    finish=_tell_states,
    filters=(equal(_check.order_id),),
    parts=(
        Part("payments", "CheckPayment", Payment, _payment.check_id, fields_of(Payment, _PAID, said=_REPLACES)),
        Part(
            "receipts", "CheckReceipt", Receipt, _receipt.check_id, fields_of(Receipt, _RECEIPT, {"taxes": list[Tax]})
        ),
        Part(
            "discounts",
            "Discount",
            Discount,
            _discount.check_id,
            fields_of(
                Discount,
                "line_id kind source rate_millionths amount_minor worth_minor reason given_at given_by lifted",
            ),
        ),
        Part(
            "service_charges",
            "ServiceCharge",
            ServiceCharge,
            _charge.check_id,
            fields_of(ServiceCharge, "name rate_millionths taxed added_at added_by lifted"),
        ),
        Part(
            "tips",
            "Tip",
            Tip,
            _tip.check_id,
            fields_of(
                Tip, "payment_id person_id person_name method_id method_name currency amount_minor replaces_id taken_at"
            ),
        ),
    ),
    about="Give checks with what was taken off, paid and charged.",
)
RECEIPTS = Resource(
    "receipts",
    "receipt",
    Receipt,
    area=Area.PAYMENTS,
    rights=Permission.SEE_REPORTS,
    of=Of.BRANCH,
    sort=Sort(_receipt.business_date),
    fields=fields_of(Receipt, f"branch_id check_id order_id {_RECEIPT}", {"taxes": list[Tax]}),
    filters=(
        *between(_receipt.business_date, _DAYS),
        equal(_receipt.number),
        equal(_receipt.check_id),
        equal(_receipt.session_id),
    ),
    parts=(
        Part(
            "lines",
            "ReceiptLine",
            ReceiptLine,
            _sold.receipt_id,
            fields_of(
                ReceiptLine,
                "order_line_id item_id item_name combo_id combo_name category_id category_name quantity_milli unit"
                " unit_price_minor gross_minor discount_minor service_minor tax_minor total_minor discounts taxes",
                {"discounts": list[DiscountShare], "taxes": list[Tax]},
            ),
        ),
    ),
    about="Give receipts with their lines, the newest business date first.",
)
PAYMENTS = Resource(
    "payments",
    "payment",
    Payment,
    area=Area.PAYMENTS,
    rights=Permission.SEE_REPORTS,
    of=Of.BRANCH,
    sort=Sort(_payment.business_date),
    fields=fields_of(Payment, f"branch_id check_id {_PAID}", said=_REPLACES),
    filters=(
        *between(_payment.business_date, _DAYS),
        equal(_payment.method_id),
        equal(_payment.kind),
        equal(_payment.check_id),
        equal(_payment.session_id),
    ),
    about="Give the money that came in, the newest business date first.",
)
REFUNDS = Resource(
    "refunds",
    "refund",
    Refund,
    area=Area.PAYMENTS,
    rights=Permission.SEE_REPORTS,
    of=Of.BRANCH,
    sort=Sort(_refund.business_date),
    fields=fields_of(
        Refund,
        "branch_id check_id order_id number currency paid_minor rounding_minor total_minor correction reason"
        " refunded_at refunded_by cashier_name session_id business_date",
        said={"correction": "money was noted by a wrong method or of a wrong amount; nothing was sold back"},
    ),
    filters=(*between(_refund.business_date, _DAYS), equal(_refund.check_id)),
    parts=(
        Part(
            "payments",
            "RefundPayment",
            RefundPayment,
            _back.refund_id,
            fields_of(RefundPayment, "payment_id method_id method_name kind currency paid_minor"),
        ),
        Part(
            "lines",
            "RefundLine",
            RefundLine,
            _taken_back.refund_id,
            fields_of(
                RefundLine,
                "receipt_line_id order_line_id quantity_milli voided_milli gross_minor discount_minor service_minor"
                " tax_minor total_minor",
            ),
        ),
    ),
)
DRAWERS = Resource(
    "drawers",
    "drawer",
    Drawer,
    area=Area.DRAWERS,
    rights=Permission.SEE_DRAWER,
    of=Of.BRANCH,
    fields=fields_of(Drawer, "branch_id name most_difference_minor position active"),
    filters=(equal(_drawer.active),),
)
DRAWER_SESSIONS = Resource(
    "drawer_sessions",
    "drawer_session",
    DrawerSession,
    area=Area.DRAWERS,
    rights=Permission.SEE_DRAWER,
    of=Of.BRANCH,
    sort=Sort(_session.business_date),
    fields=fields_of(
        DrawerSession,
        "branch_id drawer_id device_id opened_at opened_by opened_by_name business_date declared closed",
        said={"declared": "somebody said what was in the drawer; else a sale opened it"},
    ),
    filters=(
        *between(_session.business_date, _DAYS),
        equal(_session.drawer_id),
        equal(_session.device_id),
        equal(_session.closed),
    ),
    parts=(
        Part(
            "counts",
            "DrawerCount",
            Count,
            _count.session_id,
            fields_of(Count, "round method_id method_name currency total_minor expected_minor counted_at counted_by"),
        ),
    ),
    about="Give the sessions of drawers, which are shifts, with what was counted; the newest business date first.",
)
CASH_MOVEMENTS = Resource(
    "cash_movements",
    "cash_movement",
    CashMovement,
    area=Area.DRAWERS,
    rights=Permission.SEE_DRAWER,
    of=Of.BRANCH,
    sort=Sort(_movement.business_date),
    fields=fields_of(
        CashMovement,
        "branch_id session_id number kind currency in_minor out_minor taken_minor reason drawer_id moved_at moved_by"
        " moved_by_name business_date",
    ),
    filters=(*between(_movement.business_date, _DAYS), equal(_movement.session_id)),
)
Z_REPORTS = Resource(
    "z_reports",
    "z_report",
    ZReport,
    area=Area.DRAWERS,
    rights=Permission.SEE_DRAWER,
    of=Of.BRANCH,
    sort=Sort(_z.business_date),
    fields=fields_of(
        ZReport,
        "branch_id session_id device_id number drawer_name business_date opened_at opened_by_name closed_at closed_by"
        " closed_by_name currency receipts checks first_receipt last_receipt gross_minor discount_minor service_minor"
        " net_minor tax_minor total_minor rounding_minor comp_minor losses lost_minor refunds refunded_minor"
        " corrected_minor openings taxes methods movements counted late difference_minor reason declared",
        dict.fromkeys(("taxes", "methods", "movements", "counted", "late"), list[dict[str, Any]]),
    ),
    filters=(*between(_z.business_date, _DAYS), equal(_z.session_id), equal(_z.device_id)),
    about="Give the closes of sessions as they were printed, the newest business date first.",
)

ALL = (
    PAYMENT_METHODS,
    CHECKS,
    RECEIPTS,
    PAYMENTS,
    REFUNDS,
    DRAWERS,
    DRAWER_SESSIONS,
    CASH_MOVEMENTS,
    Z_REPORTS,
)
