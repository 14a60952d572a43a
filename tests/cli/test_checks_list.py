"""`checks list --target`: only what can be made on that kind of target."""

from __future__ import annotations

from pathlib import Path

from runprogram import secaudit


def _ids(*arguments: str, state: Path) -> set[str]:
    done = secaudit("checks", "list", "--format", "plain", *arguments, state=state)
    assert done.returncode == 0, done.stderr
    return {line.split("\t")[0] for line in done.stdout.splitlines()}


def test_a_root_shows_less_than_a_running_machine(tmp_path: Path) -> None:
    host, root = _ids("--target", "host", state=tmp_path), _ids("--target", "root", state=tmp_path)
    assert root < host
    assert len(host) >= 300
    assert "ssh-root-login" in root
    assert "network-listeners-known" in host - root  # needs what listens now


def test_a_wrong_kind_of_target_is_told_with_those_that_exist(tmp_path: Path) -> None:
    done = secaudit("checks", "list", "--target", "moon", state=tmp_path)
    assert done.returncode == 2
    assert 'no table looks at a target of kind "moon"' in done.stderr
    assert "domain, host, network, project, root, site" in done.stderr
