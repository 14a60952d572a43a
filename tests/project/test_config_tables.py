"""Tables of configuration files: what the tool itself would make of each way to write a thing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from projecttest import make_project, project_rows, read_project
from secaudit.tableapi import Partial
from secaudit.tables.project._commands import commands_of
from tabletest import rows_of

TABLES = (
    "dockerfile_stages", "dockerfile_instructions", "compose_services", "compose_ports", "compose_mounts",
    "compose_environment", "gha_workflows", "gha_jobs", "gha_steps", "gitlab_ci_jobs", "gitlab_ci_includes",
    "k8s_containers", "k8s_rbac_rules", "k8s_rbac_bindings", "k8s_resources", "tf_blocks", "tf_attributes",
    "tf_openings", "tf_policies", "agent_configs",
)  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_a_project_without_such_files_has_no_such_table(table: str, tmp_path: Path) -> None:
    assert read_project(table, make_project(tmp_path / "p", {"a.py": "1\n"}, git=False)).status == "absent"


BROKEN = {
    "Dockerfile": "FROM x\nNOTHING y\n", "compose.yaml": "services: [\n", ".github/workflows/a.yml": "on: [\n",
    ".gitlab-ci.yml": "a: [\n", "k8s.yaml": "apiVersion: v1\nkind: Pod\nspec: {{ x }}\n{{ if }}\n",
    "chart/templates/x.yaml": "apiVersion: v1\nkind: Role\nrules: {{ .x }}\n", "main.tf": 'resource "a" {\n',
    ".mcp.json": "{",
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
def test_what_cannot_be_understood_is_said(table: str, tmp_path: Path) -> None:
    data = read_project(table, make_project(tmp_path / "p", dict(BROKEN), git=False))
    assert data.status == "partial"
    assert "not read: " in str(data.reason)


@pytest.mark.parametrize("table", TABLES)
def test_hostile_files_give_a_status(table: str, tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {
        "a\n\x1b[2J/Dockerfile": b"FROM \xff\xfe\x1b[2J\nRUN " + b"\\\n" * 20_000 + b"x\n",
        "b/Dockerfile": "FROM a AS a\nFROM a AS a\n" * 500 + 'RUN ["' + "[" * 50_000,
        "compose.yaml": "services:\n  a: {image: x, extends: b}\n  b: {image: y, extends: a, ports: ['1-65535:1-65535']}\n",
        ".github/workflows/a.yml": "on: push\njobs: {a: {steps: [{run: '" + "${{ " * 20_000 + "'}]}}\n",
        ".gitlab-ci.yml": "a: {extends: b}\nb: {extends: a, script: [[[[x]]]]}\n",
        "k.yaml": "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Pod, spec: {containers: [1, {image: [x]}]}}]\n",
        "main.tf": "a = " + "[" * 50_000,
        "b.tf": 'variable "a" { default = var.a }\nresource "aws_security_group" "x" { ingress { cidr_blocks = var.a } }\n',
        ".mcp.json": '{"mcpServers": {"a": {"command": ["x"], "args": {"b": 1}}}}',
    }, git=False)  # fmt: skip
    os.mkfifo(project / "Containerfile")
    (project / "docker-compose.yml").symlink_to("/etc/passwd")
    with (project / "big.Dockerfile").open("wb") as stream:
        stream.truncate(1 << 32)
    assert read_project(table, project).status in ("ok", "partial", "absent")


# ---------------------------------------------------------------- Dockerfiles


def final(text: str, folder: Path) -> dict[str, str | int | None]:
    rows = project_rows("dockerfile_stages", make_project(folder / "p", {"Dockerfile": text}, git=False))
    return next(row for row in rows if row["is_final"])


@pytest.mark.parametrize(
    ("text", "account", "is_root"),
    [
        ("FROM debian:12\nUSER app\n", "app", 0),
        ("FROM debian:12\nUSER app\nUSER root\n", "root", 1),
        ("FROM debian:12\nUSER 0:0\n", "0:0", 1),
        ("FROM debian:12\n", "", 1),
        ("FROM debian:12 AS base\nUSER app\nFROM base\nRUN x\n", "app", 0),
        ("FROM debian:12 AS base\nUSER app\nFROM debian:12\nCOPY --from=base / /\n", "", 1),
        ("FROM debian:12\nARG WHO=app\nUSER $WHO\n", "app", 0),
        ("FROM debian:12\nARG WHO\nUSER ${WHO:-root}\n", "root", 1),
        ("FROM debian:12\nARG WHO\nUSER $WHO\n", None, None),
        ("ARG B=debian:12\nFROM $B\nONBUILD USER app\n", "", 1),
        ("FROM gcr.io/distroless/static:nonroot\n", "", 0),
        ("FROM postgres:16\n", "", 0),
        ("FROM debian:12\nRUN apt-get install gosu\n", "", None),
        ("FROM scratch\nCOPY a /a\n", "", 1),
        ("FROM $UNKNOWN\n", "", None),
        ("from debian:12\nuser app\n", "app", 0),
        ("# escape=`\nFROM debian:12\nRUN a `\n  b\nUSER app\n", "app", 0),
        ("FROM debian:12\nRUN <<E\nUSER root\nE\nUSER app\n", "app", 0),
        ("FROM debian:12\nRUN echo a \\\n# USER root\n  b\nUSER app\n", "app", 0),
    ],
)
def test_the_account_of_the_last_stage(text: str, account: str | None, is_root: int | None, tmp_path: Path) -> None:
    row = final(text, tmp_path)
    assert (row["account"], row["is_root"]) == (account, is_root)


@pytest.mark.parametrize(
    ("image", "pinned"),
    [
        ("node", "none"), ("node:latest", "latest"), ("node:22", "version"), ("scratch", "scratch"),
        ("localhost:5000/node", "none"), ("localhost:5000/node:22", "version"),
        ("node@sha256:" + "a" * 64, "digest"), ("node:latest@sha256:" + "a" * 64, "digest"),
    ],
)  # fmt: skip
def test_how_an_image_is_pinned(image: str, pinned: str, tmp_path: Path) -> None:
    assert final(f"FROM {image}\n", tmp_path)["pinned"] == pinned


@pytest.mark.parametrize(
    ("step", "facts"),
    [
        ("RUN curl https://x.example.org/i | sh", {"pipe-to-shell"}),
        ("RUN curl -fsSL https://x.example.org/i \\\n | sudo -E bash -", {"pipe-to-shell"}),
        ('RUN bash -c "$(curl -fsSL https://x.example.org/i)"', {"pipe-to-shell"}),
        ("RUN bash <(curl -s https://x.example.org/i)", {"pipe-to-shell"}),
        ("RUN curl https://x.example.org/i | tar xz", set()),
        ("RUN curl https://x.example.org/i | python3 -c 'import json'", set()),
        ("RUN curl https://x.example.org/i | jq . ; echo x | sh", set()),
        ("RUN <<E\ncurl https://x.example.org/i | sh\nE", {"pipe-to-shell"}),
        ('RUN ["sh", "-c", "curl -k https://x.example.org/i"]', {"no-verify"}),
        ("RUN wget http://localhost:8080/x", set()),
        ("RUN chmod 1777 /tmp && chmod 0755 /x && chmod -R g+w /y", set()),
        ("RUN chmod -R a+rwX /x", {"world-writable"}),
        ("ENV A=b TOKEN_FILE=/run/x PASSWORD=", set()),
        ("ENV API_TOKEN 8f7e6d5c4b3a", {"secret-env"}),
        ("ENV SECRET_KEY=dummy-for-build", set()),
        ("ARG GITHUB_TOKEN", {"secret-arg"}),
        ("ADD https://x.example.org/a.git#0123456789abcdef0123456789abcdef01234567 /a", set()),
        ("COPY .env.example config/ /x/", set()),
        ("COPY --from=x . /y", set()),
        ("COPY certs/ca.pem /etc/ssl/", set()),
        ("COPY tls/server.key /etc/ssl/", {"secret-copy"}),
        ("CMD python manage.py runserver 0.0.0.0:80", {"development-server"}),
        ('CMD ["sh", "-c", "npm run dev"]', {"development-server"}),
        ('CMD ["npm", "start"]', set()),
    ],
)
def test_what_an_instruction_does(step: str, facts: set[str], tmp_path: Path) -> None:
    rows = project_rows("dockerfile_instructions", make_project(tmp_path / "p", {"Dockerfile": f"FROM x:1\n{step}\n"}))
    assert {str(row["fact"]) for row in rows} - {""} == facts


def test_no_value_of_a_secret_is_in_a_row(tmp_path: Path) -> None:
    secret = "Kx81mmQzPlw9"
    project = make_project(tmp_path / "p", {
        "Dockerfile": f"FROM x:1\nENV DB_PASSWORD={secret}\nRUN curl -u a:{secret} https://u:{secret}@x.example.org/i | sh\n",
        "compose.yaml": f"services: {{a: {{image: x, environment: {{API_TOKEN: {secret}}}, volumes: ['${{D}}:/x']}}}}\n",
        ".env": f"D=/{secret}\nAPI={secret}\n",
        ".github/workflows/a.yml": f"on: push\njobs: {{a: {{steps: [{{run: 'curl https://a:{secret}@x.example.org | sh', env: {{T: {secret}}}}}]}}}}\n",
        ".gitlab-ci.yml": f"include: 'https://a:{secret}@x.example.org/a?b={secret}'\nvariables: {{API_TOKEN: {secret}}}\n",
        "k.yaml": f"apiVersion: v1\nkind: Secret\nmetadata: {{name: x}}\nstringData: {{a: {secret}}}\n",
        "main.tf": f'resource "a" "b" {{\n password = "{secret}"\n url = "https://a:{secret}@x"\n user_data = "x {secret}\\ny"\n}}\n',
        ".mcp.json": f'{{"mcpServers": {{"a": {{"command": "npx", "args": ["x"], "env": {{"API_TOKEN": "{secret}"}}}}}}}}',
    })  # fmt: skip
    for table in TABLES:
        for row in rows_of(read_project(table, project)):
            assert secret not in repr(row), table


# ---------------------------------------------------------------- Compose

COMPOSE = """\
x-base: &base
  environment: {POSTGRES_PASSWORD: "${DB_PASSWORD:-postgres}", A: b}
