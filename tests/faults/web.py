"""What may stand between a till and its cloud: servers on loopback that answer as told, and a proxy that cuts.

`LoopbackCloud` speaks the cloud's HTTP around a replica of this process, so that trouble can end and all arrives.
"""

from __future__ import annotations

import asyncio
import datetime
import json
import random
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sync.messages import dump, load
from tests.faults.till_on_disk import CloudNearby

HOST = "127.0.0.1"
Answer = Callable[[str, bytes], Awaitable[bytes]]
"""From path and body of a request to the bytes of a response."""


def response(status: str, body: bytes = b"", kind: str = "text/plain", **headers: str) -> bytes:
    """An HTTP response that ends its connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Server:
    """Answers requests; `asked` has their paths. Its answer may be changed while it runs."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.answer = answer
        self.asked: list[str] = []
        self._tls = tls
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http{'s' if self._tls else ''}://localhost:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            path = head.split(" ", 2)[1]
            length = next((line for line in head.lower().splitlines() if line.startswith("content-length:")), ":0")
            body = await reader.readexactly(int(length.split(":")[1]))
            self.asked.append(path)
            writer.write(await self.answer(path, body))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def always(answered: bytes) -> Answer:
    """The same answer to everything."""

    async def answer(_path: str, _body: bytes) -> bytes:
        return answered

    return answer


async def never(_path: str, _body: bytes) -> bytes:
    """No answer within the life of a test."""
    await asyncio.sleep(3_600)
    return b""


def cloud_at(nearby: CloudNearby) -> Answer:
    """The cloud's HTTP around a replica: every proof is accepted."""

    async def answer(path: str, body: bytes) -> bytes:
        if path == "/api/v1/sync":
            return response("200 OK", dump(await nearby.exchange(load(body))), "application/vnd.comanda.sync")
        said = {"challenge": "c", "token": "t"}
        return response("200 OK", json.dumps(said).encode(), "application/json")

    return answer


def self_signed(folder: Path, *, days: int = 1) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS with a certificate that nobody has signed but itself, and the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=30))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, key_file = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_file)
    return context, pem


class CuttingProxy:
    """Passes connections on to a port, and cuts some replies after a random number of bytes: the first of all surely.

    Args:
        cut: the share of connections whose reply is cut; the request has arrived by then.
        longest: at most so many bytes of a reply pass before the cut.
    """

    def __init__(self, port: int, seed: int, cut: float, longest: int = 2_000) -> None:
        self.port = 0
        self.cuts = 0
        self._target = port
        self._chance = random.Random(seed)
        self._cut = cut
        self._longest = longest
        self._server: asyncio.Server | None = None
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.current_task()
        assert serving is not None
        self._running.add(serving)
        serving.add_done_callback(self._running.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection(HOST, self._target)
        except OSError:
            writer.transport.abort()
            return
        chosen = self._chance.random() < self._cut or self.cuts == 0
        left = self._chance.randrange(self._longest) if chosen else None
        way_in = asyncio.create_task(_pass(reader, far_writer, None))
        way_out = asyncio.create_task(_pass(far_reader, writer, left))
        try:
            # asyncio logs a cancelled handler as an error; this one ends with its proxy.
            with suppress(asyncio.CancelledError):
                await asyncio.wait({way_in, way_out}, return_when=asyncio.FIRST_COMPLETED)
            if left is not None:
                self.cuts += 1
                writer.transport.abort()
                far_writer.transport.abort()
        finally:
            for task, end in ((way_in, far_writer), (way_out, writer)):
                task.cancel()
                end.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None) -> None:
    """Copy until the end, or until `left` bytes have passed."""
    try:
        while data := await reader.read(65_536):
            part = data if left is None else data[:left]
            writer.write(part)
            await writer.drain()
            if left is not None:
                left -= len(part)
                if left <= 0:
                    return
    except ConnectionError:
        return
