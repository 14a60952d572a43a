"""No value of a secret leaves the search: forty are planted, and every output is looked through."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from secretsamples import TOKENS, noise, pem

from projecttest import commit, make_project
from runprogram import secaudit

PASSWORDS = {f"p{number}": "Qz" + noise(f"canary{number}", 12) + "9!" for number in range(20)}


def planted(folder: Path) -> Path:
    """A project with all layers: makers' tokens, names with values, addresses, login files, keys, and a history."""
    words = iter(PASSWORDS.values())
    tokens = [f"call('{'AccountKey=' if token.endswith('==') else ''}{token}')" for token in TOKENS.values()]
    files = {
        "app/tokens.py": "\n".join(tokens[:17]),
        "tests/test_tokens.py": "\n".join(tokens[17:]),
        "app/settings.py": f"DB_PASSWORD = '{next(words)}'\nSECRET_KEY = '{next(words)}'\n",
        "app/db.js": f"const dbPassword = '{next(words)}'; open('mysql://me:{next(words)}@db.shop.io/x')\n",
        "config.yml": f"password: {next(words)}\nclient_secret: {next(words)}\n",
        "run.sh": f"curl -u me:{next(words)} https://api.shop.io\nexport API_TOKEN={next(words)}\n",
        "docs/guide.md": f"password: {next(words)}\n",
        ".env": f"DB_PASSWORD={next(words)}\n",
        ".env.example": f"DB_PASSWORD={next(words)}\n",
        ".npmrc": f"//registry.shop.io/:_authToken={next(words)}\n",
        ".netrc": f"machine a login b password {next(words)}\n",
        "web.config": f'<add connectionString="Server=a;Password={next(words)};" />',
        "prod.tfvars": f'db_password = "{next(words)}"\n',
        ".pgpass": f"a:1:b:c:{next(words)}\n",
        "keys/server.pem": pem(seed="canary"),
        ".vault-token": noise("vault", 26),
        "allowed.py": f"PASSWORD = '{next(words)}'  # gitleaks:allow\n",
        "old.py": f"PASSWORD = '{next(words)}'\n",
    }  # fmt: skip
    project = make_project(folder, files)
    (project / "old.py").write_text(f"password = input()\n# '{next(words)}'\n")
    commit(project, "cleaned")
    (project / "old.py").write_text("password = input()\n")
    commit(project, "cleaned again")
    return project


def canaries() -> list[str]:
    body = pem(seed="canary").splitlines()[1:-1]
    return [*TOKENS.values(), *PASSWORDS.values(), *body, noise("vault", 26)]


def test_forty_planted_secrets_are_in_no_output(tmp_path: Path) -> None:
    project, state = planted(tmp_path / "p"), tmp_path / "state"
    assert len(canaries()) >= 40
    seen: dict[str, str] = {}
    files = [tmp_path / f"report.{ending}" for ending in ("html", "md", "json", "txt", "jsonl")]
    outputs = [word for path in files for word in ("-o", str(path))]
    for form in ("text", "plain", "json", "md"):
        done = secaudit("audit", "--project", str(project), "--all", "--format", form, *outputs, state=state)
        assert done.returncode == 1, done.stderr
        seen[form] = done.stdout + done.stderr
    seen.update({path.name: path.read_text(encoding="utf-8") for path in files})
    asked = secaudit(
        "query", "--project", str(project), "SELECT * FROM project_secrets", "--format", "json", state=state
    )
    found = {row["rule_id"] for row in json.loads(asked.stdout)}
    assert {*TOKENS, "generic-password", "url-password", "file-npmrc", "private-key-pem"} <= found
    seen["query"] = asked.stdout
    assert "secrets-no-vendor-tokens" in seen["json"]
    for path in state.rglob("*"):
        if path.is_file():
            seen[path.name] = path.read_text(encoding="utf-8", errors="replace")
    assert any("project_secrets" in text for name, text in seen.items() if name == "snapshot.jsonl")
    for name, text in seen.items():
        for canary in canaries():
            assert canary not in text, f"{name} holds a planted secret"
            assert canary[4:-4] not in text, f"{name} holds a part of a planted secret"
            assert hashlib.sha256(canary.encode()).hexdigest() not in text, f"{name} holds the bare digest of a secret"
            assert hashlib.sha256(f"{canary}\n".encode()).hexdigest() not in text


def test_marks_stay_the_same_for_one_user_and_differ_between_users(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": f"PASSWORD = '{PASSWORDS['p0']}'\n"})

    def mark(state: Path) -> str:
        done = secaudit(
            "query",
            "--project",
            str(project),
            "SELECT fingerprint FROM project_secrets",
            "--format",
            "json",
            state=state,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first = mark(tmp_path / "one")
    assert mark(tmp_path / "one") == first
    assert mark(tmp_path / "two") != first
    key = tmp_path / "one" / "keys" / "fingerprint.key"
    assert (key.stat().st_mode & 0o777, len(key.read_bytes())) == (0o600, 32)


@pytest.mark.parametrize("damage", ["mode", "short", "link"])
def test_a_key_that_others_may_know_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    from secaudit.history.fingerprints import key_path, load_key

    monkeypatch.setenv("SECAUDIT_STATE", str(tmp_path / "state"))
    assert load_key() == load_key()
    if damage == "mode":
        key_path().chmod(0o644)
    elif damage == "short":
        key_path().write_bytes(b"abc")
    else:
        key_path().rename(tmp_path / "elsewhere")
        key_path().symlink_to(tmp_path / "elsewhere")
    assert load_key() is None
