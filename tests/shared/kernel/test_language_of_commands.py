"""Commands speak the language of their environment, and English where it says nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from shared.kernel.language import Language, language_of

CASES: list[tuple[dict[str, str], Language]] = [
    ({}, Language.ENGLISH),
    ({"LANG": ""}, Language.ENGLISH),
    ({"LANG": "C"}, Language.ENGLISH),
    ({"LANG": "C.UTF-8"}, Language.ENGLISH),
    ({"LANG": "POSIX"}, Language.ENGLISH),
    ({"LANG": "de_DE.UTF-8"}, Language.ENGLISH),
    ({"LANG": "est_EE"}, Language.ENGLISH),
    ({"LANG": "es_PE.UTF-8"}, Language.SPANISH),
    ({"LANG": "es"}, Language.SPANISH),
    ({"LANG": "es@euro"}, Language.SPANISH),
    ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "es_CL.UTF-8"}, Language.SPANISH),
    ({"LANG": "es_PE.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, Language.ENGLISH),
    ({"LANG": "es_PE.UTF-8", "LC_ALL": "C.UTF-8"}, Language.ENGLISH),
    ({"LANG": "C", "LC_MESSAGES": "C", "LC_ALL": "es_MX.UTF-8"}, Language.SPANISH),
    ({"LANG": "es_PE.UTF-8", "LC_ALL": ""}, Language.SPANISH),
    ({"LANG": "es_PE.UTF-8", "COMANDA_LANGUAGE": "en"}, Language.ENGLISH),
    ({"LANG": "C", "COMANDA_LANGUAGE": "es"}, Language.SPANISH),
    ({"LANG": "es_PE.UTF-8", "COMANDA_LANGUAGE": "quechua"}, Language.SPANISH),
]


@pytest.mark.parametrize(("environment", "language"), CASES)
def test_the_first_variable_that_is_set_decides(environment: dict[str, str], language: Language) -> None:
    assert language_of(environment) is language


@pytest.mark.parametrize(
    ("environment", "usage"), [({}, "usage: "), ({"LC_ALL": "C.UTF-8"}, "usage: "), ({"LANG": "es_PE.UTF-8"}, "uso: ")]
)
def test_comanda_asks_for_a_command_in_that_language(environment: Mapping[str, str], usage: str) -> None:
    spoken = {"COMANDA_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"}
    kept = {name: value for name, value in os.environ.items() if name not in spoken}
    command = [sys.executable, "-m", "terminal.cli", "--help"]
    said = subprocess.run(command, env={**kept, **environment}, capture_output=True, text=True, check=True).stdout
    assert said.startswith(usage)


@pytest.mark.parametrize(("language", "about"), [("es_PE.UTF-8", "elige"), ("C", "chooses")])
def test_the_clouds_commands_do_so_too(language: str, about: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMANDA_", "LC_", "LANG"))}
    command = [sys.executable, "-m", "cloud.cli", "--help"]
    said = subprocess.run(command, env={**kept, "LANG": language}, capture_output=True, text=True, check=True).stdout
    assert about in said
