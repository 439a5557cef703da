"""What an answer to a read says besides its body: a tag of this version, and nothing at all to who has it."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from litestar import MediaType, Response

KEPT = "private, no-cache"
"""A program may keep an answer, and asks each time whether it is still so."""
_ANY = "*"


def answer(body: Any, if_none_match: str | None) -> Response[Any]:
    """The answer with that body, or 304 without one if the caller has this version of it."""
    raw = msgspec.json.encode(body)
    tag = tag_of(raw)
    headers = {"ETag": tag, "Cache-Control": KEPT}
    if if_none_match is not None and names(if_none_match, tag):
        return Response(None, status_code=304, headers=headers)
    return Response(raw, headers=headers, media_type=MediaType.JSON)


def tag_of(raw: bytes) -> str:
    """The tag of a version. It is weak, since the same version may be sent compressed or not."""
    return f'W/"{hashlib.blake2b(raw, digest_size=12).hexdigest()}"'


def names(wanted: str, tag: str) -> bool:
    """Whether a list of tags, as `If-None-Match` and `If-Match` have it, names this one, however strong."""
    opaque = tag.removeprefix("W/")
    return wanted.strip() == _ANY or any(each.strip().removeprefix("W/") == opaque for each in wanted.split(","))
