"""By what mails leave: an SMTP server, a folder, or nothing at all. They wait in no table of ours."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from cloud.settings import Settings
from shared.kernel.errors import DomainError
from shared.kernel.instants import Clock

ANSWER_SECONDS = 20.0
MAIL_FOLDER = "mail"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is said: to whom, and its words.

    Attributes:
        lines: paragraphs of plain text; a link stands in one of its own.
        id: of the fact, so that a mail that is sent twice is seen to be one.
    """

    to: str
    subject: str
    lines: tuple[str, ...]
    language: str
    id: str


class Mailer(Protocol):
    """Sends mails."""

    async def send(self, mail: Mail) -> None:
        """Send a mail.

        Raises:
            DomainError: MAIL_NOT_SENT (params: reason).
        """
        ...


class NoMailer:
    """Where no mail server is configured."""

    async def send(self, mail: Mail) -> None:
        """Raise MAIL_NOT_SENT."""
        raise DomainError("MAIL_NOT_SENT", reason="COMANDA_SMTP_URL")


class FolderMailer:
    """Writes mails into a folder, for development and demos: each a file that mail programs open."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        """Write the file."""
        now = self._clock.now()
        name = f"{now:%Y%m%dT%H%M%S}-{mail.id}.eml"
        await asyncio.to_thread(self._write, name, bytes(message_of(mail, self._sender, now)))

    def _write(self, name: str, content: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = self._folder / f".{name}"  # who opens the folder finds whole mails alone
        unfinished.touch(mode=0o600)
        unfinished.write_bytes(content)
        unfinished.replace(self._folder / name)


class SmtpMailer:
    """Sends by an SMTP server, encrypted: TLS from the first byte (`smtps`) or by STARTTLS (`smtp`).

    Args:
        url: `smtp://user:password@host:587` or `smtps://user:password@host:465`.
    """

    def __init__(self, url: str, sender: str, clock: Clock) -> None:
        parts = urlsplit(url)
        self._is_tls = parts.scheme == "smtps"
        self._host = parts.hostname or ""
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._is_near = self._host in ("localhost", "127.0.0.1", "::1")
        self._sender = sender
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        """See `Mailer`."""
        try:
            await asyncio.to_thread(self._send, message_of(mail, self._sender, self._clock.now()))
        except (smtplib.SMTPException, OSError) as error:
            raise DomainError("MAIL_NOT_SENT", reason=type(error).__name__) from error

    def _send(self, message: EmailMessage) -> None:
        context = ssl.create_default_context()
        if self._is_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=ANSWER_SECONDS, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=ANSWER_SECONDS)
        with server:
            if not self._is_tls and not self._is_near:
                server.starttls(context=context)  # refuses a server that offers none
            if self._user:
                server.login(self._user, self._password)
            server.send_message(message)


def message_of(mail: Mail, sender: str, now: datetime) -> EmailMessage:
    """The message in the one frame of all mails: plain text, which every mail program shows."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = mail.subject
    message["From"] = Address("Comanda", addr_spec=sender)
    message["To"] = Address(addr_spec=mail.to)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n\n".join(mail.lines) + "\n", cte="quoted-printable")
    message["Content-Language"] = mail.language  # after the content, which takes such headers away
    return message


def mailer_of(settings: Settings, clock: Clock) -> Mailer:
    """The mailer of these settings: SMTP, else outside production the folder `mail` of the data folder."""
    sender = settings.mail_from or "comanda@localhost"
    if settings.smtp_url is not None:
        return SmtpMailer(settings.smtp_url.get_secret_value(), sender, clock)
    if settings.is_production:
        return NoMailer()
    return FolderMailer(settings.data_folder / MAIL_FOLDER, sender, clock)
