"""The cache of compiled templates: the same report, and never code that another user could have written."""

from __future__ import annotations

from pathlib import Path

import pytest

from secaudit.reporting import environment as environment_module
from secaudit.reporting.compiled import KeptTemplates, is_ours_alone

FILE = "report-html.bin"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setenv("SECAUDIT_CACHE", str(folder))
    return folder


def source(name: str = "report.html.j2") -> object:
    made = environment_module.environment("html", lines=str, badge=str, sign=str)
    return made.get_template(name).root_render_func.__code__


def compiled_anew(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which templates are compiled from now on."""
    seen: list[str] = []
    real = environment_module.Environment.compile

    def compile_and_tell(self, text, name=None, *rest, **options):  # type: ignore[no-untyped-def]
        seen.append(str(name))
        return real(self, text, name, *rest, **options)

    monkeypatch.setattr(environment_module.Environment, "compile", compile_and_tell)
    return seen


def test_a_template_is_compiled_once(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, seen = source(), compiled_anew(monkeypatch)
    assert source() == first
    assert not seen
    assert (cache / FILE).stat().st_mode & 0o777 == 0o600
    assert cache.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", [b"", b"\0" * 31, b"\0" * 500])
def test_a_damaged_file_is_left_aside_and_written_anew(
    cache: Path, monkeypatch: pytest.MonkeyPatch, damage: bytes
) -> None:
    source()
    whole = (cache / FILE).read_bytes()
    (cache / FILE).write_bytes(damage or whole[:-1])
    seen = compiled_anew(monkeypatch)
    source()
    assert seen
    assert (cache / FILE).read_bytes() == whole


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_code_from_a_folder_that_others_can_write_is_never_used(
    cache: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    source()
    cache.chmod(mode)
    seen = compiled_anew(monkeypatch)
    source()
    assert seen


def test_every_folder_above_counts_and_a_link_is_none_of_ours(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True, mode=0o755)
    path = inner / "file"
    path.write_text("x")
    assert is_ours_alone(path)
    (tmp_path / "a").chmod(0o777)
    assert not is_ours_alone(path)
    (tmp_path / "a").chmod(0o1777)  # as /tmp: nobody else can move our folder there
    assert is_ours_alone(path)
    (inner / "link").symlink_to(path)
    assert not is_ours_alone(inner / "link")


def test_other_settings_of_the_environment_mean_other_code(cache: Path) -> None:
    source()
    assert KeptTemplates("html", "other")._known == {}


def test_without_a_cache_folder_templates_are_compiled_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECAUDIT_CACHE", "")
    seen = compiled_anew(monkeypatch)
    source()
    source()
    assert seen == ["report.html.j2"] * 2
