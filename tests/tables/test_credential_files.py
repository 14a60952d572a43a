"""credential_files: which files hold a real, long-lived secret."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from secaudit.tables.host._credentials import KINDS
from tabletest import make_root, open_to_others, read_table, rows, rows_of

FIXTURES = Path("/work/shared/fixtures/desktop/all")
HOME = "/home/ayesha"
CANARY = "Zq7canaryZq7Zq7canaryZq7Zq7canaryZq7Zq7"
AKIA = "AKIA" + "Q" * 16

# path below the home, text, has_secret, secret_kind
CASES = [
    (".aws/credentials", f"[default]\naws_access_key_id = {AKIA}\naws_secret_access_key = {CANARY}\n", "access_key"),
    (
        ".aws/credentials",
        f"[default]\naws_access_key_id=ASIA1\naws_secret_access_key={CANARY}\naws_session_token={CANARY}\n",
        "",
    ),
    (".aws/credentials", "[default]\ncredential_process = /usr/bin/x\n", ""),
    (
        ".aws/credentials",
        "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrEXAMPLEKEY\n",
        "",
    ),
    (".aws/config", f"[profile x]\naws_secret_access_key={CANARY}\n", "access_key"),
    (
        ".config/gcloud/application_default_credentials.json",
        '{"type": "service_account", "private_key": "-----BEGIN PRIVATE KEY-----\\nMII"}',
        "service_account_key",
    ),
    (
        ".config/gcloud/application_default_credentials.json",
        f'{{"type": "authorized_user", "refresh_token": "{CANARY}"}}',
        "refresh_token",
    ),
    (".config/gcloud/application_default_credentials.json", '{"type": "external_account"}', ""),
    (".npmrc", f"//npm.example.org/:_authToken={CANARY}\n", "token"),
    (".npmrc", "//npm.example.org/:_authToken=${NPM_TOKEN}\nregistry=https://r/\n", ""),
    (".npmrc", f"_auth = {CANARY}\n", "token"),
    (".npmrc", f"; //npm.example.org/:_authToken={CANARY}\n", ""),
    (".yarnrc.yml", f'npmScopes:\n  a:\n    npmAuthToken: "{CANARY}"\n', "token"),
    (".pypirc", f"[pypi]\nusername = __token__\npassword = pypi-{CANARY}\n", "token"),
    (".pypirc", "[pypi]\nusername = __token__\n", ""),
    (".config/pip/pip.conf", f"[global]\nindex-url = https://u:{CANARY}@host/simple\n", "password"),
    (".config/pip/pip.conf", "[global]\nindex-url = https://host/simple\n", ""),
    (".docker/config.json", f'{{"auths": {{"https://index.docker.io/v1/": {{"auth": "{CANARY}"}}}}}}', "password"),
    (".docker/config.json", '{"auths": {"ghcr.io": {}}, "credsStore": "secretservice"}', ""),
    (".netrc", f"machine h\n  login a\n  password {CANARY}\n", "password"),
    (".netrc", f"machine h login a password {CANARY}", "password"),
    (".netrc", "machine h login a\n", ""),
    (".netrc", "machine h\nmacdef init\npassword x\n\n", ""),
    (".git-credentials", f"https://a:{CANARY}@github.com\n", "password"),
    (".kube/config", f"users:\n- name: a\n  user:\n    token: {CANARY}\n", "token"),
    (".kube/config", f"users:\n- name: a\n  user:\n    client-key-data: {CANARY}\n", "private_key"),
    (".kube/config", "users:\n- name: a\n  user:\n    exec:\n      command: aws\n", ""),
    (".kube/config", f'{{"users":[{{"name":"a","user":{{"token":"{CANARY}"}}}}]}}', "token"),
    (".config/gh/hosts.yml", f"github.com:\n    oauth_token: gho_{CANARY}\n", "token"),
    (".config/gh/hosts.yml", "github.com:\n    user: ayesha\n    git_protocol: ssh\n", ""),
    (".terraform.d/credentials.tfrc.json", f'{{"credentials":{{"app.terraform.io":{{"token":"{CANARY}"}}}}}}', "token"),
    (".pgpass", f"localhost:5432:shop:app:{CANARY}\n", "password"),
    (".pgpass", "# a:b:c:d:e\n", ""),
    (".my.cnf", f"[client]\nuser=root\npassword={CANARY}\n", "password"),
    (".my.cnf", "[client]\nuser=root\n", ""),
    (".config/composer/auth.json", f'{{"github-oauth": {{"github.com": "ghp_{CANARY}"}}}}', "token"),
    (".cargo/credentials.toml", f'[registry]\ntoken = "{CANARY}"\n', "token"),
    (".gem/credentials", f"---\n:rubygems_api_key: rubygems_{CANARY}\n", "token"),
    (".config/rclone/rclone.conf", f"[s3]\ntype = s3\nsecret_access_key = {CANARY}\n", "token"),
    (".config/rclone/rclone.conf", f"# Encrypted\nRCLONE_ENCRYPT_V0:\n{CANARY}\n", ""),
    (".s3cfg", f"[default]\nsecret_key = {CANARY}\n", "access_key"),
    (".m2/settings.xml", f"<settings><server><password>{CANARY}</password></server></settings>", "password"),
    (".m2/settings.xml", "<settings><server><password>{COQLCE6DU6GtcS5P=}</password></server></settings>", ""),
    (".config/filezilla/sitemanager.xml", f'<S><Pass encoding="base64">{CANARY}</Pass></S>', "password"),
    (".config/filezilla/sitemanager.xml", f'<S><Pass encoding="crypt">{CANARY}</Pass></S>', ""),
    (".vault-token", f"hvs.{CANARY}\n", "token"),
    (".smbcredentials", f"username=a\npassword={CANARY}\n", "password"),
    (".config/doctl/config.yaml", f"access-token: dop_v1_{CANARY}\n", "token"),
]


@pytest.mark.parametrize(("path", "text", "secret_kind"), CASES)
def test_a_secret_is_one_only_when_it_is_real(tmp_path: Path, path: str, text: str, secret_kind: str) -> None:
    root = make_root(tmp_path, {f"{HOME}/{path}": text})
    (row,) = rows("credential_files", root)
    assert row["secret_kind"] == secret_kind
    assert row["has_secret"] == int(secret_kind != "")
    assert CANARY not in repr(row)


@pytest.mark.skipif(not FIXTURES.exists(), reason="the recorded outputs are not here")
def test_the_recorded_aws_files_hold_only_example_words(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            f"{HOME}/.aws/credentials": (FIXTURES / "aws-credentials").read_bytes(),
            f"{HOME}/.aws/config": (FIXTURES / "aws-config").read_bytes(),
        },
    )
    assert [row["has_secret"] for row in rows("credential_files", root)] == [0, 0]


def test_line_of_the_first_secret_is_given(tmp_path: Path) -> None:
    root = make_root(tmp_path, {f"{HOME}/.npmrc": f"save-exact=true\n\n//r/:_authToken={CANARY}\n"})
    assert rows("credential_files", root)[0]["line"] == 3


@pytest.mark.parametrize(
    ("file_mode", "home_mode", "readable"),
    [(0o600, 0o755, 0), (0o644, 0o755, 1), (0o644, 0o700, 0), (0o644, 0o711, 1), (0o004, 0o755, 1)],
)
def test_a_file_is_open_only_when_its_folders_are(
    tmp_path: Path, file_mode: int, home_mode: int, readable: int
) -> None:
    root = make_root(
        tmp_path, {f"{HOME}/.netrc": "machine x\n"}, {f"{HOME}/.netrc": file_mode, HOME: home_mode, "/home": 0o755}
    )
    assert rows("credential_files", root)[0]["others_can_read"] == readable


def test_a_group_counts_only_when_somebody_else_is_in_it(tmp_path: Path) -> None:
    import os

    files = {f"{HOME}/.netrc": "machine x\n", "/etc/group": "ayesha:x:1000:\nteam:x:2000:bilal\n"}
    root = make_root(tmp_path, files, {f"{HOME}/.netrc": 0o640, HOME: 0o755, "/home": 0o755})
    place = root / f"{HOME}/.netrc".lstrip("/")
    os.chown(place, 1000, 1000)
    assert rows("credential_files", root)[0]["others_can_read"] == 0
    os.chown(place, 1000, 2000)
    assert rows("credential_files", root)[0]["others_can_read"] == 1


def test_a_file_of_another_format_is_unknown_and_named(tmp_path: Path) -> None:
    root = make_root(tmp_path, {f"{HOME}/.docker/config.json": "{broken"})
    data = read_table("credential_files", root)
    assert data.status == "partial"
    assert rows_of(data)[0]["has_secret"] is None


def test_deep_json_does_not_end_the_table(tmp_path: Path) -> None:
    root = make_root(
        tmp_path, {f"{HOME}/.docker/config.json": "[" * 200_000, f"{HOME}/.netrc": "machine h password x1y2"}
    )
    data = read_table("credential_files", root)
    assert data.status == "partial"
    assert len(data.rows) == 2


@pytest.mark.parametrize(
    "text", ["token: " * 200_000, 'token="' * 200_000, "{" * 500_000, "\n" * 500_000, "<pass>" * 200_000, ":" * 500_000]
)
def test_hostile_text_costs_little_in_every_format(text: str) -> None:
    started = time.monotonic()
    for read in {id(kind.read): kind.read for kind in KINDS}.values():
        try:
            read(text)
        except (ValueError, RecursionError):
            continue
    assert time.monotonic() - started < 20


def test_homes_that_cannot_be_entered_make_it_partial(as_nobody, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    root = make_root(tmp_path, {f"{HOME}/.netrc": "machine h password x1y2\n"}, {HOME: 0o700})
    open_to_others(tmp_path)
    data = as_nobody(lambda: read_table("credential_files", root))
    assert (data.status, data.needs) == ("partial", "root")
    assert data.rows == ()


def test_history_files_tell_program_and_mode(tmp_path: Path) -> None:
    root = make_root(
        tmp_path, {f"{HOME}/.bash_history": "ls\n"}, {f"{HOME}/.bash_history": 0o644, HOME: 0o755, "/home": 0o755}
    )
    (row,) = rows("history_files", root)
    assert (row["program"], row["mode_octal"], row["others_can_read"]) == ("bash", "0644", 1)
