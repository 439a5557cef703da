"""Only a token that this server signed, for its API, that is valid now, opens anything."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from litestar import Litestar
from litestar.testing import AsyncTestClient

from cloud.accounts.tokens import CLOCK_SKEW, LIFETIME, DeviceClaims, PersonClaims, TokenError, Tokens
from cloud.kernel.keys import Keys
from shared.kernel.permissions import Role

KEYS = Keys(b"only-for-tests" * 4)
PRIVATE = KEYS.token_signing
PUBLIC = PRIVATE.public_key()
PUBLIC_PEM = PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PUBLIC_RAW = PUBLIC.public_bytes(Encoding.Raw, PublicFormat.Raw)


@pytest.fixture
def tokens(clock: Any) -> Tokens:
    return Tokens(KEYS, clock)


def claims_of(clock: Any, **changes: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    claims = {
        "typ": "access",
        "sub": str(uuid4()),
        "role": "branch_manager",
        "organization": str(uuid4()),
        "branches": [str(uuid4())],
        "ver": [1, 1],
        "iss": "comanda-cloud",
        "aud": "comanda-api",
        "iat": now,
        "exp": now + 900,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not ...}


def signed(claims: dict[str, Any], key: Any = PRIVATE, algorithm: str = "EdDSA", **header: Any) -> str:
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": KEYS.token_key, **header})


def by_hand(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def hmac_signed(claims: dict[str, Any], key: bytes) -> str:
    """What an attacker makes who hopes that the public key is taken for a shared secret."""
    import hashlib
    import hmac

    unsigned = by_hand({"alg": "HS256", "typ": "JWT", "kid": KEYS.token_key}, claims).rstrip(".")
    tag = hmac.digest(key, unsigned.encode(), hashlib.sha256)
    return f"{unsigned}.{base64.urlsafe_b64encode(tag).rstrip(b'=').decode()}"


def tampered(clock: Any) -> str:
    head, _, signature = signed(claims_of(clock)).split(".")
    body = json.dumps(claims_of(clock, role="organization_admin")).encode()
    return ".".join([head, base64.urlsafe_b64encode(body).rstrip(b"=").decode(), signature])


BAD_TOKENS: dict[str, Callable[[Any], str]] = {
    "no token at all": lambda clock: "",
    "not a token": lambda clock: "abc",
    "three empty parts": lambda clock: "..",
    "alg none": lambda clock: by_hand({"alg": "none", "typ": "JWT", "kid": KEYS.token_key}, claims_of(clock)),
    "alg None in capitals": lambda clock: by_hand(
        {"alg": "NONE", "typ": "JWT", "kid": KEYS.token_key}, claims_of(clock)
    ),
    "HS256 with the public key as PEM": lambda clock: hmac_signed(claims_of(clock), PUBLIC_PEM),
    "HS256 with the public key as bytes": lambda clock: hmac_signed(claims_of(clock), PUBLIC_RAW),
    "another key": lambda clock: signed(claims_of(clock), Ed25519PrivateKey.generate()),
    "another algorithm's name over our key": lambda clock: by_hand(
        {"alg": "ES256", "typ": "JWT", "kid": KEYS.token_key}, claims_of(clock), b"x"
    ),
    "signature cut off": lambda clock: signed(claims_of(clock)).rsplit(".", 1)[0] + ".",
    "signature cut short": lambda clock: signed(claims_of(clock))[:-4],
    "claims changed after signing": tampered,
    "a key id that names a file": lambda clock: signed(claims_of(clock), kid="../../dev/null"),
    "no key id": lambda clock: jwt.encode(claims_of(clock), PRIVATE, algorithm="EdDSA"),
    "a key id that is no text": lambda clock: by_hand({"alg": "EdDSA", "typ": "JWT", "kid": [1]}, claims_of(clock)),
    "a key of its own": lambda clock: signed(claims_of(clock), jwk={"kty": "OKP"}),
    "a key from elsewhere": lambda clock: signed(claims_of(clock), jku="https://example.org/keys"),
    "an unknown critical header": lambda clock: signed(claims_of(clock), crit=["x"], x=1),
    "expired": lambda clock: signed(
        claims_of(clock, iat=int(clock.now().timestamp()) - 901, exp=int(clock.now().timestamp()) - 1)
    ),
    "ends this very second": lambda clock: signed(claims_of(clock, exp=int(clock.now().timestamp()))),
    "issued in the future": lambda clock: signed(
        claims_of(clock, iat=int(clock.now().timestamp()) + 120, exp=int(clock.now().timestamp()) + 900)
    ),
    "lives too long": lambda clock: signed(claims_of(clock, exp=int(clock.now().timestamp()) + 901)),
    "never ends": lambda clock: signed(claims_of(clock, exp=...)),
    "no time of issue": lambda clock: signed(claims_of(clock, iat=...)),
    "end as text": lambda clock: signed(claims_of(clock, exp="tomorrow")),
    "wrong audience": lambda clock: signed(claims_of(clock, aud="comanda-pages")),
    "several audiences": lambda clock: signed(claims_of(clock, aud=["comanda-api", "other"])),
    "no audience": lambda clock: signed(claims_of(clock, aud=...)),
    "wrong issuer": lambda clock: signed(claims_of(clock, iss="somebody")),
    "no issuer": lambda clock: signed(claims_of(clock, iss=...)),
    "a refresh token": lambda clock: signed(claims_of(clock, typ="refresh")),
    "no type": lambda clock: signed(claims_of(clock, typ=...)),
    "a device with a person's claims": lambda clock: signed(claims_of(clock, typ="device")),
    "unknown role": lambda clock: signed(claims_of(clock, role="root")),
    "no versions": lambda clock: signed(claims_of(clock, ver=...)),
    "no subject": lambda clock: signed(claims_of(clock, sub=...)),
    "subject that is no id": lambda clock: signed(claims_of(clock, sub="admin")),
    "a claim we do not know": lambda clock: signed(claims_of(clock, scope="all")),
    "enormous": lambda clock: signed(claims_of(clock, branches=[str(uuid4())] * 400)),
}


@pytest.mark.parametrize("name", BAD_TOKENS)
def test_a_bad_token_is_refused(tokens: Tokens, clock: Any, name: str) -> None:
    with pytest.raises(TokenError):
        tokens.read(BAD_TOKENS[name](clock))


def test_the_same_claims_signed_by_us_are_taken(tokens: Tokens, clock: Any) -> None:
    """So that the table above fails for its own reasons."""
    assert isinstance(tokens.read(signed(claims_of(clock))), PersonClaims)


def test_a_person_gets_a_quarter_of_an_hour(tokens: Tokens, clock: Any) -> None:
    account_id, organization_id, branches = uuid4(), uuid4(), (uuid4(), uuid4())
    token, expires_at = tokens.for_person(account_id, Role.BRANCH_MANAGER, organization_id, branches, (1, 1))
    assert expires_at == clock.now() + LIFETIME
    read = tokens.read(token)
    assert isinstance(read, PersonClaims)
    assert (read.sub, read.role, read.organization, read.branches) == (
        account_id, Role.BRANCH_MANAGER, organization_id, tuple(sorted(branches)),
    )  # fmt: skip
    clock.advance(LIFETIME - timedelta(seconds=1))
    tokens.read(token)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(TokenError):
        tokens.read(token)


def test_servers_whose_clocks_differ_a_little_take_each_others_tokens(tokens: Tokens, clock: Any) -> None:
    token, _ = tokens.for_device(uuid4(), uuid4(), uuid4())
    clock.advance(-CLOCK_SKEW)
    assert isinstance(tokens.read(token), DeviceClaims)


@pytest.mark.parametrize("name", ["alg none", "expired", "another key", "a refresh token", "no token at all"])
async def test_a_bad_token_gets_one_answer_that_tells_nothing(
    client: AsyncTestClient[Litestar], clock: Any, name: str
) -> None:
    headers = {"authorization": f"Bearer {BAD_TOKENS[name](clock)}"}
    answer = await client.post("/api/v1/devices/pairing-codes", headers=headers, json={})
    assert (answer.status_code, answer.json()["code"]) == (401, "NOT_SIGNED_IN")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_token_of_the_secret_before_the_newest_holds_and_one_of_a_dropped_secret_does_not(clock: Any) -> None:
    old, new = b"an-old-secret" * 4, b"a-new-secret!" * 4
    before = Tokens(Keys(old), clock)
    token, _ = before.for_device(uuid4(), uuid4(), uuid4())
    both = Tokens(Keys(new, old), clock)
    assert isinstance(both.read(token), DeviceClaims)
    newer, _ = both.for_device(uuid4(), uuid4(), uuid4())
    for reader, text in ((before, newer), (Tokens(Keys(new), clock), token)):
        with pytest.raises(TokenError):
            reader.read(text)
    sealed = Keys(old).codes.seal(b"twenty bytes or so..", b"owner")
    assert Keys(new, old).codes.open(sealed, b"owner") == b"twenty bytes or so.."
    assert Keys(new, old).codes.open(sealed, b"other") is Keys(new).codes.open(sealed, b"owner") is None
    assert Keys(new, old).frame_signing.private_bytes_raw() == Keys(old).frame_signing.private_bytes_raw()


def test_a_token_names_fifty_branches_at_most_and_fits_into_a_header(tokens: Tokens) -> None:
    for count, named in ((50, True), (51, False)):
        branches = [uuid4() for _branch in range(count)]
        token, _ = tokens.for_person(uuid4(), Role.BRANCH_MANAGER, uuid4(), branches, (1, 1))
        claims = tokens.read(token)
        assert isinstance(claims, PersonClaims)
        assert (claims.branches is not None) is named


def test_keys_of_one_secret_differ_by_purpose() -> None:
    signing = PRIVATE.private_bytes_raw()
    assert len({signing, KEYS.pairing, KEYS.challenge, KEYS.throttle}) == 4
    assert Keys(b"only-for-tests" * 4).pairing == KEYS.pairing
    assert Keys(b"another-secret" * 4).pairing != KEYS.pairing
