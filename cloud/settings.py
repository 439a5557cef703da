"""The server's settings: read once from COMANDA_* variables, checked, and then never changed.

Every mistake gives one sentence that names the variable. What the values are used for lies elsewhere.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

import psycopg.conninfo
import sqlalchemy as sa
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from redis.asyncio.connection import parse_url

from cloud.kernel.operator_error import OperatorError
from cloud.kernel.setting_mistakes import PREFIX, Mistake, Mistakes, errors_of, unknown_names
from shared.kernel.language import Language

SHORTEST_SECRET_CHARACTERS = 32
"""32 random characters of base64 are 192 bits; anything shorter was probably typed by a person."""
_REDIS_OPTIONS = frozenset({"host", "port", "db", "username", "password", "path", "connection_class"})
"""What a URL may say; time limits are the program's own."""
_POSTGRES_SCHEMES = ("postgresql://", "postgres://", "postgresql+psycopg://")


class Environment(StrEnum):
    """What the server is run for; production allows no unsafe default."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(OperatorError):
    """Some settings are wrong; `mistakes` has one error for each."""

    def __init__(self, mistakes: list[OperatorError]) -> None:
        super().__init__("settings.refused", count=len(mistakes))
        self.mistakes = mistakes

    def sentence(self, language: Language) -> str:
        """One line with one sentence for each mistake."""
        return "\n".join(mistake.sentence(language) for mistake in self.mistakes)


class Settings(BaseSettings):
    """What an operator decides.

    Attributes:
        database_url: where the app logs in, as a role that owns nothing. None: the embedded server.
        database_owner_url: where `migrate` logs in, as somebody who may become `comanda_owner`, past any pooler.
            None: `database_url`.
        database_pooler: a transaction pooler (PgBouncer) stands between: nothing may be prepared on the server.
        database_connections: most connections of one process.
        api_limits: how many times the usual limits of API requests hold (`accounts/limits.py`); 0: none do.
        redis_url: a Redis that all processes share, for hints, limits and what is read again and again. None:
            PostgreSQL does it.
        tls_certificate: PEM file, together with `tls_key`; both None: plain HTTP, behind a proxy that ends TLS.
        public_url: how browsers and devices reach the server; https makes cookies secure. Production needs it, or a
            certificate.
        secret: what all keys of the server are derived from; several with commas between, of which the first signs and
            the others still verify. None (not in production): made once in `data_folder`.
        data_folder: embedded database, secret, files. By default in the user's home, the same from every directory.
        language: of sentences for people who did not say which they prefer.
        admins_need_code: super admins and the administrators of all organizations need a second factor. An organization
            may demand it of its own by itself.
        smtp_url: the server that mails leave by, `smtp://user:password@host:587` (STARTTLS) or `smtps://...:465`. None:
            outside production mails are files in the folder `mail` of the data folder; in production none are sent.
        mail_from: the address that mails come from; needed with `smtp_url`.
        trusted_proxies: networks whose X-Forwarded-For is believed. Without the proxy's own here all callers have the
            proxy's address, and one guesser uses up everybody's attempts: production without a certificate needs it.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    environment: Environment = Environment.DEVELOPMENT
    database_url: SecretStr | None = None
    database_owner_url: SecretStr | None = None
    database_pooler: bool = False
    database_connections: Annotated[int, Field(ge=1, le=500)] = 10
    api_limits: Annotated[int, Field(ge=0, le=10_000)] = 1
    redis_url: SecretStr | None = None
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8700
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    public_url: str | None = None
    secret: SecretStr | None = None
    data_folder: Path = Field(default_factory=lambda: Path.home() / ".comanda-cloud")
    language: Language = Language.SPANISH
    admins_need_code: bool = False
    smtp_url: SecretStr | None = None
    mail_from: str | None = None
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            _check_address(value.get_secret_value())
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        try:
            options = parse_url(value.get_secret_value()) if value is not None else {}
        except ValueError:
            raise Mistake("settings.not_redis") from None
        if any(option not in _REDIS_OPTIONS and not option.startswith("ssl_") for option in options):
            raise Mistake("settings.not_redis")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_smtp(cls, value: SecretStr | None) -> SecretStr | None:
        try:
            parts = urlsplit(value.get_secret_value()) if value is not None else None
            is_right = parts is None or (parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0)
        except ValueError:
            is_right = False
        if not is_right:
            raise Mistake("settings.not_smtp")
        return value

    @field_validator("secret")
    @classmethod
    def _is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and any(len(each) < SHORTEST_SECRET_CHARACTERS for each in _split_secrets(value)):
            raise Mistake("settings.secret_short", least=SHORTEST_SECRET_CHARACTERS)
        return value

    @field_validator("public_url")
    @classmethod
    def _is_http(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("http://", "https://")):
            raise Mistake("settings.not_http")
        return value if value is None else value.rstrip("/")

    @field_validator("tls_certificate", "tls_key")
    @classmethod
    def _is_file(cls, value: Path | None) -> Path | None:
        if value is not None and not os.access(value, os.R_OK):
            raise Mistake("settings.file_unreadable", path=str(value))
        return value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        except ValueError:
            raise Mistake("settings.not_networks") from None

    @field_validator("data_folder")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise Mistakes(["settings.tls_half"])
        if self.smtp_url is not None and "@" not in (self.mail_from or ""):
            raise Mistakes(["settings.mail_from_missing"])
        if self.environment is Environment.PRODUCTION and (lacks := list(self._lacks_for_production())):
            raise Mistakes(lacks)
        return self

    def _lacks_for_production(self) -> Iterator[str]:
        if self.secret is None:
            yield "settings.secret_missing"
        if self.database_url is None:
            yield "settings.database_missing"
        if not self.secure:
            yield "settings.tls_missing"
        if self.tls_certificate is None and not self.trusted_proxies:
            yield "settings.proxies_missing"

    @property
    def is_production(self) -> bool:
        """Whether no unsafe default is allowed."""
        return self.environment is Environment.PRODUCTION

    @property
    def secure(self) -> bool:
        """Whether browsers reach the server by TLS."""
        return self.tls_certificate is not None or (self.public_url or "").startswith("https://")

    def secrets(self) -> list[bytes]:
        """The secrets, the one that signs and seals first. See `kernel/keys.py`.

        Outside production one is made once and kept, so that a restart logs nobody out.
        """
        if self.secret is not None:
            return [each.encode() for each in _split_secrets(self.secret)]
        path = self.data_folder / "secret"
        try:
            if not path.exists():
                _make_secret(path)
            return [path.read_bytes()]
        except OSError as error:
            raise OperatorError("settings.folder_unusable", folder=self.data_folder, reason=error.strerror) from error


