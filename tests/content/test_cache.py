"""The cache of parsed content: the same data as parsing, and never a file that another user could have written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from secaudit.content import library, strict_yaml
from secaudit.content.cache import ParseCache, default_path
from secaudit.errors import ContentError

TEXT = "id: one\nmode: 0640\nlist: [1, true, no]\n"


def parsing(counter: list[str]):
    def parse(text: str):
        counter.append(text)
        return strict_yaml.parse(text)

    return parse


def place(tmp_path: Path) -> Path:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    return folder / "content.json"


def keep(path: Path) -> None:
    cache = ParseCache(path, strict_yaml.parse)
    cache.parse(TEXT)
    cache.save()


def test_a_text_is_parsed_once(tmp_path: Path) -> None:
    path, counter = place(tmp_path), []
    for _ in range(3):
        cache = ParseCache(path, parsing(counter))
        assert cache.parse(TEXT) == {"id": "one", "mode": "0640", "list": [1, True, "no"]}
        cache.save()
    assert len(counter) == 1
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_changed_text_is_parsed_again(tmp_path: Path) -> None:
    path, counter = place(tmp_path), []
    keep(path)
    assert ParseCache(path, parsing(counter)).parse(TEXT + "new: 1\n")["new"] == 1  # type: ignore[call-overload,index]
    assert len(counter) == 1


@pytest.mark.parametrize(
    "damage",
    [
        "",
        "{",
        "[]",
        '{"version": 2}\n',
        '{"version": 9, "checked": ""}\n',
        "[" * 100_000,
        "\n\n",
        '{"version": 2, "checked": ""}',
    ],
)
def test_a_damaged_cache_is_left_aside(tmp_path: Path, damage: str) -> None:
    path, counter = place(tmp_path), []
    path.write_text(damage)
    assert ParseCache(path, parsing(counter)).parse(TEXT)
    assert len(counter) == 1


@pytest.mark.parametrize("spoil", ["file", "folder", "link", "owner"])
def test_what_others_could_write_is_not_trusted(tmp_path: Path, spoil: str) -> None:
    path, counter = place(tmp_path), []
    keep(path)
    head, line, _ = path.read_text().split("\n")
    path.write_text(f'{head}\n{line[:64]} {{"id": "poisoned"}}\n')
    assert ParseCache(path, parsing(counter)).parse(TEXT) == {"id": "poisoned"}
    assert counter == []
    if spoil == "file":
        path.chmod(0o666)
    elif spoil == "folder":
        path.parent.chmod(0o777)
    elif spoil == "link":
        path.rename(tmp_path / "elsewhere.json")
        path.symlink_to(tmp_path / "elsewhere.json")
    else:
        if os.geteuid() != 0:
            pytest.skip("giving a file away needs root")
        os.chown(path, 65534, 65534)
    assert ParseCache(path, parsing(counter)).parse(TEXT) != {"id": "poisoned"}
    assert len(counter) == 1


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file" / "content.json")


def test_an_empty_setting_switches_it_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECAUDIT_CACHE", "")
    assert default_path() is None
    monkeypatch.setenv("SECAUDIT_CACHE", str(tmp_path))
    assert default_path() == tmp_path / "content.json"


def test_what_was_found_right_is_known_until_anything_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "checks").mkdir(parents=True)
    (tmp_path / "cache").mkdir(mode=0o700)
    monkeypatch.setenv("SECAUDIT_CACHE", str(tmp_path / "cache"))
    library.load([own])
    judged: list[str] = []
    monkeypatch.setattr(library, "check_rules", lambda check, stem: judged.append(stem))
    again = library.load([own])
    assert judged == [], "nothing is read before somebody asks"
    assert again.checks["ssh-root-login"].value.id == "ssh-root-login"
    assert judged == ["ssh-root-login"]
    (own / "checks" / "new-thing.yaml").write_text("id: new-thing\n")
    with pytest.raises(ContentError, match=r"new-thing\.yaml:1: the key .* is missing"):
        library.load([own])


def test_loading_twice_gives_the_same_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECAUDIT_CACHE", str(tmp_path))
    tmp_path.chmod(0o700)
    first = library.load()
    assert (tmp_path / "content.json").is_file()
    second = library.load()
    assert second.sha256 == first.sha256
    assert {name: entry.value for name, entry in second.checks.items()} == {
        name: entry.value for name, entry in first.checks.items()
    }
