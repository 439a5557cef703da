"""Settings: every mistake gives one sentence, and production forgives nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from cloud.kernel.operator_error import OperatorError
from cloud.settings import Environment, SettingsError, names_of_no_use, read_settings
from shared.kernel.language import Language

PRODUCTION = {
    "COMANDA_ENVIRONMENT": "production",
    "COMANDA_SECRET": "k" * 48,
    "COMANDA_DATABASE_URL": "postgresql://comanda_app:pw@db/comanda",
    "COMANDA_PUBLIC_URL": "https://comanda.pe",
    "COMANDA_TRUSTED_PROXIES": "127.0.0.1/32",
}


def test_nothing_set_is_fine_for_trying_out() -> None:
    settings = read_settings({})
    assert (settings.environment, settings.database_url, settings.port) == (Environment.DEVELOPMENT, None, 8700)
    assert settings.language is Language.SPANISH


def test_production_with_all_it_needs() -> None:
    settings = read_settings(PRODUCTION)
    assert settings.environment is Environment.PRODUCTION
    assert settings.secrets() == [b"k" * 48]
    assert settings.secure


def test_production_with_a_certificate_needs_no_proxy() -> None:
    own = {**PRODUCTION, "COMANDA_TLS_KEY": __file__, "COMANDA_TLS_CERTIFICATE": __file__}
    del own["COMANDA_PUBLIC_URL"], own["COMANDA_TRUSTED_PROXIES"]
    assert read_settings(own).secure


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"COMANDA_SECRET": ""}, "settings.secret_missing"),
        ({"COMANDA_SECRET": "short"}, "settings.secret_short"),
        ({"COMANDA_DATABASE_URL": ""}, "settings.database_missing"),
        ({"COMANDA_DATABASE_URL": "mysql://x"}, "settings.not_postgres"),
        ({"COMANDA_REDIS_URL": "localhost:6379"}, "settings.not_redis"),
        ({"COMANDA_REDIS_URL": "redis://localhost:many"}, "settings.not_redis"),
        ({"COMANDA_REDIS_URL": "redis://localhost/0?socket_timeout=60"}, "settings.not_redis"),
        ({"COMANDA_DATABSE_URL": "postgresql://x"}, "settings.misspelt"),
        ({"COMANDA_DATABASE_URL": "postgresql://u:p@ss@db/comanda"}, "settings.address_letters"),
        ({"COMANDA_DATABASE_URL": "postgresql://u:p@db:many/comanda"}, "settings.address_wrong"),
        ({"COMANDA_DATABASE_URL": "postgresql://u:p@[::1/comanda"}, "settings.address_wrong"),
        ({"COMANDA_DATABASE_OWNER_URL": "postgresql://u:p@db/comanda?colour=red"}, "settings.address_wrong"),
        ({"COMANDA_PORT": "eighty"}, "settings.not_whole"),
        ({"COMANDA_PORT": "70000"}, "settings.too_great"),
        ({"COMANDA_DATABASE_CONNECTIONS": "0"}, "settings.too_small"),
        ({"COMANDA_DATABASE_POOLER": "perhaps"}, "settings.not_yes_no"),
        ({"COMANDA_ENVIRONMENT": "prod"}, "settings.choice"),
        ({"COMANDA_LANGUAGE": "fr"}, "settings.choice"),
        ({"COMANDA_TLS_KEY": __file__}, "settings.tls_half"),
        ({"COMANDA_TLS_KEY": "/nowhere/key.pem"}, "settings.file_unreadable"),
        ({"COMANDA_PUBLIC_URL": "comanda.pe"}, "settings.not_http"),
        ({"COMANDA_PUBLIC_URL": "http://comanda.pe"}, "settings.tls_missing"),
        ({"COMANDA_PUBLIC_URL": ""}, "settings.tls_missing"),
        ({"COMANDA_TRUSTED_PROXIES": ""}, "settings.proxies_missing"),
        ({"COMANDA_TRUSTED_PROXIES": "10.0.0.0/8,router"}, "settings.not_networks"),
    ],
)
def test_each_mistake_gives_one_sentence_that_names_the_variable(change: dict[str, str], code: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({**PRODUCTION, **change})
    assert [mistake.code for mistake in refused.value.mistakes] == [code]
    for language in Language:
        sentence = refused.value.sentence(language)
        assert sentence.count("\n") == 0
        assert "COMANDA_" in sentence
        assert sentence.endswith((".", "?"))
        assert "Input should" not in sentence


def test_an_option_is_called_as_it_was_written() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({}, port=99_999)
    assert str(refused.value) == "--port may not be more than 65535."


def test_the_choices_of_a_setting_are_told() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"COMANDA_ENVIRONMENT": "prod"})
    assert str(refused.value) == "COMANDA_ENVIRONMENT must be one of these: development, production."


def test_all_that_production_lacks_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"COMANDA_ENVIRONMENT": "production"})
    lacks = ["secret_missing", "database_missing", "tls_missing", "proxies_missing"]
    assert [mistake.code for mistake in refused.value.mistakes] == [f"settings.{code}" for code in lacks]


def test_what_is_missing_is_told_beside_what_is_wrong_and_once() -> None:
    given = {"COMANDA_ENVIRONMENT": "production", "COMANDA_SECRET": "short", "COMANDA_PORT": "x"}
    with pytest.raises(SettingsError) as refused:
        read_settings(given)
    told = ["not_whole", "secret_short", "database_missing", "tls_missing", "proxies_missing"]
    assert sorted(mistake.code for mistake in refused.value.mistakes) == sorted(f"settings.{code}" for code in told)


def test_the_data_folder_is_the_same_from_every_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    folders = set()
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        folders.add(read_settings({}).data_folder)
    assert folders == {tmp_path / ".comanda-cloud"}


def test_names_that_are_no_settings_are_found() -> None:
    environment = {"COMANDA_DB_URL": "x", "COMANDA_HOME": "till", "COMANDA_PORT": "1", "HOME": "/"}
    assert names_of_no_use(environment) == ["COMANDA_DB_URL"]


def test_a_file_where_the_data_folder_should_be_is_said_so(tmp_path: Path) -> None:
    in_the_way = tmp_path / "cloud"
    in_the_way.write_text("a note")
    with pytest.raises(OperatorError) as refused:
        read_settings({}, data_folder=in_the_way).secrets()
    assert str(in_the_way) in str(refused.value)
    assert "Errno" not in str(refused.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"COMANDA_PORT": "x", "COMANDA_DATABASE_URL": "x", "COMANDA_SECRET": "x"})
    assert len(refused.value.mistakes) == 3


def test_secrets_are_not_shown() -> None:
    settings = read_settings(PRODUCTION)
    assert "kkkk" not in repr(settings)
    assert ":pw@" not in repr(settings)
    with pytest.raises(SettingsError) as refused:
        read_settings({"COMANDA_SECRET": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        read_settings({}).port = 1  # type: ignore[misc]


def test_a_secret_of_our_own_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first, second = (read_settings({}, data_folder=tmp_path / "cloud").secrets() for _ in range(2))
    assert first == second
    assert len(first[0]) >= 32
    assert (tmp_path / "cloud" / "secret").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("changes", "secure"),
    [({}, False), ({"public_url": "https://comanda.pe/"}, True), ({"public_url": "http://10.0.0.5"}, False)],
)
def test_cookies_are_secure_when_browsers_come_by_tls(changes: dict[str, Any], secure: bool) -> None:
    assert read_settings({}, **changes).secure is secure