def _split_secrets(value: SecretStr) -> list[str]:
    return [each.strip() for each in value.get_secret_value().split(",")]


def _make_secret(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"secret.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_urlsafe(48))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _check_address(url: str) -> None:
    if not url.startswith(_POSTGRES_SCHEMES):
        raise Mistake("settings.not_postgres")
    if url.partition("?")[0].count("@") > 1:
        raise Mistake("settings.address_letters")
    try:
        plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        psycopg.conninfo.conninfo_to_dict(plain)
    except (ValueError, sa.exc.ArgumentError, psycopg.Error):
        raise Mistake("settings.address_wrong") from None


def read_settings(environment: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
    """The settings of `environment` (by default the process's own), with some given directly.

    Raises:
        SettingsError: with one sentence for each mistake.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {_NAMES[name]: value for name, value in environment.items() if name in _NAMES and value}
    mistakes = _misspelt(environment)
    try:
        settings = _Given(**{**values, **overrides})
    except ValidationError as error:
        problems = error.errors()
        mistakes += [each for problem in problems for each in errors_of(dict(problem), overrides)]
        mistakes += _of_the_whole(
            {**values, **overrides}, {str(problem["loc"][0]) for problem in problems if problem["loc"]}
        )
    if mistakes:
        raise SettingsError(mistakes)
    return settings


def _of_the_whole(given: Mapping[str, Any], wrong: set[str]) -> list[OperatorError]:
    """What is missing beside wrong values, so that an operator hears all at once. What is wrong is not missing, too."""
    if not wrong:
        return []  # the whole was looked at already
    try:
        _Given(**{name: value for name, value in given.items() if name not in wrong})
    except ValidationError as error:
        found = [each for problem in error.errors() for each in errors_of(dict(problem), ())]
        return [mistake for mistake in found if not wrong & _ABOUT.get(mistake.code, frozenset())]
    return []


_TLS = frozenset({"public_url", "tls_certificate", "tls_key"})
_ABOUT = {
    "settings.secret_missing": frozenset({"secret"}),
    "settings.database_missing": frozenset({"database_url"}),
    "settings.tls_missing": _TLS,
    "settings.tls_half": _TLS,
    "settings.proxies_missing": frozenset({"trusted_proxies", "tls_certificate", "tls_key"}),
}
"""The settings of which each mistake of the whole says that they are missing."""


_NAMES = {PREFIX + name.upper(): name for name in Settings.model_fields}
"""The field of each variable."""


class _Given(Settings):
    """Settings from arguments only: `read_settings` has already read the environment."""

    @classmethod
    def settings_customise_sources(cls, settings_cls: Any, init_settings: Any, *_: Any, **__: Any) -> tuple[Any, ...]:
        return (init_settings,)


def names_of_no_use(environment: Mapping[str, str]) -> list[str]:
    """COMANDA_* names in an environment that are no settings, and not near enough to one to be a mistake for sure."""
    return [name for name, meant in unknown_names(environment, _NAMES) if meant is None]


def _misspelt(environment: Mapping[str, str]) -> list[OperatorError]:
    """Find misspelt names: a misspelt COMANDA_DATABASE_URL must not quietly start an embedded server."""
    found = unknown_names(environment, _NAMES)
    return [OperatorError("settings.misspelt", name=name, meant=meant) for name, meant in found if meant is not None]
