"""shell_history_secrets: secrets in history files, never their values."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from secaudit.tables.host._secrets import find_secrets, has_url_secret, hide_in_url
from tabletest import make_root, open_to_others, read_table, rows, rows_of

FIXTURES = Path("/work/shared/fixtures/desktop/all")
HISTORY = "/home/ayesha/.bash_history"
CANARY = "Zq7canaryZq7"
AWS = "AKIA" + "Q" * 16
GITHUB = "ghp_" + "a1B2" * 9

SECRET_LINES = {
    f"export AWS_ACCESS_KEY_ID={AWS}": "aws_access_key",
    f"git clone https://{GITHUB}@github.com/a/b": "github_token",
    f"mysql -u root -p{CANARY} shop": "mysql_password",
    f"/usr/bin/mysqldump --single-transaction -p'{CANARY}' shop > x": "mysql_password",
    f"sshpass -p {CANARY} ssh host": "sshpass_password",
    f"curl -s -u ayesha:{CANARY} https://api": "http_password",
    f"curl -H 'Authorization: Bearer {CANARY}' https://api": "http_header",
    f"git clone https://ayesha:{CANARY}@example.net/a.git": "url_password",
    f"psql postgres://app:{CANARY}@db/shop": "url_password",
    f"docker login -u me -p {CANARY}": "docker_password",
    f"redis-cli -h x -a {CANARY} ping": "redis_password",
    f"echo {CANARY} | sudo -S apt update": "sudo_password",
    f"echo 'ayesha:{CANARY}' | sudo chpasswd": "account_password",
    f"openssl enc -aes-256-cbc -pass pass:{CANARY}": "openssl_password",
    f"CREATE USER 'a'@'%' IDENTIFIED BY '{CANARY}';": "sql_password",
    f"ALTER ROLE app WITH PASSWORD '{CANARY}';": "sql_password",
    f"az login --service-principal --password {CANARY}": "option_password",
    f"npm publish --otp 1 --token={CANARY}": "option_password",
    f"export STRIPE_API_KEY={CANARY}": "variable_password",
    f"PGPASSWORD={CANARY} psql": "variable_password",
    f'api_key = "{CANARY}"': "variable_password",
}
HARMLESS_LINES = (
    "mysql -u root -p shop",
    'mysql -u root -p"$PASS"',
    "mysql -P 3306 -h db",
    "curl -u ayesha https://api",
    'curl -H "Authorization: Bearer $TOKEN" https://api',
    "git clone https://github.com/a/b.git",
    "git clone git@github.com:a/b.git",
    "git clone ssh://git@host:2222/a.git",
    "docker login --password-stdin",
    "docker build --secret id=npm,src=.npmrc .",
    "export TOKEN_FILE=/run/secrets/t",
    "TOKEN=$(pass show x) ./deploy",
    "API_KEY=`cat key` run",
    "export GITHUB_TOKEN=<your token>",
    "export PASSWORD=changeme",
    "password = getpass.getpass()",
    "token = get_token()",
    "password = user.password",
    "if password == 'x':",
    "passwd ayesha",
    "ssh-keygen -p -f key",
    "sudo -S true",
    "echo hello | sudo tee /etc/x",
    "pass insert web/x",
    "kubectl get secret db",
    "python -m pytest -p no:cacheprovider",
    "git commit -m 'rotate tokens'",
)


@pytest.mark.parametrize(("line", "kind"), SECRET_LINES.items())
def test_a_typed_secret_is_found_and_never_shown(line: str, kind: str) -> None:
    found = list(find_secrets(line))
    assert [finding.kind for finding in found] == [kind]
    assert CANARY not in found[0].masked
    assert "Q" * 4 not in found[0].masked


@pytest.mark.parametrize("line", HARMLESS_LINES)
def test_variables_examples_and_questions_are_no_secrets(line: str) -> None:
    assert list(find_secrets(line)) == []


def test_each_history_format_gives_its_line_number(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            HISTORY: f"#1380630977\nls\nPGPASSWORD={CANARY} psql\n",
            "/home/ayesha/.zsh_history": f": 1457771210:0;cd x\n: 1457771212:0;sshpass -p {CANARY} ssh h\n",
            "/home/ayesha/.local/share/fish/fish_history": f"- cmd: ls\n  when: 1\n- cmd: redis-cli -a {CANARY}\n",
            "/home/ayesha/.mysql_history": f"_HiStOrY_V2_\nset\\040password\\040=\\040'{CANARY}';\n",
            "/home/ayesha/.python_history": f"import x\npassword = '{CANARY}'\n",
        },
    )
    found = {(row["program"], row["line"]): row["kind"] for row in rows("shell_history_secrets", root)}
    assert found == {
        ("bash", 3): "variable_password",
        ("zsh", 2): "sshpass_password",
        ("fish", 3): "redis_password",
        ("mysql", 2): "sql_password",
        ("python", 2): "variable_password",
    }


@pytest.mark.skipif(not FIXTURES.exists(), reason="the recorded outputs are not here")
def test_recorded_histories_hold_no_secret(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            HISTORY: (FIXTURES / "bash_history").read_bytes(),
            "/home/ayesha/.zsh_history": (FIXTURES / "zsh_extended_history.txt").read_bytes(),
            "/home/ayesha/.local/share/fish/fish_history": (FIXTURES / "fish_history").read_bytes(),
        },
    )
    assert rows("shell_history_secrets", root) == []


def test_no_value_reaches_a_row_whatever_the_line(tmp_path: Path) -> None:
    root = make_root(tmp_path, {HISTORY: "\n".join(SECRET_LINES) + "\n"})
    data = read_table("shell_history_secrets", root)
    assert len(data.rows) == len(SECRET_LINES)
    assert CANARY not in repr(data)
    assert GITHUB[4:] not in repr(data)


def test_a_hostile_history_costs_little(tmp_path: Path) -> None:
    line = "mysql -p " * 100_000 + "curl -u a" + ":" * 100_000 + "password" * 50_000 + "://" * 50_000 + "\x00\xff"
    root = make_root(tmp_path, {HISTORY: line.encode("latin-1")})
    started = time.monotonic()
    assert read_table("shell_history_secrets", root).status in ("ok", "partial")
    assert time.monotonic() - started < 10


def test_a_history_that_is_a_fifo_is_named(tmp_path: Path) -> None:
    import os

    root = make_root(tmp_path, {})
    (root / "home/ayesha").mkdir(parents=True)
    os.mkfifo(root / "home/ayesha/.bash_history")
    assert rows_of(read_table("shell_history_secrets", root)) == []


def test_closed_homes_make_it_partial(as_nobody, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    root = make_root(tmp_path, {HISTORY: "ls\n"}, {"/home/ayesha": 0o700})
    open_to_others(tmp_path)
    data = as_nobody(lambda: read_table("shell_history_secrets", root))
    assert (data.status, data.needs) == ("partial", "root")


def test_addresses_are_shown_without_their_login() -> None:
    assert hide_in_url(f"https://a:{CANARY}@h/x") == "https://****@h/x"
    assert hide_in_url("ssh://git@h/x") == "ssh://git@h/x"
    assert has_url_secret(f"https://{GITHUB}@github.com/")
    assert has_url_secret("https://" + "0a1b" * 10 + "@github.com/")
    assert not has_url_secret("https://ayesha@github.com/")
