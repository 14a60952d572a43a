"""project_secrets: what is a secret, what only looks like one, and that no value ever leaves the search."""

from __future__ import annotations

from pathlib import Path

import pytest
from secretsamples import PASSWORD, TOKEN, TOKENS, noise, openssh, pem

from projecttest import commit, make_project, project_rows, read_project, run_git

Row = dict[str, "str | int | None"]


def rows_in(folder: Path, files: dict[str, str | bytes]) -> list[Row]:
    return project_rows("project_secrets", make_project(folder / "p", files))


def sure(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["confidence"] != "low"]


@pytest.mark.parametrize("rule", TOKENS)
def test_a_makers_token_is_known_by_its_form(tmp_path: Path, rule: str) -> None:
    prefix = "AccountName=a;AccountKey=" if rule == "azure-storage-key" else ""
    rows = rows_in(tmp_path, {"deploy.py": f"x = 1\nrun('{prefix}{TOKENS[rule]}')\n"})
    assert [(row["rule_id"], row["kind"], row["line"]) for row in rows if row["engine"] == "secaudit"] == [
        (rule, "vendor", 2)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "key = 'AKIAIOSFODNN7EXAMPLE'",
        "token = 'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'",
        "sk_live_your_key_goes_here_please",
        "AKIA0000000000000000",
        "an ordinary line about tokens, gh_pages and sk-learn",
        "-----BEGIN RSA PRIVATE KEY-----",
        "sha1-" + noise("integrity", 27) + "=",
    ],
)
def test_what_only_looks_like_a_token_is_none(tmp_path: Path, text: str) -> None:
    assert sure(rows_in(tmp_path, {"deploy.txt": "", "deploy.py": text + "\n"})) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("settings.py", f'DB_PASSWORD = "{PASSWORD}"'),
        ("settings.py", f"    'PASSWORD': '{PASSWORD}',"),
        ("settings.py", f'connect(user="a", password="{PASSWORD}")'),
        ("settings.py", f'def login(password: str = "{PASSWORD}"):'),
        ("settings.py", f'os.environ.setdefault("DB_PASSWORD", "{PASSWORD}")'),
        ("settings.py", f'if password == "{PASSWORD}":'),
        ("settings.py", f'mail.login(user, "{PASSWORD}")'),
        ("app.js", f"const apiToken = '{TOKEN}';"),
        ("app.ts", f"private clientSecret: string = '{TOKEN}';"),
        ("app.js", f"headers: {{ 'Authorization': 'Bearer {TOKEN}' }}"),
        ("Main.java", f'String dbPassword = "{PASSWORD}";'),
        ("Main.java", f'props.setProperty("password", "{PASSWORD}");'),
        ("Main.java", f'source.setPassword("{PASSWORD}");'),
        ("main.go", f'var dbPassword string = "{PASSWORD}"'),
        ("main.go", f'password := "{PASSWORD}"'),
        ("app.rb", f"  :password => '{PASSWORD}',"),
        ("config.php", f"define('DB_PASSWORD', '{PASSWORD}');"),
        ("config.php", f"$db['password'] = '{PASSWORD}';"),
        ("App.cs", f'var cs = "Server=db;User Id=sa;Password={PASSWORD};";'),
        ("config.yml", f"  password: {PASSWORD}"),
        ("config.yml", f"env:\n  - name: DB_PASSWORD\n    value: {PASSWORD}"),
        ("config.json", f'{{"db": {{"password": "{PASSWORD}"}}}}'),
        ("config.ini", f"[db]\npassword = {PASSWORD}"),
        ("config.toml", f'password = "{PASSWORD}"'),
        ("config.xml", f'<add key="DbPassword" value="{PASSWORD}"/>'),
        ("config.xml", f"<dbPassword>{PASSWORD}</dbPassword>"),
        ("run.sh", f"export DB_PASSWORD={PASSWORD}"),
        ("run.sh", f"mytool --password {PASSWORD} --verbose"),
        ("run.sh", f"mysql -u root -p{PASSWORD} shop"),
        ("run.sh", f"curl -u admin:{PASSWORD} https://api.shop.io/"),
        ("run.sh", f"docker run -e DB_PASSWORD={PASSWORD} shop"),
        ("run.sh", f"sshpass -p {PASSWORD} ssh root@db"),
        ("init.sql", f"CREATE USER shop IDENTIFIED BY '{PASSWORD}';"),
        ("app.py", f"connect('postgres://shop:{PASSWORD.replace('!', '')}@db.shop.io/shop')"),
        ("redis.conf", f"requirepass {PASSWORD}\nmaxmemory 1gb\npassword {PASSWORD}"),
        ("weak.php", "$dbpasswd = 'admin123';"),
    ],
)  # fmt: skip
def test_a_value_that_is_written_out_is_found(tmp_path: Path, path: str, text: str) -> None:
    rows = sure(rows_in(tmp_path, {path: f"\n{text}\n"}))
    assert rows, "nothing was found"
    for row in rows:
        assert PASSWORD not in str(row)
        assert TOKEN not in str(row)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("settings.py", 'DB_PASSWORD = os.environ["DB_PASSWORD"]'),
        ("settings.py", "password = config.get('db', 'password')"),
        ("settings.py", 'PASSWORD_FIELD = "user_password"'),
        ("settings.py", 'password_label = "Enter your password"'),
        ("settings.py", 'password = ""'),
        ("settings.py", 'password = "changeme"'),
        ("settings.py", 'password = "<your password>"'),
        ("settings.py", 'password = "${DB_PASSWORD}"'),
        ("settings.py", 'PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]'),
        ("settings.py", 'token_url = "https://login.example.org/oauth2/token"'),
        ("settings.py", 'TOKEN_TYPE = "bearer"'),
        ("settings.py", 'secret_name = "prod/shop/db-credentials-1"'),
        ("settings.py", 'private_key_path = "/etc/ssl/private/shop1.key"'),
        ("settings.py", 'password_algorithm = "pbkdf2-sha256-100000"'),
        ("app.js", "const password = req.body.password;"),
        ("app.js", "password: { type: String, required: true, minlength: 8 },"),
        ("app.js", "const tokenKey = 'auth.access.token';"),
        ("package.json", '{"dependencies": {"pbkdf2-password": "1.2.1", "passport-token": "^2.0.3"}}'),
        ("form.html", '<input type="password" name="password" id="password1" placeholder="Password">'),
        ("config.yml", "  password: ${DB_PASSWORD}"),
        ("config.yml", "  password: {{ vault_db_password }}"),
        ("config.yml", "  password: !vault |"),
        ("config.yml", "  secretName: shop-tls-2024"),
        ("config.ini", "password = "),
        ("run.sh", 'export DB_PASSWORD="$(cat /run/secrets/db)"'),
        ("run.sh", "PASSWORD=$1"),
        ("run.sh", "mkdir -p build1 && cd build1"),
        ("app.py", 'VNC_PASSWORD = ("-rfbauth", "-passwdfile")'),
        ("app.py", "url = 'https://user:password@host/'"),
        ("app.py", "url = f'postgres://{user}:{password}@{host}/db'"),
        ("locale/de/messages.yml", "password: Passwort123"),
        ("x.po", 'msgid "password"\nmsgstr "Kennwort1"'),
        ("yarn.lock", f'password: "{PASSWORD}"'),
    ],
)  # fmt: skip
def test_a_reference_a_label_or_an_example_is_no_secret(tmp_path: Path, path: str, text: str) -> None:
    assert sure(rows_in(tmp_path, {path: f"\n{text}\n"})) == []


