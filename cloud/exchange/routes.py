"""POST /api/v1/sync: one message of a device in, one message out. Only the carrier; `responder.py` answers."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import SkipValidation

from cloud.accounts.identity import EnrolledDevice
from cloud.edge.budget import SharedBudget
from cloud.edge.operation import Again, Area, LimitGroup, Who, command
from cloud.exchange.waits import Waits
from cloud.replication.responder import Responder
from shared.kernel.errors import DomainError
from sync.messages import (
    MAX_MESSAGE_BYTES,
    MESSAGE_UNKNOWN,
    NOT_FOR_THE_CLOUD,
    BadMessage,
    MisdirectedMessage,
    Pull,
    Refused,
    UnknownMessage,
    dump,
    load_asked,
    raw_size,
)

CONTENT_TYPE = "application/vnd.comanda.sync"


def _takes_a_message(shown: Operation) -> None:
    message = OpenAPIMediaType(schema=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY))
    shown.request_body = RequestBody(content={CONTENT_TYPE: message}, required=True)


@command(
    "exchange_message",
    "POST /sync",
    area=Area.SYNC,
    who=Who.DEVICE,
    limit=LimitGroup.EXCHANGE,
    again=Again.SAME,
    summary="Exchange a message of the change log",
    problems="MESSAGE_UNREADABLE DEVICE_SENDS_TOO_MUCH",
    document=_takes_a_message,
    request_max_body_size=MAX_MESSAGE_BYTES,
    media_type=CONTENT_TYPE,
)
async def exchange(
    request: Request[Any, Any, Any],
    device: NamedDependency[SkipValidation[EnrolledDevice]],
    responder: NamedDependency[SkipValidation[Responder]],
    budget: NamedDependency[SkipValidation[SharedBudget]],
    waits: NamedDependency[SkipValidation[Waits]],
) -> Response[bytes]:
    """Answer one message of an enrolled device (msgpack, see `sync/messages.py`)."""
    try:
        body = await request.body()
        if wait := await budget.spend(device.device_id, raw_size(body)):
            raise DomainError("DEVICE_SENDS_TOO_MUCH", seconds=wait)
        message = load_asked(body)
    except UnknownMessage:
        return Response(dump(Refused(MESSAGE_UNKNOWN)), media_type=CONTENT_TYPE)
    except MisdirectedMessage:
        return Response(dump(Refused(NOT_FOR_THE_CLOUD)), media_type=CONTENT_TYPE)
    except BadMessage:
        raise DomainError("MESSAGE_UNREADABLE") from None
    if isinstance(message, Pull) and message.wait_ms:
        answer = await waits.answer(device, message, request)
    else:
        answer = await responder.reply(device, message)
    return Response(dump(answer), media_type=CONTENT_TYPE)
