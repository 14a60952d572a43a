"""pam_stack and the walk through a stack, the way libpam reads and runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from secaudit.tables.host._pam import FAILS, SUCCEEDS, Rule, walk
from tabletest import make_root, read_table, rows, rows_of

MODULE = {"/lib/x86_64-linux-gnu/security/pam_unix.so": "", "/lib/x86_64-linux-gnu/security/pam_permit.so": ""}


def _stack(root: Path, service: str, phase: str | None = None) -> list[tuple[object, ...]]:
    return [
        (row["phase"], row["control"], row["module"], row["args"], row["path"], row["line"])
        for row in rows("pam_stack", root)
        if row["service"] == service and phase in (None, row["phase"])
    ]


def test_includes_bring_the_lines_of_their_phase_only(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            **MODULE,
            "/etc/pam.d/sshd": "# c\n@include common-auth\naccount include both # x\n"
            "-Session\tOptional\tpam_x.so a\\\n b\n",
            "/etc/pam.d/common-auth": "auth\t[success=1 default=ignore]\tpam_unix.so nullok\n"
            "auth requisite pam_deny.so\n",
            "/etc/pam.d/both": "auth required pam_no.so\naccount substack deep\n",
            "/etc/pam.d/deep": "account required /lib/x/pam_permit.so [a b] c=d\n",
        },
    )
    assert _stack(root, "sshd") == [
        ("auth", "[success=1 default=ignore]", "pam_unix.so", "nullok", "/etc/pam.d/common-auth", 1),
        ("auth", "requisite", "pam_deny.so", "", "/etc/pam.d/common-auth", 2),
        ("account", "required", "pam_permit.so", "a b c=d", "/etc/pam.d/deep", 1),
        ("session", "optional", "pam_x.so", "a b", "/etc/pam.d/sshd", 4),
    ]


def test_whether_the_module_is_installed_is_told(tmp_path: Path) -> None:
    text = "auth required pam_unix.so\nauth required pam_gone.so\nauth required /lib/none/pam_unix.so\n"
    root = make_root(tmp_path, {**MODULE, "/etc/pam.d/x": text})
    assert [row["is_installed"] for row in rows("pam_stack", root)] == [1, 0, 0]
    bare = make_root(tmp_path / "bare", {"/etc/pam.d/x": text})
    assert [row["is_installed"] for row in rows("pam_stack", bare)] == [None, None, 0]


def test_etc_goes_before_the_vendor_folder_and_leftovers_are_no_services(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/pam.d/a": "auth required pam_etc.so\n",
            "/usr/lib/pam.d/a": "auth required pam_usr.so\n",
            "/usr/lib/pam.d/b": "auth include a\n",
            "/etc/pam.d/a.dpkg-old": "auth required pam_old.so\n",
            "/etc/pam.d/a~": "auth required pam_old.so\n",
        },
    )
    assert [(row["service"], row["module"]) for row in rows("pam_stack", root)] == [
        ("a", "pam_etc.so"),
        ("b", "pam_etc.so"),
    ]


def test_pam_conf_is_read_only_without_a_folder(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/etc/pam.conf": "Login auth required pam_unix.so\nother auth required pam_deny.so\n"
    }
    found = [(row["service"], row["module"], row["line"]) for row in rows("pam_stack", make_root(tmp_path, files))]
    assert found == [("login", "pam_unix.so", 1), ("other", "pam_deny.so", 2)]
    files["/etc/pam.d/x"] = "auth required pam_permit.so\n"
    assert [row["service"] for row in rows("pam_stack", make_root(tmp_path, files))] == ["x"]


def test_a_failed_include_is_a_line_without_module(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/pam.d/x": "auth include gone\n@include gone2\nauth required\nrubbish\n"})
    assert [(r[1], r[2], r[3]) for r in _stack(root, "x")] == [
        ("include", "", "gone"),
        ("@include", "", "gone2"),
        ("required", "", ""),
        ("required", "", "rubbish"),
    ]


def test_endless_includes_end_and_say_so(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/pam.d/x": "@include x\n@include x\nauth include x\nauth substack x\n" * 9})
    data = read_table("pam_stack", root)
    assert data.status == "partial"
    assert len(data.rows) <= 2_100


def test_without_pam_the_table_is_absent(tmp_path: Path) -> None:
    assert read_table("pam_stack", make_root(tmp_path, {})).status == "absent"


def test_a_file_that_is_no_file_makes_the_table_partial(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/pam.d/x": "auth required pam_unix.so\n", "/etc/pam.d/dir/y": ""})
    data = read_table("pam_stack", root)
    assert (data.status, [row["service"] for row in rows_of(data)]) == ("partial", ["x"])


def test_any_bytes_are_read(tmp_path: Path) -> None:
    noise = bytes(range(256)) * 40 + b"[" * 50_000 + b"\n" + b"auth [" + b"a=" * 20_000 + b"] x\n" + b"\\\n" * 9_999
    read_table("pam_stack", make_root(tmp_path, {"/etc/pam.d/x": noise}))


def _rule(control: str, module: str, substack: tuple[int, ...] = ()) -> Rule:
    return Rule("x", "auth", control, module, (), "/x", 1, substack)


@pytest.mark.parametrize(
    ("controls", "outcomes", "visited", "succeeds"),
    [
        (["required", "required"], "fs", {0, 1}, False),
        (["requisite", "required"], "fs", {0}, False),
        (["sufficient", "required"], "sf", {0}, True),
        (["sufficient", "required"], "fs", {0, 1}, True),
        (["required", "sufficient", "required"], "fss", {0, 1, 2}, False),
        (["[success=1 default=ignore]", "requisite", "required"], "sfs", {0, 2}, True),
        (["[success=1 default=ignore]", "requisite", "required"], "ffs", {0, 1}, False),
        (["[default=die]", "required"], "fs", {0}, False),
        (["[success=ok]", "required"], "fs", {0, 1}, False),
        (["optional"], "f", {0}, False),
        (["optional", "required"], "fs", {0, 1}, True),
    ],
)
def test_walk_follows_the_controls(controls: list[str], outcomes: str, visited: set[int], succeeds: bool) -> None:
    rules = [_rule(control, f"pam_{i}.so") for i, control in enumerate(controls)]
    result = walk(rules, lambda rule: SUCCEEDS if outcomes[int(rule.name[4:])] == "s" else FAILS)
    assert (result.visited, result.succeeds) == (visited, succeeds)


def test_a_substack_that_ends_early_does_not_end_the_stack() -> None:
    rules = [_rule("sufficient", "a.so", (1,)), _rule("required", "b.so", (1,)), _rule("required", "c.so")]
    assert walk(rules, lambda rule: SUCCEEDS).visited == {0, 2}