services:
  db:
    <<: *base
    image: postgres:${TAG:-16}
    privileged: "true"
    ports: ["5432:5432", "127.0.0.1:5433:5432", "[::1]:5434:5432", "8000-8001:9000-9001", "53:53/udp"]
    volumes: ["/var/run/docker.sock:/sock:ro", "data:/data", "./a:/a"]
  child:
    extends: {service: db}
    image: redis
    user: "0"
    ports: [{target: 6379, published: "6379", host_ip: 127.0.0.1}]
volumes: {data: {}}
"""


def _for_version_1(text: str) -> str:
    """Without what the old program of Debian refuses."""
    for old, new in (('"[::1]:5434:5432", ', ""), ('"true"', "true"), (", host_ip: 127.0.0.1", "")):
        text = text.replace(old, new)
    return text


def test_compose_as_docker_compose_reads_it(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {
        "docker-compose.yml": _for_version_1(COMPOSE),
        "docker-compose.override.yml": 'services: {child: {network_mode: host, volumes: ["/etc:/data"]}}\n',
    })  # fmt: skip
    services = {
        (row["path"], row["service"]): row for row in project_rows("compose_services", project)
    }  # the override file is read upon the base
    child = services["docker-compose.override.yml", "child"]
    assert (child["privileged"], child["account"], child["network_mode"]) == (1, "0", "host")
    program = shutil.which("docker-compose")
    if program is None:
        pytest.skip("docker-compose is not installed")
    done = subprocess.run([program, "config"], cwd=project, capture_output=True, text=True, check=True, timeout=60)
    theirs = yaml.safe_load(done.stdout)["services"]["child"]
    assert (theirs["privileged"], theirs["user"], theirs["network_mode"]) == (True, "0", "host")
    mounts = {
        (row["source"], row["target"]) for row in project_rows("compose_mounts", project) if row["service"] == "child"
    }
    for volume in theirs["volumes"]:
        assert tuple(volume.split(":")[:2]) in {
            ("/etc", "/data"),
            ("/var/run/docker.sock", "/sock"),
            (f"{project}/a", "/a"),
        }
    assert {("/etc", "/data"), ("/var/run/docker.sock", "/sock"), ("./a", "/a")} <= mounts


def test_ports_mounts_and_variables_of_compose(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"compose.yaml": COMPOSE})
    ports = [
        (row["host"], row["port"], row["local"])
        for row in project_rows("compose_ports", project)
        if row["service"] == "db"
    ]
    assert ports == [
        ("", 5432, 0), ("127.0.0.1", 5432, 1), ("::1", 5432, 1), ("", 9000, 0), ("", 9001, 0), ("", 53, 0),
    ]  # fmt: skip
    kinds = {row["source"]: row["kind"] for row in project_rows("compose_mounts", project)}
    assert kinds == {"/var/run/docker.sock": "docker-socket", "data": "volume", "./a": "project"}
    assert {row["how"] for row in project_rows("compose_environment", project)} == {"default-weak"}


# ---------------------------------------------------------------- Actions


@pytest.mark.parametrize(
    ("expression", "fact"),
    [
        ("${{ github.event.issue.title }}", "injection"),
        ("${{ github.event['issue']['title'] }}", "injection"),
        ("${{github.HEAD_REF}}", "injection"),
        ("${{ format('{0}', github.event.comment.body) }}", "injection"),
        ("${{ github.event.commits[0].message }}", "injection"),
        ("${{ toJSON(github.event) }}", "injection"),
        ("${{ env.TITLE }}", "injection"),
        ("${{ github.event.issue.title == 'x' }}", ""),
        ("${{ contains(github.event.comment.body, 'x') }}", ""),
        ("${{ github.event.pull_request.number }} ${{ github.sha }} ${{ env.SAFE }}", ""),
        ("${{ 'github.event.issue.title' }}", ""),
        ("$TITLE", ""),
        ("${{ inputs.text }}", "input-injection"),
        ("${{ inputs.flag }}", ""),
        ("${{ github.ref_name }}", "input-injection"),
        ("${{ toJSON(secrets) }}", "all-secrets"),
    ],
)
def test_what_becomes_part_of_a_script(expression: str, fact: str, tmp_path: Path) -> None:
    text = f"""\