FILES: dict[str, tuple[str, str]] = {
    ".env": ("file-dotenv", f"DEBUG=1\nDB_PASSWORD={PASSWORD}\n"),
    ".netrc": ("file-netrc", f"machine a.shop.io login me\n  password {PASSWORD}\n"),
    ".npmrc": ("file-npmrc", f"//registry.shop.io/:_authToken={TOKEN}\n"),
    ".yarnrc.yml": ("file-yarnrc", f'npmAuthToken: "{TOKEN}"\n'),
    ".pypirc": ("file-pypirc", f"[pypi]\nusername = a\npassword = {PASSWORD}\n"),
    ".pgpass": ("file-pgpass", f"db:5432:shop:me:{PASSWORD}\n"),
    ".docker/config.json": ("file-docker", f'{{"auths": {{"r.shop.io": {{"auth": "{TOKEN}"}}}}}}'),
    "wp-config.php": ("file-wordpress", f"<?php\ndefine( 'DB_PASSWORD',    '{PASSWORD}' );\n"),
    ".htpasswd": ("file-htpasswd", "me:$apr1$" + noise("ht", 8) + "$" + noise("ht2", 22) + "\n"),
    "kubeconfig": ("file-kubeconfig", f"users:\n- name: a\n  user:\n    token: {TOKEN}\n"),
    "prod.tfvars": ("file-tfvars", f'region = "eu"\ndb_password = "{PASSWORD}"\n'),
    "terraform.tfstate": ("file-tfstate", f'{{"attributes": {{"password": "{PASSWORD}"}}}}'),
    "sitemanager.xml": ("file-filezilla", f'<Server><Pass encoding="base64">{TOKEN}</Pass></Server>'),
    ".vscode/sftp.json": ("file-upload", f'{{"host": "a", "password": "{PASSWORD}"}}'),
    ".git-credentials": ("file-git-credentials", f"https://me:{TOKEN}@git.shop.io\n"),
    ".my.cnf": ("file-mysql", f"[client]\npassword={PASSWORD}\n"),
    ".s3cfg": ("file-s3", f"secret_key = {TOKEN}\n"),
    "settings.xml": ("file-maven", f"<servers><server><password>{PASSWORD}</password></server></servers>"),
    "gradle.properties": ("file-gradle", f"signing.password={PASSWORD}\n"),
    "application.yml": ("file-spring", f"spring:\n  datasource:\n    password: {PASSWORD}\n"),
    "Web.config": ("file-dotnet", f'<add connectionString="Server=a;User Id=b;Password={PASSWORD};" />'),
    "config/master.key": ("file-rails-key", noise("rails", 32, "0123456789abcdef")),
}


