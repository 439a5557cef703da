"""Both languages say the same things, and everything the program says is there."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from cloud.accounts.scopes import SCOPES
from cloud.audit.values import tables
from cloud.edge.statuses import STATUSES
from cloud.guests.house_pages import FLAGS, NUMBERS
from cloud.integrations.pages import LIVES
from cloud.members.commands import ROLES
from cloud.members.listing import Access
from cloud.rooms import TEXT_ROOMS
from shared.guests.queries import DishState, GuestOrderState
from shared.guests.records import RequestKind
from shared.kernel.language import OF_ONE, Language, catalogue

FOLDER = Path(__file__).parents[2] / "cloud"
CATALOGUES = [room for room in TEXT_ROOMS if room.partition(".")[0] == "cloud"]
SAID = re.compile(
    r'"((?:cli|settings|database|deletion|embedded|plan|page|log_in|organizations|code|forgot|reset|invitation|keys|people|profile|roles|tenants|reports|inbox|words)\.[a-z_]+|[A-Z]+(?:_[A-Z]+)+)"'
)
NO_SENTENCES = re.compile(r"COMANDA_\w+|PG_VERSION|JOURNAL_STREAM|LC_ALL|HEAD|TOO_MANY_TRIES_|keys\.json")


@pytest.mark.parametrize("room", CATALOGUES)
def test_both_languages_have_the_same_sentences_with_the_same_parameters(room: str) -> None:
    spanish, english = catalogue(room, Language.SPANISH), catalogue(room, Language.ENGLISH)
    assert spanish.keys() == english.keys()
    for code in spanish:
        assert parameters(spanish[code]) == parameters(english[code]), code


def test_everything_that_is_said_has_its_sentence() -> None:
    sentences = {code for room in TEXT_ROOMS for code in catalogue(room, Language.ENGLISH)}
    said = {code for path in sources() for code in SAID.findall(path.read_text()) if not NO_SENTENCES.fullmatch(code)}
    assert said - sentences == set()
    assert len(said) > 50


def test_no_sentence_is_left_over() -> None:
    source = "\n".join(path.read_text() for path in sources())
    creating = {"cli.create_organization", "cli.create_account", "cli.create_pairing_code"}
    commands = creating | {
        "cli.serve",
        "cli.worker",
        "cli.migrate",
        "cli.list",
        "cli.log_in_link",
        "cli.close",
        "cli.suspend",
        "cli.reopen",
        "cli.rename",
        "cli.plan",
        "cli.audit",
        "cli.move_device",
        "cli.export",
        "cli.verify_export",
        "cli.delete",
        "cli.reset_link",
        "cli.remove_second_factor",
        "cli.restored",
        "cli.revoke_device",
        "cli.jobs",
        "cli.outbox",
        "cli.api_keys",
        "cli.guest_cards",
        "cli.create_api_key",
        "cli.revoke_api_key",
    }
    scopes = {f"keys.scope.{scope.replace(':', '_')}" for scope in SCOPES} | {f"keys.days_{days}" for days in LIVES}
    columns = {f"keys.{name}" for name in ("name", "scopes", "branches", "used", "state")}
    done = {"profile.done.password", "profile.done.ended", "profile.done.language", "profile.done.removed"}
    mails = {f"{kind}_mail.{part}" for kind in ("reset", "invitation") for part in ("subject", "what", "why")}
    roles = {f"role.{role.value}{does}" for role in ROLES for does in ("", "_does")}
    guests = {
        *(f"guest_page.state_{state}" for state in GuestOrderState),
        *(f"guest_page.dish_{state}" for state in DishState),
        *(f"guest_page.called_{kind}" for kind in RequestKind),
        *(f"guest_page.in_{language.value}" for language in Language),
        *(f"guest_page.cannot_{code}" for code in ("ITEM_SOLD_OUT", "ITEM_NOT_NOW")),
        *(f"guests_house.{name}" for name in (*NUMBERS, *FLAGS)),
        *(f"guests_house.{name}_hint" for name in NUMBERS),
    }
    audit = {f"audit.{name}" for name in _audit_names(source)}
    shared_codes = {
        "NOT_FOUND",
        *audit,
        *guests,
        *done,
        *mails,
        *roles,
        *scopes,
        *columns,
        *(f"people.access_{access}" for access in Access),
    }
    sentences = {code for room in CATALOGUES for code in catalogue(room, Language.ENGLISH)}
    left_over = {
        code for code in sentences if not any(f'"{said}"' in source for said in (code, code.removesuffix(OF_ONE)))
    }
    assert left_over - commands - shared_codes == set()


def _audit_names(source: str) -> set[str]:
    """What the audit names by how it is called in tables, columns, acts and what is said of them."""
    columns = {column.name for spec in tables().values() for column in spec.table.columns}
    columns |= set(re.findall(r'"([a-z_]+)": ', source))
    acts = {act.replace(".", "_") for act in re.findall(r'"([a-z_]+\.[a-z_]+)"', source)}
    ways = {f"via_{way}" for way in ("page", "api", "job", "command", "device", "cloud")}
    return {
        *(f"table.{name}" for name in tables()),
        *(f"field.{name}" for name in columns),
        *(f"act.{act}" for act in acts),
        *ways,
    }


def test_every_code_with_a_status_has_its_sentence_and_no_room_says_what_another_says() -> None:
    catalogues = [catalogue(room, Language.ENGLISH) for room in CATALOGUES]
    assert STATUSES.keys() - {code for room in TEXT_ROOMS for code in catalogue(room, Language.ENGLISH)} == set()
    assert sum(map(len, catalogues)) == len({code for sentences in catalogues for code in sentences})


def sources() -> list[Path]:
    """Where sentences are said: programs and templates."""
    return [*FOLDER.rglob("*.py"), *FOLDER.rglob("*.html")]


def parameters(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