on:
  issues:
  workflow_dispatch: {{inputs: {{text: {{type: string}}, flag: {{type: boolean}}}}}}
env: {{TITLE: "${{{{ github.event.issue.title }}}}", SAFE: x}}
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo one
          echo "{expression}"
"""
    rows = project_rows("gha_steps", make_project(tmp_path / "p", {".github/workflows/a.yml": text}))
    assert {str(row["fact"]) for row in rows} == {fact}
    if fact:
        assert {row["line"] for row in rows} == {11}


@pytest.mark.parametrize(
    ("trigger", "condition", "found"),
    [
        ("pull_request_target", "true", True),
        ("workflow_run", "true", True),
        ("pull_request", "true", False),
        ("pull_request_target", "github.event.pull_request.head.repo.full_name == github.repository", False),
    ],
)
def test_checking_out_what_strangers_wrote(trigger: str, condition: str, found: bool, tmp_path: Path) -> None:
    text = f"on: {trigger}\njobs:\n  a:\n    if: {condition}\n    steps:\n      - uses: actions/checkout@v4\n        with: {{ref: '${{{{ github.event.pull_request.head.sha }}}}'}}\n"
    rows = project_rows("gha_steps", make_project(tmp_path / "p", {".github/workflows/a.yml": text}))
    assert ("untrusted-checkout" in {row["fact"] for row in rows}) is found


def test_rights_of_a_job_replace_those_of_the_workflow(tmp_path: Path) -> None:
    text = "on: push\npermissions: write-all\njobs: {a: {permissions: {}, steps: []}, b: {steps: []}}\n"
    rows = project_rows("gha_jobs", make_project(tmp_path / "p", {".github/workflows/a.yml": text}))
    assert {row["job"]: row["permissions"] for row in rows} == {"a": "none", "b": "write-all"}


# ---------------------------------------------------------------- Kubernetes


def test_what_a_container_says_wins_over_its_pod(tmp_path: Path) -> None:
    text = """\
