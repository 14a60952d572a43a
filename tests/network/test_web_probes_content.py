"""The probes are sound content: their examples tell hits from misses, each group has its check, the reader is strict."""

from __future__ import annotations

from pathlib import Path

import pytest

from secaudit.content import library, probes
from secaudit.content.probes import Named, Probe, ProbeGroup, probe_groups, read_group, signature_kinds, signatures
from secaudit.errors import ContentError
from secaudit.tables.network._signatures import View, fits_one, version_after
from secaudit.tables.network._software import compare, software

PROBES = [(group, probe) for group in probe_groups() for probe in group.probes]
SIGNATURES = [(kind, item) for kind in signature_kinds() for item in signatures(kind)]


def bytes_of(text: str) -> bytes:
    """Characters stand for bytes, where they can."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode()


def is_hit(probe: Probe, text: str, headers: tuple[str, ...] = ()) -> bool:
    lines = [tuple(line.split(": ", 1)) for line in headers]
    view = View(bytes_of(text), lines)  # type: ignore[arg-type]
    return bool(fits_one(probe.matches, view)) and not fits_one(probe.unless, view)


@pytest.mark.parametrize(("group", "probe"), PROBES, ids=lambda one: getattr(one, "id", ""))
def test_the_examples_of_each_probe_are_told_apart(group: ProbeGroup, probe: Probe) -> None:
    assert [text for text in probe.hit if not is_hit(probe, text, probe.headers)] == []
    assert [text for text in probe.miss if is_hit(probe, text)] == []


@pytest.mark.parametrize(("kind", "item"), SIGNATURES, ids=lambda one: getattr(one, "name", ""))
def test_the_examples_of_each_signature_are_told_apart(kind: str, item: Named) -> None:
    def shows(text: str) -> bool:
        view = View(bytes_of(text))
        if not fits_one(item.matches, view):
            return False
        return kind != "product-version" or any(version_after(one.any, view) for one in item.matches)

    assert [text for text in item.hit if not shows(text)] == []
    assert [text for text in item.miss if shows(text)] == []


COMMON = {
    "an empty file": "",
    "a page": "<!DOCTYPE html><html><head><title>Orchard</title></head><body><p>Apples</p></body></html>",
    "a page that names everything": "<!DOCTYPE html><html><title>Security news</title><p>About phpMyAdmin, Adminer, "
    "Swagger UI, DB_PASSWORD=x, ref: refs/heads/main, -----BEGIN PRIVATE KEY-----, AWS_SECRET_ACCESS_KEY=x, phpinfo(), "
    "WordPress installation, [core] repositoryformatversion, goroutine, Redis Commander, Traceback</p></html>",
    "an error in JSON": '{"status": 404, "error": "Not Found", "message": "no such path", "path": "/x", "name": "api"}',
    "a health answer": '{"status": "UP", "version": "1.2.3"}',
    "a word": "OK",
    "robots": "User-agent: *\nDisallow: /admin\n",
    "a picture": "\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "a list in JSON": '[{"error": 1}]',
}


@pytest.mark.parametrize("name", COMMON)
def test_what_sites_usually_answer_is_no_hit(name: str) -> None:
    assert [probe.id for _, probe in PROBES if is_hit(probe, COMMON[name])] == []
    found = [item.name for kind, item in SIGNATURES if fits_one(item.matches, View(bytes_of(COMMON[name])))]
    assert found == []


def test_each_group_is_judged_by_its_check_with_its_severity() -> None:
    checks = library.load().checks
    for group in probe_groups():
        check = checks[group.check].value
        assert check.severity == group.severity, group.group
        assert f"'{group.group}'" in str(check.sql), f"{group.check} does not ask for {group.group}"
        assert f"CWE-{group.cwe}" in check.references, group.check


def test_the_requests_fit_into_the_budget() -> None:
    paths = [path for _, probe in PROBES for path in probe.paths if path != "/" and not probe.only_for]
    assert len(paths) == len(set(paths)), "one path is asked for by one probe"
    assert len(paths) <= 90


GOOD = """group: trees
severity: low
cwe: 538
check: web-no-trees
probes:
  - id: tree
    what: a tree
    paths: [/tree]
    matches: [{all: [apple]}]
    hit: [an apple]
    miss: [a pear]
"""


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "trees.yaml"
    path.write_text(GOOD, encoding="utf-8")
    assert read_group(path).probes[0].paths == ("/tree",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("paths: [/tree]", "paths: [tree]", "is no path"),
        ("paths: [/tree]", 'paths: ["/a b"]', "is no path"),
        ("what: a tree", "what: a tree\n    method: DELETE", "must change nothing"),
        (
            "what: a tree",
            'what: a tree\n    method: POST\n    body: \'{"query":"mutation{x}"}\'',
            "must change nothing",
        ),
        ("what: a tree", "what: a tree\n    colour: red", "colour"),
        ("matches: [{all: [apple]}]", "matches: [{none: [apple]}]", "must name something"),
        ("hit: [an apple]", "hit: []", "hit is empty"),
        ("group: trees", "group: bushes", "is not the file name"),
        ("matches: [{all: [apple]}]", "matches: [{form: shrub}]", "shrub"),
        ("group: trees", "group: [", "not valid YAML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "trees.yaml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError, match=r"trees\.yaml:\d+: ") as caught:
        read_group(path)
    assert said in str(caught.value)


def test_versions_find_their_end_of_support() -> None:
    products = {product.name: product for product in probes.software().products}
    for product in products.values():
        firsts = [cycle.from_version for cycle in product.cycles]
        for older, newer in zip(firsts, firsts[1:], strict=False):
            assert compare(older, newer) < 0, product.name
        assert all(not cycle.packaged_until or cycle.packaged_by for cycle in product.cycles), product.name
    old = software(products["php"], "5.6.40", "x")
    assert (old.has_end, old.ends_s) == (1, 1546300799)
    kept = software(products["php"], "8.1.2-1ubuntu2", "x")
    assert (kept.packaged_by, kept.has_end) == ("Ubuntu 22.04", 1)
    assert kept.packaged_s is not None
    assert kept.ends_s is not None
    assert kept.packaged_s > kept.ends_s
    assert software(products["php"], "8.5.0", "x").has_end == 0
    assert software(products["openssl"], "1.1.1w", "x").packaged_by == "AlmaLinux 8"


@pytest.mark.parametrize(
    ("one", "other", "order"),
    [("8.2", "8.10", -1), ("8.2.1", "8.2", 1), ("1.1.1w", "1.1.1", 0), ("4", "4.0.0", 0), ("x", "0", 0)],
)
def test_versions_are_compared_by_their_numbers(one: str, other: str, order: int) -> None:
    assert compare(one, other) == order


def test_looking_for_signatures_takes_time_in_proportion() -> None:
    import time

    def seconds(body: bytes) -> float:
        begun = time.process_time()
        view = View(body)
        for _, probe in PROBES:
            fits_one(probe.matches, view)
        return time.process_time() - begun

    for piece in (b"<!--", b"<", b"\n", b"[core]\n", b'{"a":', b"A=", b" "):
        small, large = piece * (32 * 1024 // len(piece)), piece * (256 * 1024 // len(piece))
        assert seconds(large) < 2.0 + 40 * seconds(small), piece
