"""Verifies the file of an export: the cloud signed it, no member was changed, and the log in it is whole.

Whole is each stream's hash chain, with every signature of a device over it.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from cloud.tenants.exporting import FORMAT, MANIFEST, SIGNATURE, member_of
from shared.kernel.errors import DomainError
from sync.change import links
from sync.messages import signed_bytes

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found to be true.

    Attributes:
        changes, signatures: of the log that were checked.
        cloud_key: by which the file is signed (hex); compare it with your server's.
    """

    name: str
    made_at: str
    rows: int
    changes: int
    signatures: int
    cloud_key: str


def verify_export(path: Path) -> Verified:
    """Check a file.

    Raises:
        DomainError: EXPORT_UNREADABLE, EXPORT_CHANGED (params: place).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _verified(archive)
    except (OSError, zipfile.BadZipFile, KeyError, ValueError, TypeError) as error:
        raise DomainError("EXPORT_UNREADABLE", reason=str(error) or type(error).__name__) from error


def _verified(archive: zipfile.ZipFile) -> Verified:
    text = archive.read(MANIFEST)
    manifest = json.loads(text)
    key = manifest["cloud_key"]
    _require(_is_signed(bytes.fromhex(key), bytes.fromhex(archive.read(SIGNATURE).decode()), text), MANIFEST)
    _require(manifest["format"] == FORMAT, MANIFEST)
    rows = 0
    for table, said in manifest["tables"].items():
        found = _measured(archive, member_of(table))
        _require(found == (said["rows"], said["sha256"]), table)
        rows += found[0]
    changes, signatures = _check_log(archive)
    return Verified(manifest["organization"]["name"], manifest["made_at"], rows, changes, signatures, key)


def _measured(archive: zipfile.ZipFile, member: str) -> tuple[int, str]:
    sha, count = hashlib.sha256(), 0
    with archive.open(member) as lines:
        for line in lines:
            sha.update(line)
            count += 1
    return count, sha.hexdigest()


def _check_log(archive: zipfile.ZipFile) -> tuple[int, int]:
    """Walk the log and its signatures side by side, both in the order of stream and number."""
    keys = {row["id"]: row["public_key"] for row in _rows(archive, "devices")}
    authors = {row["id"]: row["device_id"] for row in _rows(archive, "sync_streams")}
    seals = _rows(archive, "sync_seals")
    seal, changes, signatures = next(seals, None), 0, 0
    stream, seq, chain = "", 0, b""
    for row in _rows(archive, "sync_changes"):
        if row["stream_id"] != stream:
            stream = row["stream_id"]
            seq, chain = 0, UUID(stream).bytes  # as `StreamKey.genesis`
        place = f"sync_changes {stream} {row['seq']}"
        _require(row["seq"] == seq + 1, place)
        (chain,), seq = links(chain, [_bytes(row["body"])]), row["seq"]
        _require(chain == _bytes(row["chain"]), place)
        changes += 1
        if seal is not None and (seal["stream_id"], seal["seq"]) == (stream, seq):
            public_key = keys.get(authors[stream], "")
            if public_key:
                signed = signed_bytes(UUID(stream), seq, chain)
                _require(_is_signed(bytes.fromhex(public_key), _bytes(seal["signature"]), signed), place)
                signatures += 1
            seal = next(seals, None)
    _require(seal is None, "sync_seals")
    return changes, signatures


def _rows(archive: zipfile.ZipFile, table: str) -> Iterator[_Row]:
    with archive.open(member_of(table)) as lines:
        for line in lines:
            yield json.loads(line)


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("\\x"))


def _is_signed(public_key: bytes, signature: bytes, text: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def _require(is_true: bool, place: str) -> None:
    if not is_true:
        raise DomainError("EXPORT_CHANGED", place=place)
