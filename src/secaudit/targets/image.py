"""Container images: which layers make up the file system, and are they what the manifest says?

Formats: OCI image-spec 1.1 (image-layout.md, image-index.md, manifest.md, layer.md) and the archive of `docker save`
(manifest.json; moby image-spec 1.2).
"""

from __future__ import annotations

import hashlib
import platform
import re
from dataclasses import dataclass
from typing import Any

from secaudit.targets.blobs import (
    Blobs,
    blob,
    checked,
    digest_of,
    json_list,
    json_object,
    listing,
    mapping,
    small,
    verified,
    wrong_digest,
)
from secaudit.targets.parts import ArchiveProblem, Part

MAX_LAYERS = 500
"""Docker stops at 127."""

MAX_INDEXES = 100
"""Indexes that name indexes."""

_MACHINES = {
    "x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386", "armv7l": "arm", "armv6l": "arm",
    "loongarch64": "loong64",
}  # fmt: skip
_REF_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer and what proves it."""

    part: Part
    digest: str | None
    """Of the blob as it lies there."""
    unpacked_digest: str | None
    """Of the tar archive in it."""


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its name and its layers, the lowest first."""

    name: str | None
    system: str | None
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str | None
    system: str | None
    digest: str
    size: object


def is_image(blobs: Blobs) -> bool:
    """True when the files are those of an image."""
    if _is_layout(blobs):
        return True
    index = blobs.part("manifest.json")  # other things have one as well; docker's is a list
    return index is not None and index.read(0, 64).lstrip().startswith(b"[")


def _is_layout(blobs: Blobs) -> bool:
    return blobs.part("oci-layout") is not None and blobs.part("index.json") is not None


def read_image(blobs: Blobs, chosen: str | None) -> Image:
    """The image that is chosen by its tag, platform or digest, or the only one.

    Raises:
        ArchiveProblem: it is damaged, or there are several and none is chosen.
    """
    return _oci(blobs, chosen) if _is_layout(blobs) else _docker(blobs, chosen)


# ---------------------------------------------------------------- OCI


def _oci(blobs: Blobs, chosen: str | None) -> Image:
    candidate = _choose(_candidates(blobs), chosen)
    manifest = json_object(verified(blobs, candidate.digest, candidate.size), "its manifest")
    config = mapping(manifest.get("config"), "its manifest")
    about = json_object(verified(blobs, digest_of(config), None), "its config")
    system = candidate.system or "/".join(str(about[key]) for key in ("os", "architecture") if about.get(key))
    layers = []
    for layer in listing(manifest.get("layers"), "its manifest"):
        entry = mapping(layer, "its manifest")
        if "encrypted" in str(entry.get("mediaType", "")):
            raise ArchiveProblem("its layers are encrypted", "decrypt it first, for example with skopeo")
        digest = digest_of(entry)
        layers.append(Layer(blob(blobs, digest), digest, None))
    return _image(candidate.name, system or None, layers)


def _candidates(blobs: Blobs) -> list[_Candidate]:
    """All images that the index names, also through other indexes, without the proofs of their build."""
    index = blobs.part("index.json")
    assert index is not None
    waiting: list[tuple[dict[str, Any], str | None]] = [
        (json_object(small(index, "its index.json"), "its index.json"), None)
    ]
    found: list[_Candidate] = []
    for read in range(MAX_INDEXES + 1):
        if not waiting:
            return found
        if read == MAX_INDEXES:
            break
        here, outer_name = waiting.pop(0)
        for item in listing(here.get("manifests"), "its index"):
            entry = mapping(item, "its index")
            notes = mapping(entry.get("annotations") or {}, "its index")
            name = next((str(notes[key]) for key in _REF_NAMES if notes.get(key)), outer_name)
            digest, size = digest_of(entry), entry.get("size")
            if "index" in str(entry.get("mediaType")) or "manifest.list" in str(entry.get("mediaType")):
                waiting.append((json_object(verified(blobs, digest, size), "its index"), name))
            elif notes.get("vnd.docker.reference.type") != "attestation-manifest":
                found.append(_Candidate(name, _system(entry.get("platform")), digest, size))
    raise ArchiveProblem("its indexes name too many others")


