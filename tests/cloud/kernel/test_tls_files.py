"""Files of TLS that cannot be used: the sentence names the one that is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from cloud.kernel.tls_files import wrong_pair

SAID = OSError("what the library says")


def pem_of(key: Ed25519PrivateKey, how: KeySerializationEncryption | None = None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how or NoEncryption())


def certificate_of(key: Ed25519PrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "comanda.example.com")])
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    return (
        made.not_valid_before(begun)
        .not_valid_after(begun + timedelta(days=9))
        .sign(key, None)
        .public_bytes(Encoding.PEM)
    )


OWN, OTHER = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


@pytest.mark.parametrize(
    ("certificate", "key", "code", "named"),
    [
        (b"", pem_of(OWN), "cli.no_certificate", "certificate.pem"),
        (pem_of(OWN), certificate_of(OWN), "cli.no_certificate", "certificate.pem"),
        (certificate_of(OWN), b"-----BEGIN PRIVATE KEY-----\n", "cli.no_key", "key.pem"),
        (certificate_of(OWN), certificate_of(OWN), "cli.no_key", "key.pem"),
        (certificate_of(OWN), pem_of(OWN, BestAvailableEncryption(b"secret")), "cli.key_locked", "key.pem"),
        (certificate_of(OWN), pem_of(OTHER), "cli.not_a_pair", "key.pem"),
        (certificate_of(OWN), pem_of(OWN), "cli.certificate_wrong", "what the library says"),
    ],
    ids=["empty", "swapped", "cut key", "no key", "passphrase", "of another", "something else"],
)
def test_the_sentence_names_the_file(tmp_path: Path, certificate: bytes, key: bytes, code: str, named: str) -> None:
    paths = tmp_path / "certificate.pem", tmp_path / "key.pem"
    for path, content in zip(paths, (certificate, key), strict=True):
        path.write_bytes(content)
    error = wrong_pair(*paths, SAID)
    assert error.code == code
    assert named in " ".join(map(str, error.params.values()))
