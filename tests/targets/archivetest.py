"""What tests of archives need: tar archives and images made on the spot, and all that a target shows."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterable
from pathlib import Path

from secaudit.targets.access import Access, read_all
from secaudit.targets.archive import open_archive, split_choice
from secaudit.targets.tree_access import TreeAccess

Entry = tuple[str, object]
"""A name, and bytes for a file, or a dictionary of TarInfo fields (with "data" for a file)."""


def tar_bytes(entries: Iterable[Entry], fmt: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive of the entries in their order, whatever they are called."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=fmt, errors="surrogateescape") as archive:
        for name, what in entries:
            fields = {"data": what} if isinstance(what, bytes) else dict(what)  # type: ignore[call-overload]
            data = fields.pop("data", b"")
            info = tarfile.TarInfo(name)
            info.size = len(data)
            for key, value in fields.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def link(text: str) -> dict[str, object]:
    return {"type": tarfile.SYMTYPE, "linkname": text}


def hard(text: str) -> dict[str, object]:
    return {"type": tarfile.LNKTYPE, "linkname": text}


def folder(mode: int = 0o755) -> dict[str, object]:
    return {"type": tarfile.DIRTYPE, "mode": mode}


def opened(path: Path | str) -> TreeAccess:
    place, chosen = split_choice(Path(path))
    access = open_archive(place, chosen)
    assert access is not None
    return access


def open_tar(place: Path, entries: Iterable[Entry]) -> TreeAccess:
    path = place / "test.tar"
    path.write_bytes(tar_bytes(entries))
    return opened(path)


def read(access: Access, path: str) -> bytes:
    descriptor = access.open(path)
    try:
        return read_all(descriptor, path, 1 << 26)
    finally:
        os.close(descriptor)


def shown(access: Access, *, owners: bool = True) -> dict[str, object]:
    """All that a target shows: path -> kind, mode, owner, size, time, link and content."""
    denied: list[str] = []
    found: dict[str, object] = {}
    for path, entry in access.walk("/", denied, True):
        facts: list[object] = [entry.kind, entry.mtime_s]
        if owners:
            facts += [entry.mode, entry.uid, entry.gid]
        if entry.kind == "file":
            facts += [entry.size, entry.nlink, read(access, path)]
        if entry.kind == "link":
            facts.append(access.readlink(path))
        found[path] = facts
    assert denied == []
    return found


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def docker_archive(layers: list[bytes], tags: list[str], name: str = "config") -> list[Entry]:
    """The entries of a `docker save` archive of one image (moby image-spec 1.2, "Combined Image JSON")."""
    config = json.dumps(
        {"os": "linux", "architecture": "amd64", "rootfs": {"diff_ids": [f"sha256:{sha256(one)}" for one in layers]}}
    ).encode()
    places = [f"{name}{number}/layer.tar" for number in range(len(layers))]
    manifest = [{"Config": f"{sha256(config)}.json", "RepoTags": tags, "Layers": places}]
    return [
        (f"{sha256(config)}.json", config),
        *zip(places, layers, strict=True),
        ("manifest.json", json.dumps(manifest).encode()),
    ]


def oci_folder(place: Path, images: list[tuple[str | None, dict[str, str] | None, list[bytes]]]) -> Path:
    """An OCI image layout (image-spec, image-layout.md) of images: tag, platform, layers."""
    blobs = place / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def keep(data: bytes, media: str) -> dict[str, object]:
        (blobs / sha256(data)).write_bytes(data)
        return {
            "mediaType": f"application/vnd.oci.image.{media}",
            "digest": f"sha256:{sha256(data)}",
            "size": len(data),
        }

    listed = []
    for tag, system, layers in images:
        about = {
            **(system or {"os": "linux", "architecture": "amd64"}),
            "rootfs": {"type": "layers", "diff_ids": [f"sha256:{sha256(one)}" for one in layers]},
        }
        manifest = {
            "schemaVersion": 2,
            "config": keep(json.dumps(about).encode(), "config.v1+json"),
            "layers": [keep(gzip.compress(layer, mtime=0), "layer.v1.tar+gzip") for layer in layers],
        }
        entry = keep(json.dumps(manifest).encode(), "manifest.v1+json")
        if tag is not None:
            entry["annotations"] = {"org.opencontainers.image.ref.name": tag}
        if system is not None:
            entry["platform"] = system
        listed.append(entry)
    (place / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    (place / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": listed}))
    return place