def _system(about: object) -> str | None:
    if not isinstance(about, dict) or not about.get("os"):
        return None
    return "/".join(str(about[key]) for key in ("os", "architecture", "variant") if about.get(key))


def _choose(found: list[_Candidate], chosen: str | None) -> _Candidate:
    """By name first, then by platform: this machine's, or the only one."""
    if not found:
        raise ArchiveProblem("it holds no image")
    if chosen is not None:
        fitting = [item for item in found if chosen in (item.system, item.digest) or _is_named(item.name, chosen)]
        if not fitting:
            raise _several(f'it holds no image "{chosen}"', found)
        found = fitting
    if len({item.digest for item in found}) == 1:
        return found[0]
    if len({item.name for item in found}) > 1:
        raise _several("it holds several images", found)
    here = f"linux/{_MACHINES.get(platform.machine(), platform.machine())}"
    mine = [item for item in found if item.system is not None and f"{item.system}/".startswith(f"{here}/")]
    if len({item.digest for item in mine}) != 1:
        raise _several(f"it holds images for several platforms, and not one for {here}", found)
    return mine[0]


def _several(reason: str, found: list[_Candidate]) -> ArchiveProblem:
    words = dict.fromkeys(
        word for item in found for word in (item.name, item.system, None if item.name or item.system else item.digest)
        if word is not None
    )  # fmt: skip
    return _choice(reason, list(words))


def _choice(reason: str, words: list[str]) -> ArchiveProblem:
    shown = ", ".join(words[:20])
    return ArchiveProblem(f"{reason}: {shown}", f"choose one of them after a #, for example FILE#{words[0]}")


# ---------------------------------------------------------------- docker save


def _docker(blobs: Blobs, chosen: str | None) -> Image:
    index = blobs.part("manifest.json")
    assert index is not None
    images = [mapping(item, "its manifest.json") for item in json_list(small(index, "its manifest.json"))]
    if not images:
        raise ArchiveProblem("it holds no image")
    tags = [[str(tag) for tag in listing(image.get("RepoTags") or [], "its manifest.json")] for image in images]
    names = [own or [str(image.get("Config", "")).rpartition("/")[2]] for own, image in zip(tags, images, strict=True)]
    fitting = [
        number for number, own in enumerate(names) if chosen is None or any(_is_named(name, chosen) for name in own)
    ]
    if len(fitting) != 1:
        all_names = [name for own in names for name in own]
        raise _choice("it holds several images" if chosen is None else f'it holds no image "{chosen}"', all_names)
    image, own = images[fitting[0]], names[fitting[0]]
    place = str(image.get("Config", ""))
    part = blobs.part(place)
    if part is None:
        raise ArchiveProblem(f"the config {place} is missing in it")
    raw = small(part, "its config")
    stated = place.rpartition("/")[2].removesuffix(".json")
    if re.fullmatch("[0-9a-f]{64}", stated) and hashlib.sha256(raw).hexdigest() != stated:
        raise wrong_digest(f"sha256:{stated}")
    config = json_object(raw, "its config")
    digests = listing(mapping(config.get("rootfs"), "its config").get("diff_ids"), "its config")
    places = listing(image.get("Layers"), "its manifest.json")
    if len(digests) != len(places):
        raise ArchiveProblem(f"it holds {len(places)} layers, and its config names {len(digests)}")
    layers = []
    for layer, digest in zip(places, digests, strict=True):
        part = blobs.part(str(layer))
        if part is None:
            raise ArchiveProblem(f"the layer {layer} is missing in it")
        layers.append(Layer(part, None, checked(digest)))
    system = "/".join(str(config[key]) for key in ("os", "architecture") if config.get(key))
    name = next((name for name in own if chosen is not None and _is_named(name, chosen)), own[0])
    return _image(name, system or None, layers)


# ---------------------------------------------------------------- both


def _is_named(name: str | None, chosen: str) -> bool:
    """True for the whole name and for its end: `debian:12` of `docker.io/library/debian:12`."""
    return name is not None and (name == chosen or name.endswith("/" + chosen))


def _image(name: str | None, system: str | None, layers: list[Layer]) -> Image:
    if not 0 < len(layers) <= MAX_LAYERS:
        raise ArchiveProblem(f"it has {len(layers)} layers, from 1 to {MAX_LAYERS} are possible")
    return Image(name, system, tuple(layers))
