"""Container images: layers in their order as the programs of that trade lay them, digests, and which image is meant."""

from __future__ import annotations

import gzip
import json
import os
import platform
import shutil
import subprocess
from pathlib import Path

import pytest
from archivetest import docker_archive, folder, hard, link, oci_folder, open_tar, opened, read, shown, tar_bytes

from secaudit.errors import TargetError
from secaudit.targets.archive import open_archive
from secaudit.targets.root import RootAccess
from secaudit.targets.tree_access import TreeAccess

BASE = [
    ("etc", folder(0o750)), ("etc/a", b"a1"), ("etc/b", b"b1"), ("etc/d", folder()), ("etc/d/x", b"x1"),
    ("etc/d/deep", folder()), ("etc/d/deep/y", b"y1"), ("usr", folder()), ("usr/lib", folder()), ("lib", link("usr/lib")),
    ("usr/lib/one", b"1"), ("usr/lib/two", hard("usr/lib/one")),
]  # fmt: skip
LAYERS = {
    "whiteout": [("etc/.wh.a", b"")],
    "whiteout of a folder": [("etc/.wh.d", b"")],
    "opaque": [("etc/d", folder(0o700)), ("etc/d/.wh..wh..opq", b""), ("etc/d/new", b"2")],
    "folder becomes file": [("etc/d", b"file")],
    "file becomes folder": [("etc/a", folder()), ("etc/a/in", b"2")],
    "link becomes folder": [("lib", folder()), ("lib/own", b"2")],
    "folder becomes link": [("etc/d", link("../usr/lib"))],
    "through a link": [("lib/three", b"3")],
    "one hard link changes": [("usr/lib/two", b"2")],
    "one hard link goes": [("usr/lib/.wh.one", b"")],
    "mode alone": [("etc", folder(0o700))],
    "file again": [("etc/a", {"data": b"a2", "mode": 0o600, "uid": 5})],
}
needs_umoci = pytest.mark.skipif(
    (shutil.which("umoci") is None or os.geteuid() != 0) and not os.environ.get("CI"), reason="needs umoci and root"
)


def layered(place: Path, *layers: list) -> TreeAccess:
    return opened(oci_folder(place / "image", [(None, None, [tar_bytes(one) for one in layers])]))


def refusal(path: Path | str) -> str:
    with pytest.raises(TargetError) as caught:
        opened(path)
    return f"{caught.value.message} {dict(caught.value.hints)['fix']}"


# ---------------------------------------------------------------- layers


