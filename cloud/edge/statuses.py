"""The HTTP status of each code that a command raises. Commands know codes only; here is the one table.

A code that is not listed answers 409: the request was well formed, and the state of things does not allow it.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

_CODES: Mapping[HTTPStatus, str] = MappingProxyType(
    {
        HTTPStatus.BAD_REQUEST: """
            ACCOUNT_NEEDS_ORGANIZATION AUDIT_KIND_UNKNOWN BRANCH_NOT_CHOSEN CURSOR_WRONG DATE_WRONG DEVICE_KEY_WRONG
            EMAIL_WRONG
            EXCEPTION_KIND_UNKNOWN FIELD_UNKNOWN IDEMPOTENCY_KEY_WRONG KEY_ENDS_BEFORE
            LIMIT_NOT_SENSIBLE
            MESSAGE_UNREADABLE NAME_MISSING ORGANIZATION_MISSING ORGANIZATION_NOT_NAMED PASSWORD_COMMON
            PASSWORD_SHORT PASSWORD_WRONG PERIOD_BACKWARDS PERIOD_TOO_LONG
            PRINTER_ADDRESS_IS_A_FILE PRINTER_ADDRESS_MISSING PRINTER_ADDRESS_WRONG PRINTER_COLUMNS_WRONG
            PRINTER_NAME_WRONG PRINTER_NEEDS_ITS_DEVICE PRINTER_NUMBER_WRONG PRINTER_PAGE_UNKNOWN
            PRINTER_SETTING_UNKNOWN PRINTER_SUBSTITUTES_ITSELF PRINTER_WORD_UNKNOWN PRINT_RULE_WRONG SCOPES_MISSING
            REASON_MISSING SCOPE_UNKNOWN SHEET_WRONG SLUG_WRONG
        """,
        HTTPStatus.UNAUTHORIZED: "CODE_NEEDED CODE_WRONG DEVICE_NOT_PROVED NOT_SIGNED_IN WRONG_EMAIL_OR_PASSWORD",
        HTTPStatus.FORBIDDEN: """
            DEVICES_ONLY DEVICE_REVOKED FOREIGN_PAGE KEY_LACKS_SCOPE NOT_PERMITTED NO_WORKPLACE ORGANIZATION_SUSPENDED
            BRANCH_CLOSED ORGANIZATION_CLOSED PEOPLE_ONLY PLAN_HAS_NOT PLAN_HAS_NO_MORE_ACCOUNTS
            PLAN_HAS_NO_MORE_BRANCHES PLAN_HAS_NO_MORE_DEVICES PROOF_NEEDED ROLE_ABOVE_YOURS
            SECOND_FACTOR_MISSING VISIT_NEEDED
        """,
        HTTPStatus.NOT_FOUND: """
            ACCOUNT_UNKNOWN BRANCH_UNKNOWN DEVICE_UNKNOWN KEY_UNKNOWN LINK_UNKNOWN MEMBER_UNKNOWN NOT_FOUND
            GUEST_CODE_UNKNOWN ORGANIZATION_UNKNOWN PAIRING_CODE_UNKNOWN ROLE_UNKNOWN
        """,
        HTTPStatus.GONE: "PAIRING_CODE_EXHAUSTED PAIRING_CODE_EXPIRED",
        HTTPStatus.UNPROCESSABLE_ENTITY: "IDEMPOTENCY_KEY_REUSED",
        HTTPStatus.TOO_MANY_REQUESTS: "DEVICE_SENDS_TOO_MUCH GUEST_TOO_FAST LOG_IN_HELD RATE_LIMITED TOO_MANY_TRIES",
        HTTPStatus.SERVICE_UNAVAILABLE: "DATABASE_UNAVAILABLE",
    }
)
STATUSES: Mapping[str, HTTPStatus] = MappingProxyType(
    {code: status for status, codes in _CODES.items() for code in codes.split()}
)
_COMES_BACK = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})


def status_of(code: str) -> HTTPStatus:
    """The status of a code."""
    return STATUSES.get(code, HTTPStatus.CONFLICT)


def headers_of(status: HTTPStatus, params: Mapping[str, object]) -> dict[str, str]:
    """The headers that a refusal carries: when to come back, where it says so."""
    seconds = params.get("seconds")
    return {"Retry-After": str(seconds)} if status in _COMES_BACK and seconds is not None else {}
