"""The carrier to the cloud: one HTTP request for each message, and the device's authentication. No sync logic.

Every failure is a `LinkError` with a code that has a sentence in `terminal/texts`. A failure loses nothing, since what
was not acknowledged is sent again.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.kernel.errors import DomainError
from sync.messages import AnyMessage, BadMessage, Pull, dump, load

if TYPE_CHECKING:
    import httpx

CONNECT_SECONDS = 4.0
ANSWER_SECONDS = 4.0
"""After so long without an answer people are told that the cloud is slow; what was sent goes on meanwhile."""
OVERDUE_SECONDS = 2.0
"""The same for a pull that has waited for news, and is answered without any."""
READ_SECONDS = 30.0
"""After so long it is given up. A push of a full frame takes far less; a pull may wait for news, too."""
SLOWEST_BYTES_A_SECOND = 16_000
"""What a poor line still carries: a message may take so much longer before the cloud counts as slow."""
MOST_PROOFS = 3
"""The cloud takes the newest challenge alone: another program of this device may prove itself at the same time."""
SIGNED_PREFIX = b"comanda-device-token:v1:"
ENROLMENT_PREFIX = b"comanda-device-enrolment:v1:"
MOVE_PREFIX = b"comanda-device-move:v1:"
CONTENT_TYPE = "application/vnd.comanda.sync"
_NOT_OURS = frozenset({*range(300, 400), HTTPStatus.NOT_FOUND, HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED})
"""Statuses of a captive portal or another program at that address. The cloud redirects no device."""
_NO_TLS = ("WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
"""What OpenSSL says, in its several versions, of a server that answers https in plain text."""


class LinkError(DomainError):
    """The cloud was not reached, or refused a request.

    Codes: CLOUD_UNREACHABLE, CLOUD_SLOW, CLOUD_CERTIFICATE, CLOUD_ADDRESS_WRONG, CLOUD_FAILED, CLOUD_BUSY,
    CLOUD_IS_SOMETHING_ELSE (a captive portal, a proxy's page), CLOUD_MESSAGE_TOO_LARGE, and those of the cloud's
    problem details (PAIRING_CODE_UNKNOWN, DEVICE_REVOKED ...).

    Attributes:
        retry_after: seconds that the cloud asked us to wait, or None.
        final: waiting does not help; a person must act.
    """

    def __init__(self, code: str, *, retry_after: float | None = None, final: bool = False, **params: Any) -> None:
        super().__init__(code, **params)
        self.retry_after = retry_after
        self.final = final


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The cloud's answer to an enrolment."""

    organization_id: UUID
    branch_id: UUID
    device_id: UUID
    name: str
    kind: str
    pepper: bytes
    cloud_key: bytes


@dataclass(frozen=True, slots=True)
class Moves:
    """What a device that moves to another branch has been so far."""

    device_id: UUID
    key: Ed25519PrivateKey


class CloudLink:
    """One device's connection to the cloud.

    Args:
        url: base URL.
        device_id, key: of this device; None before enrolment.
        authority: file of a certificate authority to trust instead of the machine's.
        read_seconds: see `READ_SECONDS`.

    Attributes:
        on_slow: called with True when an answer takes too long, and with False when no answer does any more.
    """

    def __init__(
        self,
        url: str,
        device_id: UUID | None = None,
        key: Ed25519PrivateKey | None = None,
        authority: str = "",
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.url = url.rstrip("/")
        self._device_id = device_id
        self._key = key
        self._authority = authority
        self._read_seconds = read_seconds
        self.on_slow: Callable[[bool], None] = lambda _is_slow: None
        self._token: str | None = None
        self._proving = asyncio.Lock()
        self._slow: set[object] = set()
        self._trusted: ssl.SSLContext | None = None
        self._client: httpx.AsyncClient | None = None
        self._answered_at: datetime | None = None

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()

    async def exchange(self, message: AnyMessage) -> AnyMessage:
        """Send a message and return the cloud's answer. An expired token is renewed once."""
        body = dump(message)
        waits = message.wait_ms / 1_000 if isinstance(message, Pull) else 0.0
        refused: str | None = None
        patience = waits + OVERDUE_SECONDS if waits else ANSWER_SECONDS
        with self._said_if_slow(patience + len(body) / SLOWEST_BYTES_A_SECOND) as answers:
            for _attempt in (1, 2):
                token = await self.token(refused)
                headers = {"Authorization": f"Bearer {token}", "Content-Type": CONTENT_TYPE}
                response = await self._send("/api/v1/sync", answers, self._limits(waits), content=body, headers=headers)
                if response.status_code == HTTPStatus.UNAUTHORIZED and refused is None:
                    refused = token
                    continue
                self._require_success(response)
                try:
                    return load(response.content)
                except BadMessage as error:
                    raise LinkError("CLOUD_IS_SOMETHING_ELSE", url=self.url) from error
        raise LinkError("CLOUD_FAILED", status=HTTPStatus.UNAUTHORIZED)

    async def token(self, refused: str | None = None) -> str:
        """This device's token. It is asked for once, however many want it at the same time.

        Args:
            refused: the one that the cloud took no more, so that another is needed.
        """
        async with self._proving:
            if self._token is None or self._token == refused:
                self._token = None
                self._token = await self._prove()
            return self._token

    def trusts(self) -> ssl.SSLContext:
        """The certificates that are trusted: the authority's, or the machine's.

        Raises:
            LinkError: CLOUD_CERTIFICATE, if the authority's file cannot be read.
        """
        try:
            if self._trusted is None:
                authority = self._authority
                import httpx

                self._trusted = (
                    ssl.create_default_context(cafile=authority) if authority else httpx.create_ssl_context()
                )
            return self._trusted
        except (ssl.SSLError, OSError) as error:
            raise LinkError("CLOUD_CERTIFICATE", url=self.url) from error

    async def reach(self) -> datetime | None:
        """Prove to the cloud who we are, and no more. Returns the cloud's time, if its answer says it, to the second.

        Raises:
            LinkError: it was not reached, or refuses this device.
        """
        async with self._proving:
            self._token = await self._prove()
        return self._answered_at

    async def enrol(
        self, code: str, kind: str, name: str, key: Ed25519PrivateKey, moves: Moves | None = None
    ) -> Enrolled:
        """Enrol this device with a pairing code. The key signs itself and the code.

        Args:
            moves: what this device has been so far, if it moves to another branch.
        """
        public_key = key.public_key().public_bytes_raw()
        signature = key.sign(ENROLMENT_PREFIX + public_key + code.encode())
        proof = {"public_key": _text(public_key), "signature": _text(signature)}
        wanted: dict[str, Any] = {"code": code, "kind": kind, "name": name, **proof}
        if moves is not None:
            signature = moves.key.sign(MOVE_PREFIX + public_key + code.encode())
            wanted["moves"] = {"device_id": str(moves.device_id), "signature": _text(signature)}
        answer = await self._json("/api/v1/devices/enroll", wanted)
        with self._understanding():
            return Enrolled(
                organization_id=UUID(answer["organization_id"]),
                branch_id=UUID(answer["branch_id"]),
                device_id=UUID(answer["device_id"]),
                name=answer["name"],
                kind=answer["kind"],
                pepper=urlsafe_b64decode(answer["pin_pepper"] + "=="),
                cloud_key=urlsafe_b64decode(answer["cloud_key"] + "=="),
            )

    async def _prove(self) -> str:
        with self._said_if_slow(ANSWER_SECONDS):
            for _proof in range(1, MOST_PROOFS):
                try:
                    return await self._prove_once()
                except LinkError as error:
                    if error.code != "DEVICE_NOT_PROVED":
                        raise
            return await self._prove_once()

    async def _prove_once(self) -> str:
        assert self._device_id is not None
        assert self._key is not None
        device = {"device_id": str(self._device_id)}
        asked = await self._json("/api/v1/devices/challenge", device)
        with self._understanding():
            challenge = str(asked["challenge"])
        signature = _text(self._key.sign(SIGNED_PREFIX + challenge.encode()))
        proof = {**device, "challenge": challenge, "signature": signature}
        given = await self._json("/api/v1/devices/token", proof)
        with self._understanding():
            return str(given["token"])

    async def _json(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = await self._send(path, json=body)
        self._require_success(response)
        with self._understanding():
            return dict(response.json())

    @contextmanager
    def _understanding(self) -> Iterator[None]:
        """Raise CLOUD_IS_SOMETHING_ELSE for an answer that is not the cloud's."""
        try:
            yield
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise LinkError("CLOUD_IS_SOMETHING_ELSE", url=self.url) from error

    @contextmanager
    def _said_if_slow(self, seconds: float) -> Iterator[Callable[[], None]]:
        """Tell `on_slow` if the block takes so long; until its end, or until what it gives is called."""
        this = object()
        timer = asyncio.get_running_loop().call_later(seconds, self._is_slow, this)

        def ends() -> None:
            timer.cancel()
            self._slow.discard(this)
            if not self._slow:
                self.on_slow(False)

        try:
            yield ends
        finally:
            ends()

    def _is_slow(self, exchange: object) -> None:
        self._slow.add(exchange)
        self.on_slow(True)

    def _limits(self, waits: float = 0.0) -> httpx.Timeout:
        import httpx

        connect = min(CONNECT_SECONDS, self._read_seconds)
        return httpx.Timeout(self._read_seconds, connect=connect, read=self._read_seconds + waits)

    async def _send(
        self,
        path: str,
        answers: Callable[[], None] = lambda: None,
        limits: httpx.Timeout | None = None,
        **options: Any,
    ) -> httpx.Response:
        """Send a request.

        Args:
            answers: called when the answer begins to come in: from then on the line is slow, and not the cloud.
        """
        if self._client is None:  # the start needs it not, and it brings a command line of its own
            await asyncio.to_thread(import_module, "httpx")
        import httpx

        try:
            if self._client is None:
                self._client = httpx.AsyncClient(verify=self.trusts())
            request = self._client.build_request("POST", self.url + path, timeout=limits or self._limits(), **options)
            response = await self._client.send(request, stream=True)
            try:
                answers()
                await response.aread()
            finally:
                await response.aclose()
            self._answered_at = _date_of(response)
            return response
        except (httpx.ConnectError, httpx.ProxyError) as error:
            raise LinkError(_code_of(str(error).upper()), url=self.url) from error
        except httpx.TimeoutException as error:
            raise LinkError("CLOUD_SLOW", url=self.url) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise LinkError("CLOUD_ADDRESS_WRONG", url=self.url, final=True) from error
        except httpx.HTTPError as error:
            raise LinkError("CLOUD_UNREACHABLE", url=self.url) from error

    def _require_success(self, response: httpx.Response) -> None:
        status = response.status_code
        if response.is_success:
            return
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            raise LinkError("CLOUD_MESSAGE_TOO_LARGE")
        wait = _seconds(response.headers.get("Retry-After"))
        code, params = _problem(response)
        if status in {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}:
            raise LinkError(code or "CLOUD_BUSY", retry_after=wait, **params)
        if not code and status in _NOT_OURS:
            raise LinkError("CLOUD_IS_SOMETHING_ELSE", url=self.url)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or not code:
            raise LinkError("CLOUD_FAILED", retry_after=wait, status=status)
        raise LinkError(code, final=True, **params)


def _problem(response: httpx.Response) -> tuple[str, dict[str, Any]]:
    """Code and params of a problem details body (RFC 9457), if the response has one."""
    try:
        body = response.json()
    except ValueError:
        return "", {}
    if not isinstance(body, dict):
        return "", {}
    params = body.get("params")
    return str(body.get("code", "")), params if isinstance(params, dict) else {}


def _date_of(response: httpx.Response) -> datetime | None:
    """When an answer was given, as it says itself."""
    try:
        return parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None


def _code_of(reason: str) -> str:
    """The code of a connection that was not made."""
    if any(sign in reason for sign in _NO_TLS):
        return "CLOUD_IS_SOMETHING_ELSE"
    return "CLOUD_CERTIFICATE" if "CERTIFICATE" in reason or "SSL" in reason else "CLOUD_UNREACHABLE"


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