@needs_umoci
@pytest.mark.parametrize("name", LAYERS)
def test_layers_give_what_umoci_unpacks(tmp_path: Path, name: str) -> None:
    image = oci_folder(tmp_path / "image", [("t", None, [tar_bytes(BASE), tar_bytes(LAYERS[name])])])
    bundle = tmp_path / "bundle"
    done = subprocess.run(
        ["umoci", "raw", "unpack", "--image", f"{image}:t", str(bundle)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    theirs, mine = shown(RootAccess(str(bundle))), shown(opened(image))
    for found in (theirs, mine):
        for facts in found.values():
            if facts[0] == "dir":  # type: ignore[index]
                facts[1] = 0  # type: ignore[index]  umoci sets times of folders in its own way
    assert mine == theirs


def test_what_a_layer_gives_itself_is_not_hidden_by_it(tmp_path: Path) -> None:
    """image-spec, layer.md: whiteouts hide what lower layers gave, in whatever order they come."""
    top = [
        ("etc/new", b"2"), ("etc/.wh.new", b""), ("etc/d/x", b"x2"), ("etc/d/deep/z", b"z2"),
        ("etc/d/.wh..wh..opq", b""), ("etc/b", b"b2"), ("etc/.wh.b", b""),
    ]  # fmt: skip
    access = layered(tmp_path, BASE, top)
    assert access.listdir("/etc") == ["a", "b", "d", "new"]
    assert read(access, "/etc/b") == b"b2"
    assert read(access, "/etc/d/x") == b"x2"
    assert access.listdir("/etc/d/deep") == ["z"]


def test_whiteouts_of_nothing_and_of_what_is_above_hide_nothing(tmp_path: Path) -> None:
    odd = [("etc/.wh...", b""), ("etc/.wh..", b""), ("etc/.wh.", b""), (".wh.none", b""), ("none/.wh.x", b""),
           ("none2/.wh..wh..opq", b""), ("etc/.wh..wh.plnk/1.2", b"x"), (".wh..wh.aufs", b"")]  # fmt: skip
    plain = tmp_path / "plain"
    plain.mkdir()
    assert shown(layered(tmp_path, BASE, odd)) == shown(open_tar(plain, BASE))


def test_a_mark_in_a_plain_archive_is_a_file(tmp_path: Path) -> None:
    access = open_tar(tmp_path, [*BASE, ("etc/.wh.a", b"")])
    assert {"a", ".wh.a"} < set(access.listdir("/etc"))


def test_three_layers_bring_back_what_the_second_hid(tmp_path: Path) -> None:
    access = layered(tmp_path, BASE, [("etc/.wh.d", b""), ("etc/.wh.a", b"")], [("etc/d/only", b"3"), ("etc/a", b"a3")])
    assert access.listdir("/etc/d") == ["only"]
    assert read(access, "/etc/a") == b"a3"


def test_nothing_is_written_by_a_layer_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("keep")
    layers = [
        [*BASE, ("out", link(str(outside))), ("up", link("../../../../.." + str(outside)))],
        [("out/evil", b"1"), ("out/.wh.keep", b""), ("up/.wh..wh..opq", b""), ("up/evil2", b"2")],
    ]
    access = layered(tmp_path, *layers)
    assert os.listdir(outside) == ["keep"]
    assert read(access, f"{outside}/evil2") == b"2"


# ---------------------------------------------------------------- digests


def test_a_changed_layer_is_named(tmp_path: Path) -> None:
    image = oci_folder(tmp_path / "image", [(None, None, [tar_bytes(BASE)])])
    blobs = sorted((image / "blobs" / "sha256").iterdir(), key=lambda path: path.stat().st_size)
    for blob in blobs:
        data = blob.read_bytes()
        changed = gzip.compress(tar_bytes([*BASE, ("etc/evil", b"")])) if data[:1] == b"\x1f" else data + b" "
        blob.write_bytes(changed)
        assert f"sha256:{blob.name} has another digest" in refusal(image)
        blob.unlink()
        assert f"the blob sha256:{blob.name} is missing" in refusal(image)
        blob.write_bytes(data)
    assert opened(image)


def test_a_changed_layer_of_docker_save_is_named(tmp_path: Path) -> None:
    entries = docker_archive([tar_bytes(BASE)], ["x:1"])
    path = tmp_path / "image.tar"
    path.write_bytes(tar_bytes(entries))
    assert opened(path).name == "x:1"
    for number, word in ((0, entries[0][0].removesuffix(".json")), (1, "another digest")):
        name, data = entries[number]
        changed = data.replace(b"linux", b"Linux") if number == 0 else tar_bytes([*BASE, ("etc/evil", b"")])  # type: ignore[attr-defined]
        path.write_bytes(tar_bytes([*entries[:number], (name, changed), *entries[number + 1 :]]))
        assert word in refusal(path)
        path.write_bytes(tar_bytes([*entries[:number], *entries[number + 1 :]]))
        assert "is missing in it" in refusal(path)


def test_a_digest_is_no_path(tmp_path: Path) -> None:
    image = oci_folder(tmp_path / "image", [(None, None, [tar_bytes(BASE)])])
    index = json.loads((image / "index.json").read_text())
    for digest in ("sha256:../../../etc/passwd", "md5:" + "0" * 32, "sha256:" + "A" * 64, None, 7, ["sha256"]):
        index["manifests"][0]["digest"] = digest
        (image / "index.json").write_text(json.dumps(index))
        assert "is no sha256 or sha512 digest" in refusal(image)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "nothing", '{"manifests": 1}', '{"manifests": [1]}', "[" * 100_000, '{"manifests": []}']
)
def test_a_damaged_index_is_an_error(tmp_path: Path, text: str) -> None:
    image = oci_folder(tmp_path / "image", [(None, None, [tar_bytes(BASE)])])
    (image / "index.json").write_text(text)
    assert "index" in refusal(image) or "no image" in refusal(image)


@pytest.mark.parametrize(
    "text",
    ["[1]", "[{}]", '[{"Config": "../../x", "RepoTags": 5}]', '[{"Config": "manifest.json", "Layers": []}]', "[", "[]"],
)
def test_a_damaged_manifest_of_docker_save_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "image.tar"
    path.write_bytes(tar_bytes([("manifest.json", text.encode())]))
    assert "it" in refusal(path)


