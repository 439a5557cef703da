"""`comanda-cloud audit verify [FILE]`: whether nobody changed what was noted, in the database or in an export."""

from __future__ import annotations

import argparse
import os
import zipfile
from pathlib import Path

import sqlalchemy as sa

from cloud.audit.proof import OPERATORS, Proof, prove_events, prove_lines, prove_log
from cloud.cli_names import organization_named
from cloud.cli_running import answer, with_parts
from cloud.database.audit_records import AuditHead
from cloud.database.control_records import ControlOrganization
from cloud.database.opening import Say
from cloud.kernel.operator_error import OperatorError
from cloud.parts import Parts
from cloud.settings import Settings
from shared.kernel.language import Texts, language_of

SHOWN = 20
"""Faults that are told one by one."""


def audit(settings: Settings, say: Say, asked: argparse.Namespace) -> int:
    """Run the command. Ends with 1 if anything does not hold."""
    found = Proof()

    async def work(parts: Parts) -> None:
        key = parts.keys.frame_signing.public_key().public_bytes_raw()
        if asked.file is not None:
            _prove_file(Path(asked.file), key, found)
            return
        async with parts.database.control() as session:
            if asked.organization:
                only = (await organization_named(session, asked.organization)).id
                houses, chains = [only], [only]
            else:
                houses = list(await session.scalars(sa.select(ControlOrganization.id)))
                chains = sorted({OPERATORS, *houses, *await session.scalars(sa.select(AuditHead.chain_id))})
            for chain in chains:
                await prove_events(session, chain, found)
        for house in houses:
            async with parts.database.read(house) as read:
                await prove_log(read, house, key, found)

    with_parts(settings, say, work)
    return _told(found)


def _prove_file(path: Path, key: bytes, found: Proof) -> None:
    if zipfile.is_zipfile(path):
        raise OperatorError("cli.audit_is_export", path=path)
    try:
        with path.open(encoding="utf-8") as lines:
            proof = prove_lines(lines, key)
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError("cli.audit_unreadable", path=path, reason=error) from None
    found.events, found.signatures, found.faults = proof.events, proof.signatures, proof.faults


def _told(found: Proof) -> int:
    texts = Texts(language_of(os.environ), ("cloud", "cloud.audit"))
    if not found.faults:
        answer("cli.audit_holds", events=found.events, changes=found.changes, signatures=found.signatures)
        return 0
    for code, params in found.faults[:SHOWN]:
        answer("cli.audit_fault", what=texts(code, **params))
    answer("cli.audit_broken", count=len(found.faults))
    return 1