@pytest.mark.parametrize("path", FILES)
def test_a_file_that_holds_logins_is_read_as_its_program_reads_it(tmp_path: Path, path: str) -> None:
    rule, text = FILES[path]
    rows = rows_in(tmp_path, {path: text})
    assert [(row["rule_id"], row["kind"], row["confidence"]) for row in rows] == [(rule, "file", "high")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".env", "DB_PASSWORD=${SECRET}\nAPI_KEY=\nDB_HOST=db1.shop.io\n"),
        (".npmrc", "//registry.shop.io/:_authToken=${NPM_TOKEN}\nemail=a@shop.io\n"),
        ("settings.xml", "<password>${env.PASSWORD}</password>"),
        ("settings.xml", "<password>{COQLCE6DU6GtcS5P=}</password>"),
        (".docker/config.json", '{"credsStore": "secretservice", "auths": {"a": {}}}'),
        ("application.yml", "spring:\n  datasource:\n    password: ${DB_PASSWORD}\n"),
        ("prod.tfvars", 'password_file = "/run/db"\n'),
        (".env.example", "DB_PASSWORD=secret\nAPI_KEY=your-key\nAPP_SECRET=changeme123\n"),
    ],
)
def test_a_file_with_references_only_holds_no_secret(tmp_path: Path, path: str, text: str) -> None:
    assert sure(rows_in(tmp_path, {path: text})) == []