def test_an_index_that_names_itself_ends(tmp_path: Path) -> None:
    image = oci_folder(tmp_path / "image", [(None, None, [tar_bytes(BASE)])])
    inner = json.loads((image / "index.json").read_text())
    from archivetest import sha256

    for _ in range(150):
        data = json.dumps(inner).encode()
        (image / "blobs" / "sha256" / sha256(data)).write_bytes(data)
        inner = {
            "manifests": [
                {
                    "mediaType": "application/vnd.oci.image.index.v1+json",
                    "digest": f"sha256:{sha256(data)}",
                    "size": len(data),
                }
            ]
        }
    (image / "index.json").write_text(json.dumps(inner))
    assert "too many others" in refusal(image)


# ---------------------------------------------------------------- which image


HERE = {"os": "linux", "architecture": {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "?")}
OTHER = {"os": "linux", "architecture": "s390x"}


def with_file(name: str) -> list[bytes]:
    return [tar_bytes([*BASE, (f"etc/{name}", b"")])]


def test_this_platform_is_taken_of_several(tmp_path: Path) -> None:
    image = oci_folder(tmp_path / "image", [("t", OTHER, with_file("other")), ("t", HERE, with_file("here"))])
    assert "here" in opened(image).listdir("/etc")
    assert "other" in opened(f"{image}#linux/s390x").listdir("/etc")
    assert "it holds no image" in refusal(f"{image}#linux/mips")


def test_another_platform_is_taken_when_it_is_the_only_one(tmp_path: Path) -> None:
    image = oci_folder(tmp_path / "image", [("t", OTHER, with_file("other"))])
    assert "other" in opened(image).listdir("/etc")
    assert "for linux/s390x" in opened(image).notes[0]


def test_platforms_are_named_when_none_is_ours(tmp_path: Path) -> None:
    windows = {"os": "windows", "architecture": "amd64"}
    image = oci_folder(tmp_path / "image", [("t", OTHER, with_file("other")), ("t", windows, with_file("w"))])
    said = refusal(image)
    assert "linux/s390x" in said
    assert "windows/amd64" in said
    assert "after a #" in said


def test_several_images_ask_for_a_choice(tmp_path: Path) -> None:
    image = oci_folder(tmp_path / "image", [("one", None, with_file("one")), ("two", None, with_file("two"))])
    assert "several images: one, two" in refusal(image)
    assert "FILE#one" in refusal(image)
    assert "two" in opened(f"{image}#two").listdir("/etc")
    assert opened(f"{image}#two").name == "image:two"
    assert open_archive(Path(image), "two") is not None


def test_several_images_of_docker_save_ask_for_a_choice(tmp_path: Path) -> None:
    one = docker_archive(with_file("one"), ["r.example/a/one:1", "one:latest"], "a")
    two = docker_archive(with_file("two"), ["two:2"], "b")
    manifests = json.loads(one.pop()[1]) + json.loads(two.pop()[1])  # type: ignore[arg-type]
    path = tmp_path / "image.tar.gz"
    path.write_bytes(gzip.compress(tar_bytes([*one, *two, ("manifest.json", json.dumps(manifests).encode())])))
    assert "several images: r.example/a/one:1, one:latest, two:2" in refusal(path)
    assert "one" in opened(f"{path}#one:1").listdir("/etc")
    assert opened(f"{path}#one:1").name == "r.example/a/one:1"
    assert "two" in opened(f"{path}#two:2").listdir("/etc")
    assert 'no image "three"' in refusal(f"{path}#three")


def test_a_system_with_such_files_is_a_system(tmp_path: Path) -> None:
    access = open_tar(tmp_path, [*BASE, ("manifest.json", b"[]"), ("index.json", b"{}"), ("oci-layout", b"{}")])
    assert "a tar archive" in access.notes[0]
    top = tmp_path / "top"
    (top / "etc").mkdir(parents=True)
    (top / "manifest.json").write_text("[]")
    assert open_archive(top, None) is None


def test_encrypted_layers_are_said(tmp_path: Path) -> None:
    image = oci_folder(tmp_path / "image", [(None, None, with_file("one"))])
    from archivetest import sha256

    index = json.loads((image / "index.json").read_text())
    blobs = image / "blobs" / "sha256"
    manifest = json.loads((blobs / index["manifests"][0]["digest"].partition(":")[2]).read_text())
    manifest["layers"][0]["mediaType"] += "+encrypted"
    data = json.dumps(manifest).encode()
    (blobs / sha256(data)).write_bytes(data)
    index["manifests"][0].update(digest=f"sha256:{sha256(data)}", size=len(data))
    (image / "index.json").write_text(json.dumps(index))
    assert "encrypted" in refusal(image)