apiVersion: batch/v1
kind: CronJob
metadata: {name: x}
spec:
  jobTemplate:
    spec:
      template:
        spec:
          securityContext: {runAsNonRoot: true, runAsUser: 1000}
          containers:
            - {name: own, image: "a:1", securityContext: {runAsNonRoot: false, runAsUser: 0}}
            - {name: of-pod, image: "a:1"}
            - {name: open, image: "a:1", securityContext: {privileged: "{{ x }}"}}
            - {name: patch}
"""
    rows = project_rows("k8s_containers", make_project(tmp_path / "p", {"a.yaml": text}))
    assert {row["container"]: row["not_root"] for row in rows} == {"own": 0, "of-pod": 1, "open": 1}
    assert {row["container"]: row["privileged"] for row in rows} == {"own": 0, "of-pod": 0, "open": None}


# ---------------------------------------------------------------- Terraform

TERRAFORM = """\
variable "everyone" { default = ["0.0.0.0/0"] }
variable "unknown" {}
locals { port = 22 }
resource "aws_security_group" "a" {
  ingress { # open
    from_port   = local.port
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = var.everyone
  }
  dynamic "ingress" {
    for_each = [1, 2]
    content {
      from_port   = 443
      to_port     = 443
      protocol    = "tcp"
      cidr_blocks = ["10.0.0.0/8",
        "${aws_vpc.x.cidr_block}"]
    }
  }
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    cidr_blocks = var.unknown
  }
  tags = merge({ A = "}" }, {
    B = "${join(",", ["a", "b"])}"
  })
}
"""


def test_inbound_rules_of_terraform(tmp_path: Path) -> None:
    rows = project_rows("tf_openings", make_project(tmp_path / "p", {"main.tf": TERRAFORM}))
    assert [(row["line"], row["everyone"], row["ports"], row["admin"]) for row in rows] == [
        (5, 1, " 22 ", 1), (13, 0, " 443 ", 0), (21, None, " 5432 ", 0),
    ]  # fmt: skip


def test_given_values_win_over_defaults(tmp_path: Path) -> None:
    project = make_project(
        tmp_path / "p", {"main.tf": TERRAFORM, "terraform.tfvars": 'everyone = ["203.0.113.7/32"]\n'}
    )
    assert [row["everyone"] for row in project_rows("tf_openings", project)] == [0, 0, None]


# ---------------------------------------------------------------- all of CI


@pytest.mark.parametrize(
    ("path", "text", "system", "task"),
    [
        (".github/workflows/a.yml", "on: push\njobs: {a: {steps: [{run: 'uv run pytest -q'}]}}\n", "github", "test"),
        (
            ".github/workflows/a.yml",
            "on: push\njobs: {a: {steps: [{uses: github/codeql-action/init@v3}]}}\n",
            "github",
            "scan",
        ),
        (".gitlab-ci.yml", "a: {script: [composer audit]}\n", "gitlab", "scan"),
        (".gitlab-ci.yml", "include: {template: Jobs/SAST.gitlab-ci.yml}\n", "gitlab", "scan"),
        (".travis.yml", "script:\n  - npm test\n", "travis", "test"),
        (".circleci/config.yml", "jobs:\n  a:\n    steps:\n      - run: make test\n", "circleci", "test"),
        (".pre-commit-config.yaml", "repos:\n  - hooks:\n      - id: gitleaks\n", "pre-commit", "scan"),
    ],
)
def test_what_ci_runs(path: str, text: str, system: str, task: str, tmp_path: Path) -> None:
    rows = project_rows("ci_tasks", make_project(tmp_path / "p", {path: text}))
    assert (system, task) in {(row["system"], row["task"]) for row in rows}


def test_a_page_or_a_build_is_no_test(tmp_path: Path) -> None:
    text = "on: push\njobs: {a: {steps: [{run: 'npm ci && npm run build && echo tests passed'}]}}\n"
    rows = project_rows("ci_tasks", make_project(tmp_path / "p", {".github/workflows/a.yml": text}))
    assert {row["task"] for row in rows} == {""}


def test_commands_that_are_too_many_to_take_apart_are_said() -> None:
    with pytest.raises(Partial, match="more than 4000 commands"):
        commands_of("true;" * 5000)
    with pytest.raises(Partial, match="longer than 256 kB"):
        commands_of("x" * 300_000)
