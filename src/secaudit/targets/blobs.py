"""The files that make up a container image: found by digest, proven by it, and read as JSON."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any, Protocol

from secaudit.targets.parts import ArchiveProblem, Part

MAX_JSON_BYTES = 4 << 20
"""Registries refuse manifests above this size (distribution-spec, "Pushing Manifests")."""

_DIGEST = re.compile(r"(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})\Z")


class Blobs(Protocol):
    """The files of an image, in a folder or in an archive."""

    def part(self, name: str) -> Part | None:
        """A file by its path; None when there is none."""
        ...


def check_digest(part: Part, digest: str) -> None:
    """Compare a part with its digest.

    Raises:
        ArchiveProblem: it is another one.
    """
    name, _, wanted = digest.partition(":")
    found = hashlib.new(name)
    for place in range(0, part.size, 1 << 20):
        found.update(part.read(place, 1 << 20))
    if found.hexdigest() != wanted:
        raise wrong_digest(digest)


def wrong_digest(digest: str) -> ArchiveProblem:
    return ArchiveProblem(f"it is damaged or was changed: what it holds as {digest} has another digest")


def blob(blobs: Blobs, digest: str) -> Part:
    part = blobs.part("blobs/" + digest.replace(":", "/"))
    if part is None:
        raise ArchiveProblem(f"the blob {digest} is missing in it", "save the image with all its layers and platforms")
    return part


def verified(blobs: Blobs, digest: str, size: object) -> bytes:
    part = blob(blobs, digest)
    if size is not None and part.size != size:
        raise wrong_digest(digest)
    data = small(part, digest)
    check_digest(part, digest)
    return data


def small(part: Part, what: str) -> bytes:
    if part.size > MAX_JSON_BYTES:
        raise ArchiveProblem(f"{what} has {part.size} bytes, the limit is {MAX_JSON_BYTES}")
    return part.read(0, part.size)


def digest_of(entry: dict[str, Any]) -> str:
    return checked(entry.get("digest"))


def checked(digest: object) -> str:
    if not isinstance(digest, str) or not _DIGEST.match(digest):
        raise ArchiveProblem(f'"{str(digest)[:100]}" in it is no sha256 or sha512 digest')
    return digest


def _load(data: bytes, what: str) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ArchiveProblem(f"{what} is not JSON") from error


def json_object(data: bytes, what: str) -> dict[str, Any]:
    return mapping(_load(data, what), what)


def json_list(data: bytes) -> list[Any]:
    return listing(_load(data, "its manifest.json"), "its manifest.json")


def mapping(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ArchiveProblem(f"{what} is not in the form of an image")
    return value


def listing(value: object, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ArchiveProblem(f"{what} is not in the form of an image")
    return value