@pytest.mark.parametrize(
    ("text", "rule", "encrypted"),
    [
        (pem(), "private-key-pem", 0),
        (pem("ENCRYPTED "), "private-key-pem", 1),
        (pem("RSA ", "x", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n"), "private-key-pem", 1),
        (openssh(b"none"), "private-key-openssh", 0),
        (openssh(b"aes256-ctr"), "private-key-openssh", 1),
        ('{"private_key": "' + pem("").replace("\n", "\\n") + '"}', "private-key-pem", 0),
        ("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\nPrivate-Lines: 2\n" + noise("p", 64) + "\n" + noise("q", 64) + "\n", "private-key-putty", 0),
    ],
)  # fmt: skip
def test_a_private_key_and_whether_a_passphrase_protects_it(
    tmp_path: Path, text: str, rule: str, encrypted: int
) -> None:
    rows = [row for row in rows_in(tmp_path, {"deploy/id": text}) if row["kind"] == "key"]
    assert [(row["rule_id"], row["encrypted"]) for row in rows] == [(rule, encrypted)]


def test_key_stores_are_known_by_their_first_bytes(tmp_path: Path) -> None:
    body = bytes(range(256)) * 2
    rows = rows_in(
        tmp_path,
        {
            "a.jks": b"\xfe\xed\xfe\xed" + body,
            "b.kdbx": b"\x03\xd9\xa2\x9a" + body,
            "c.p12": b"\x30\x82" + body,
            "d.bin.txt": body,
        },
    )
    assert {row["path"]: row["encrypted"] for row in rows} == {"a.jks": 1, "b.kdbx": 1, "c.p12": 1}


def test_tests_docs_and_examples_are_less_sure(tmp_path: Path) -> None:
    text = f'PASSWORD = "{PASSWORD}"\n'
    rows = rows_in(tmp_path, {"app.py": text, "tests/app.py": text, "docs/app.py": text, "examples/app.py": text})
    assert {row["path"]: row["confidence"] for row in rows} == {
        "app.py": "high", "tests/app.py": "low", "docs/app.py": "low", "examples/app.py": "low",
    }  # fmt: skip
    assert {row["files"] for row in rows} == {4}


def test_a_mark_for_scanners_is_told_and_silences_nothing(tmp_path: Path) -> None:
    rows = rows_in(tmp_path, {
        "a.py": f'PASSWORD = "{PASSWORD}"  # gitleaks:allow\n', "b.py": f'PASSWORD = "{PASSWORD}"  # noqa: S105\n',
        "c.py": f'PASSWORD = "{PASSWORD}"\n', ".gitleaks.toml": "[allowlist]\npaths = ['''.*''']\n",
        ".secrets.baseline": "{}", ".gitleaksignore": "c.py:generic:1\n",
    })  # fmt: skip
    assert {row["path"]: row["suppressed"] for row in rows} == {"a.py": 1, "b.py": 1, "c.py": 0}


def test_one_value_is_one_row_in_a_file_and_known_again_in_another(tmp_path: Path) -> None:
    rows = rows_in(tmp_path, {"a.py": f'PASSWORD = "{PASSWORD}"\n' * 3, "b.py": f'x = 1\nDB_PASSWORD = "{PASSWORD}"\n'})
    assert {row["path"]: (row["occurrences"], row["line"]) for row in rows} == {"a.py": (3, 1), "b.py": (1, 2)}
    assert len({row["fingerprint"] for row in rows}) == 1


def test_tracked_untracked_and_ignored_are_told_apart(tmp_path: Path) -> None:
    project = make_project(
        tmp_path / "p",
        {"a.py": f'PASSWORD = "{PASSWORD}1"\n', ".gitignore": "local.py\n", "local.py": f'PASSWORD = "{PASSWORD}2"\n'},
    )
    (project / "new.py").write_text(f'PASSWORD = "{PASSWORD}3"\n')
    assert {row["path"]: row["tracking"] for row in project_rows("project_secrets", project)} == {
        "a.py": "tracked", "local.py": "ignored", "new.py": "untracked",
    }  # fmt: skip


def test_a_login_in_gits_own_settings_is_found(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    run_git(project, "config", "remote.origin.url", f"https://me:{TOKEN}@git.shop.io/p")
    run_git(project, "config", "http.extraheader", f"Authorization: Basic {noise('b', 40)}")
    rows = project_rows("project_secrets", project)
    assert {(row["path"], row["tracking"], row["variable"]) for row in rows} == {
        (".git/config", "git", "address"), (".git/config", "git", "extraheader"),
    }  # fmt: skip


def test_what_is_not_searched_is_said_by_project_files(tmp_path: Path) -> None:
    text = f'PASSWORD = "{PASSWORD}"\n'
    files: dict[str, str | bytes] = {
        "vendor/a.py": text, "dist/b.py": text, "c.min.js": text, "d.png": text, "big.py": text + "#" * (5 << 20),
    }  # fmt: skip
    project = make_project(tmp_path / "p", files)
    assert project_rows("project_secrets", project) == []
    skipped = {row["path"]: row["skipped"] for row in project_rows("project_files", project)}
    assert skipped == {
        "vendor/a.py": "vendored", "dist/b.py": "built", "c.min.js": "minified", "d.png": "binary", "big.py": "large",
    }  # fmt: skip


def test_hostile_content_gives_rows_and_no_crash(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {
        "a.py": b"\xff\xfe\x00password = '" * 200, "b\x1b[2J\n.py": f'PASSWORD = "{PASSWORD}"\n',
        "c.js": "password='" * 50_000, "d.yml": "password: " + "a" * 2_000_000, "e.txt": "://:@" * 200_000,
        "f.pem": "-----BEGIN RSA PRIVATE KEY-----" * 20_000, "g.env": "=\n" * 100_000, "h.json": '{"password":' * 50_000,
        "i.xml": "<password " * 50_000, "k.py": "eyJ" * 300_000, "l.sh": "curl -u a:" * 50_000,
    })  # fmt: skip
    (project / "link.py").symlink_to("/etc/passwd")
    commit(project, "link")
    data = read_project("project_secrets", project)
    assert (data.status, data.reason) == ("partial", "more secrets than are listed: l.sh")
    assert any("\x1b" in str(row[3]) for row in data.rows)


def test_a_bare_repository_is_searched_at_its_head(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": f'PASSWORD = "{PASSWORD}"\n'})
    run_git(tmp_path, "clone", "-q", "--bare", str(project), "bare.git")
    assert [row["path"] for row in project_rows("project_secrets", tmp_path / "bare.git")] == ["a.py"]


def test_utf_16_is_read(tmp_path: Path) -> None:
    rows = rows_in(tmp_path, {"a.ini": f"password = {PASSWORD}\r\n".encode("utf-16")})
    assert [row["rule_id"] for row in rows] == ["generic-password"]
