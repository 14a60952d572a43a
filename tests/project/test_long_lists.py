"""The bad item stands at the end of a long list: it is judged, or the table says that it did not see all."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from test_config_pairs import verdicts

from projecttest import make_project, project_rows, read_project
from tabletest import rows_of


def quoted(words: list[str]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


ACTIONS = [f"s3:Get{number}" for number in range(300)]
LONG = "s3:" + "A" * 200 + ":*"
PORTS = [str(number) for number in range(8000, 8400)]
STATEMENT = """
resource "aws_iam_policy" "NAME" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = ACTIONS, Resource = RESOURCES }] })
}
"""


def terraform(actions: list[str], resources: list[str], name: str = "a") -> str:
    return STATEMENT.replace("NAME", name).replace("ACTIONS", quoted(actions)).replace("RESOURCES", quoted(resources))


def test_checks_fail_for_the_last_item_of_a_long_list(tmp_path: Path) -> None:
    names = [f"arn:aws:s3:::shop{number}" for number in range(300)]
    ranges = [f"10.0.{number}.0/24" for number in range(250)]
    role = {"groups": '""', "verbs": ", ".join([*(f"verb{number}" for number in range(200)), "escalate"])}
    project = make_project(tmp_path / "p", {
        "star.tf": terraform([*ACTIONS, "*"], [*names, "*"]),
        "wide.tf": terraform([*ACTIONS, *(f"s3:Put{number}*" for number in range(90)), "iam:*"], ["*"], "b"),
        "open.tf": f'resource "google_compute_firewall" "c" {{\n  source_ranges = {quoted([*ranges, "0.0.0.0/0"])}\n'
                   f'  allow {{\n    protocol = "tcp"\n    ports = {quoted([*PORTS, "22"])}\n  }}\n}}\n',
        "map.tf": 'resource "aws_lambda_function" "d" {\n  settings = {\n'
                  + "".join(f'    name{number} = "x"\n' for number in range(400))
                  + '    inner = { a = { b = { c = { d = { db_password = "kR7vQ2mZ9xT4" } } } } }\n  }\n}\n',
        "rbac.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: web}\nrules:\n"
                     "  - {apiGroups: [GROUPS], resources: [roles], verbs: [VERBS]}\n"
                     .replace("GROUPS", role["groups"]).replace("VERBS", role["verbs"]),
    })  # fmt: skip
    wide = next(row for row in project_rows("tf_policies", project) if row["path"] == "wide.tf")
    assert " iam:* " in str(wide["actions"])
    found = verdicts(project, tmp_path / "state", ("tf-", "k8s-rbac-"))
    for check in (
        "tf-no-star-policies", "tf-no-wide-policies", "tf-no-admin-ports-open", "tf-no-literal-secrets",
        "k8s-rbac-no-takeover",
    ):  # fmt: skip
        assert found[check] == "fail", check


def test_the_row_shows_what_is_judged_and_says_what_it_leaves_out(tmp_path: Path) -> None:
    (row,) = project_rows("tf_policies", make_project(tmp_path / "p", {"a.tf": terraform([*ACTIONS, LONG], ["x"])}))
    words = str(row["actions"]).split()
    assert words[0].endswith(":*")
    assert len(words[0]) < 100
    assert str(row["actions"]).endswith("(and 261 more) ")


def test_what_is_longer_than_anybody_writes_is_not_known(tmp_path: Path) -> None:
    names = [f"arn:aws:s3:::{number}" for number in range(3000)]
    text = terraform([f"s3:Get{number}" for number in range(3000)], names)
    (row,) = project_rows("tf_policies", make_project(tmp_path / "p", {"a.tf": text}, git=False))
    assert (row["all_actions"], row["all_resources"]) == (None, None)


def test_lists_that_name_each_other_end_soon(tmp_path: Path) -> None:
    grown = "".join(f"  a{number} = [local.a{number + 1}, local.a{number + 1}]\n" for number in range(40))
    project = make_project(tmp_path / "p", {
        "a.tf": f"locals {{\n{grown}  own = [local.own]\n}}\n"
                'resource "aws_instance" "x" {\n  one = local.a0\n  two = local.own\n}\n',
    }, git=False)  # fmt: skip
    begin = time.monotonic()
    rows = [row for row in project_rows("tf_attributes", project) if row["attribute"] in ("one", "two")]
    assert [row["known"] for row in rows] == [0, 0]
    assert time.monotonic() - begin < 5


def test_secrets_after_many_that_are_none(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {
        ".env": "".join(f"KEY_{number}_PASSWORD=${{X}}\n" for number in range(700)) + "DB_PASSWORD=kR7vQ2mZ9xT4\n",
        "notes.ini": "".join(f"u{n}=https://user:password@example.com/{n}\n" for n in range(400))
                     + "last=https://shop:kR7vQ2mZ9xT4@db.shop.pk/x\n",
    }, git=False)  # fmt: skip
    rows = project_rows("project_secrets", project)
    assert {(row["path"], row["line"]) for row in rows} >= {(".env", 701), ("notes.ini", 401)}


def test_more_secrets_than_are_kept_are_said(tmp_path: Path) -> None:
    text = "".join(f'password_{n} = "kR7v{n:04}Q2mZ9x"\n' for n in range(600))
    data = read_project("project_secrets", make_project(tmp_path / "p", {"app.py": text}, git=False))
    assert data.status == "partial"
    assert "app.py" in str(data.reason)
    assert len(rows_of(data)) == 500


SETTINGS = 'INSTALLED_APPS = ["a"]\nROOT_URLCONF = "u"\nMIDDLEWARE = []\n'


def test_a_long_list_of_settings_is_not_known(tmp_path: Path) -> None:
    hosts = ", ".join([*(f'"h{n}.shop.pk"' for n in range(1500)), '"*"'])
    project = make_project(tmp_path / "p", {"settings.py": f"{SETTINGS}ALLOWED_HOSTS = [{hosts}]\n"}, git=False)
    (row,) = (row for row in project_rows("python_settings", project) if row["setting"] == "ALLOWED_HOSTS")
    assert (row["value"], row["known"]) == (None, "computed")


def test_one_settings_module_too_many_is_said(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {f"s{n:03}/settings.py": SETTINGS for n in range(61)}, git=False)
    data = read_project("python_settings", project)
    assert data.status == "partial"
    assert "s060/settings.py" in str(data.reason)


PARTS = {
    "web_settings": {"Web.config": "<!-- " + "x" * 1_100_000 + ' -->\n<compilation debug="true" />\n'},
    "python_settings": {"settings.py": SETTINGS + "X = 1\n" * 200_000},
    "compose_services": {"compose.yaml": f"services:\n  a:\n    image: x\n    command: {'a ' * 140_000}\n"},
    "project_manifests": {"requirements.txt": "# x\n" * 200_001 + "flask==2.0\n"},
    "code_findings": {"a.html": "<p></p>\n" + "{{ x|safe }}\n" * 301},
}  # fmt: skip


@pytest.mark.parametrize("table", PARTS)
def test_what_is_not_read_to_its_end_is_said(table: str, tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", dict(PARTS[table]), git=False)
    if table == "code_findings":
        (row,) = (row for row in project_rows("code_engines", project) if row["language"] == "html")
        assert (row["status"], "a.html" in str(row["reason"])) == ("partial", True)
    elif table == "project_manifests":
        (row,) = rows_of(read_project(table, project))
        assert row["status"] != "ok"
    else:
        data = read_project(table, project)
        assert data.status == "partial"
        assert next(iter(PARTS[table])) in str(data.reason)


@pytest.mark.parametrize(("table", "files", "wanted"), [
    ("web_settings", {"Web.config": ' <x validateRequest="true" />\n' * 30 + '<x validateRequest="false" />\n'},
     {"setting": "request_validation", "value": "false", "line": 31}),
    ("agent_configs", {".codex/config.toml": "# x\n" * 6000 + 'sandbox_mode = "danger-full-access"\n'}, {"line": 6001}),
    ("agent_configs", {"CLAUDE.md": "x\n" * 25_000 + "a\u200bb\n"}, {"line": 25_001, "fact": "hidden-text"}),
])  # fmt: skip
def test_the_last_line_counts(table: str, files: dict[str, str], wanted: dict[str, object], tmp_path: Path) -> None:
    rows = project_rows(table, make_project(tmp_path / "p", dict(files), git=False))
    assert any(all(row[key] == value for key, value in wanted.items()) for row in rows), rows[-3:]
