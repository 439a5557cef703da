"""What is wrong with the files of TLS: which one, and what it lacks."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from cloud.kernel.operator_error import OperatorError


def wrong_pair(certificate: Path | None, key: Path | None, error: Exception) -> OperatorError:
    """The sentence about a certificate and a key that cannot be used together.

    Args:
        error: what the library said, for what is wrong in another way.
    """
    if certificate is None or key is None:
        return OperatorError("cli.certificate_wrong", reason=error)
    try:
        certified = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    except (ValueError, OSError):
        return OperatorError("cli.no_certificate", path=certificate)
    try:
        held = load_pem_private_key(key.read_bytes(), password=None).public_key()
    except TypeError:  # a passphrase is needed
        return OperatorError("cli.key_locked", path=key)
    except (ValueError, OSError):
        return OperatorError("cli.no_key", path=key)
    how = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if certified.public_bytes(*how) != held.public_bytes(*how):
        return OperatorError("cli.not_a_pair", certificate=certificate, key=key)
    return OperatorError("cli.certificate_wrong", reason=error)
