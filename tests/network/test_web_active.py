"""The active web audit against the fault server: each fault fails its check, a healthy site fails none, and nothing is
sent that was not told before."""

from __future__ import annotations

from collections import Counter

import pytest
from sitechecks import TABLES as VISIT_TABLES
from sitechecks import failing, fault_site
from webjudge import GRAPHQL, TABLES, Audit, Site, active_checks

from secaudit.engine.registry import load_table
from secaudit.faults import http_behaviour, http_exposed
from secaudit.faults.http import Answer, HttpFaults, Request, faults, healthy
from secaudit.tables.network._active import SAFE

OURS = sorted(
    name
    for name, fault in faults().items()
    if set(fault.shows) & set(active_checks())
    or fault.change.__module__ in (http_behaviour.__name__, http_exposed.__name__)
)
HTML = (("Content-Type", "text/html; charset=utf-8"),)


def test_a_healthy_site_fails_nothing_and_is_looked_at() -> None:
    with HttpFaults() as server:
        audit = Audit(server.url)
    assert audit.failing() == set()
    assert len(audit.having("pass")) > 40
    assert all(data.status == "ok" for data in audit.tables.values())


@pytest.mark.parametrize("name", OURS)
def test_each_fault_fails_its_checks_and_no_other_of_the_site(name: str) -> None:
    every = (*VISIT_TABLES, *TABLES)
    with HttpFaults([name]) as server:
        assert failing(fault_site(server), every) == set(faults()[name].shows)


def test_every_check_has_a_fault() -> None:
    shown = {check for name in OURS for check in faults()[name].shows}
    assert set(active_checks()) - shown == set()


def test_exactly_what_was_planned_is_sent_and_nothing_changes_data() -> None:
    server = Site(healthy)
    with server:
        audit = Audit(server.https_url)
    assert {sent.outcome for sent in audit.sent if sent.kind == "http"} == {"ok"}
    most: Counter[str] = Counter()
    for name in TABLES:
        plan = load_table(name).plan
        assert plan is not None, name
        of_table: Counter[str] = Counter()
        for planned in plan(audit.access.gate):
            of_table[planned.what] += planned.most
        most |= of_table
    sent = Counter(one.what for one in audit.sent if one.kind == "http")
    assert {what: count for what, count in sent.items() if count > most[what]} == {}
    assert {method for _, method, _ in server.requests} <= SAFE
    assert server.bodies == [("POST", GRAPHQL.encode())]
    assert {target for _, method, target in server.requests if method == "POST"} == {"/graphql"}
    assert 90 < sum(sent.values()) < 115, "the budget of an audit is 150, and pages have scripts"


def test_passive_audits_ask_for_no_known_path() -> None:
    from networktest import read_network, site
    from secaudit.model import Consent

    with HttpFaults() as server:
        access = site(server.url, Consent(local=True))
        statuses = {name: read_network(name, access).status for name in TABLES}
        asked = {target for _, _, target in server.requests}
    assert statuses.pop("http_software") == "ok"
    assert set(statuses.values()) == {"denied"}
    assert asked == {"/"}


@pytest.mark.parametrize("status", [429, 503])
def test_a_site_that_asks_for_a_rest_is_left_alone(status: int) -> None:
    def busy(request: Request) -> Answer:
        return Answer(status, HTML, b"slow down") if len(server.requests) > 30 else healthy(request)

    server = Site(busy)
    with server:
        audit = Audit(server.url)
    assert len(server.requests) < 45, "those on their way still arrive"
    assert audit.tables["http_probes"].status == "partial"
    assert audit.having("fail") == set()
    assert "web-no-env-files" in audit.having("unknown")


def test_a_site_that_begins_to_refuse_is_no_pass() -> None:
    def guarded(request: Request) -> Answer:
        return Answer(403, HTML, b"<html>Forbidden</html>") if len(server.requests) > 40 else healthy(request)

    server = Site(guarded)
    with server:
        audit = Audit(server.url)
    assert audit.tables["http_probes"].status == "partial"
    assert "began to answer differently" in str(audit.tables["http_probes"].reason)
    assert audit.having("pass") & {"web-no-env-files", "web-no-git-folder"} == set()


SHELL = b"<!DOCTYPE html><html><title>Orchard</title><script src=/app.js></script><div id=root></div></html>"


def everything_is_the_page(request: Request) -> Answer:
    return Answer(200, HTML, SHELL)


def everything_leads_to_the_login(request: Request) -> Answer:
    if request.path == "/login":
        return Answer(200, HTML, b"<html><title>Sign in</title><form><input type=password></form></html>")
    return Answer(302, (("Location", f"/login?next={request.path}"),))


def everything_is_forbidden(request: Request) -> Answer:
    return Answer(403, HTML, b"<html><h1>Forbidden</h1></html>")


def everything_is_json(request: Request) -> Answer:
    body = '{"error": "not found", "path": "%s", "status": 404, "message": "x", "version": "1", "name": "api"}'
    return Answer(200, (("Content-Type", "application/json"),), (body % request.path).encode())


def everything_is_told_back(request: Request) -> Answer:
    return Answer(200, HTML, f"<html><title>Not found</title><p>There is no {request.target}</html>".encode())


def everything_is_empty(request: Request) -> Answer:
    return Answer(200, (("Content-Type", "text/plain"),), b"")


def everything_is_ok(request: Request) -> Answer:
    return Answer(200, (("Content-Type", "text/plain"),), b"OK\n")


@pytest.mark.parametrize(
    "answering",
    [everything_is_the_page, everything_leads_to_the_login, everything_is_forbidden, everything_is_json,
     everything_is_told_back, everything_is_empty, everything_is_ok],
)  # fmt: skip
def test_sites_that_answer_everything_the_same_way_expose_nothing(answering: object) -> None:
    with Site(answering) as server:  # type: ignore[arg-type]
        audit = Audit(server.url)
    allowed = {"web-missing-page-is-404"}
    assert audit.failing() <= allowed
    assert [row for row in audit.rows("http_probes") if row["hit"] == 1] == []


def test_a_signature_that_a_missing_path_shows_too_is_no_finding() -> None:
    def leaking(request: Request) -> Answer:
        return Answer(200, (("Content-Type", "text/plain"),), b"APP_KEY=x\n")

    with Site(leaking) as server:
        audit = Audit(server.url)
    assert "web-no-env-files" in audit.having("unknown")
    notes = {row["note"] for row in audit.rows("http_probes") if row["probe"] == "dotenv"}
    assert notes == {"a path that does not exist is answered the same way"}


def test_a_host_that_sends_everybody_to_another_one_is_not_passed() -> None:
    def moving(request: Request) -> Answer:
        return Answer(301, (("Location", f"https://www.orchard.example{request.target}"),))

    with Site(moving) as server:
        audit = Audit(server.url)
    assert audit.failing() <= {"web-missing-page-is-404"}
    assert audit.having("pass") == set()
    assert "audit that one" in str(audit.tables["http_errors"].reason)


HOSTILE = {
    "megabytes": b"ref: refs/" + b"A" * (8 * 1024 * 1024),
    "a bomb of JSON": b"[" * 200_000,
    "an object without end": b'{"openapi": 1, "paths": ' + b'{"a": ' * 100_000,
    "bytes": bytes(range(256)) * 500,
    "signs for terminals": b"\x1b]0;x\x07\x1b[2Jref: refs/\r\n\0",
    "comments without end": b"<!--" * 50_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_bodies_give_rows_and_no_crash(name: str) -> None:
    def hostile(request: Request) -> Answer:
        return healthy(request) if request.path == "/" else Answer(200, (("X\x1b[2J", "\x1b[2J"),), HOSTILE[name])

    with Site(hostile) as server:
        audit = Audit(server.url)
    assert all(data.status in ("ok", "partial") for data in audit.tables.values())
    for row in audit.rows("http_probes"):
        assert "\x1b" not in str(row["evidence"]) + str(row["note"])
        assert len(str(row["evidence"])) <= 300


def test_session_values_never_stand_in_a_row() -> None:
    seen: list[str] = []

    def noting(request: Request) -> Answer:
        answer = healthy(request)
        if answer.is_page:
            word = f"orchard{len(seen):033d}"
            seen.append(word)
            answer = answer.with_header("Set-Cookie", f"session={word}; Path=/")
        return answer

    with Site(noting) as server:
        audit = Audit(server.url)
    text = repr([data.rows for data in audit.tables.values()])
    assert seen
    assert not [word for word in seen if word in text]


def test_secrets_of_a_served_file_never_stand_in_a_row() -> None:
    with HttpFaults(["env-served", "settings-copy-served", "htpasswd-served"]) as server:
        audit = Audit(server.url)
    assert {"web-no-env-files", "web-no-settings-copies", "web-no-password-files"} == audit.failing()
    text = repr([data.rows for data in audit.tables.values()])
    assert "Blossom" not in text
    assert "apr1$orchard" not in text


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("eyJ2aWV3cyI6MX0", "unknown"),  # data in base64, the same for each new visitor
        ("e30:1vB2xy:5f1kq0pYw7Qm3", "unknown"),  # a signed session of nobody
        ("guest", "unknown"),
        ("7d02b6c14e8f4a95b3316a0c2f5e8d79", "fail"),
    ],
)
def test_only_an_id_that_is_the_same_for_all_is_a_fault(value: str, verdict: str) -> None:
    def answering(request: Request) -> Answer:
        answer = healthy(request)
        return answer.with_header("Set-Cookie", f"session={value}; Path=/") if answer.is_page else answer

    with Site(answering) as server:
        audit = Audit(server.url)
    assert audit.verdicts["web-session-ids-differ"].verdict.status == verdict


@pytest.mark.parametrize(
    ("header", "value", "found"),
    [
        ("Server", "Apache/2.4.57 (Debian) PHP/7.1.33 OpenSSL/1.1.1n",
         {"apache 2.4.57": "pass", "php 7.1.33": "fail", "openssl 1.1.1n": "unknown"}),
        ("Server", "nginx/1.22.1", {"nginx 1.22.1": "unknown"}),
        ("Server", "nginx", {}),
        ("Server", "Microsoft-IIS/8.5", {"iis 8.5": "fail"}),
        ("Server", "Werkzeug/3.0 Python/3.11.7", {"python 3.11.7": "pass"}),
        ("X-Powered-By", "PHP/8.0.30", {"php 8.0.30": "unknown"}),
        ("X-Powered-By", "PHP/\x1b[2J", {}),
        ("X-Generator", "Drupal 7 (https://www.drupal.org)", {"drupal 7": "fail"}),
        ("X-Fancy", "PHP/5.6", {}),
    ],
)  # fmt: skip
def test_versions_in_headers_are_judged_by_the_day(header: str, value: str, found: dict[str, str]) -> None:
    def answering(request: Request) -> Answer:
        answer = healthy(request)
        return answer.with_header(header, value) if answer.is_page else answer

    with Site(answering) as server:
        audit = Audit(server.url)
    rows = audit.rows("http_software")
    assert {f"{row['product']} {row['version']}" for row in rows} == set(found)
    worst = next((word for word in ("fail", "unknown", "pass") if word in found.values()), "not_applicable")
    assert audit.verdicts["web-software-supported"].verdict.status == worst


@pytest.mark.parametrize(
    ("generator", "expected"),
    [("WordPress 6.1.9", "wordpress 6.1.9"), ("Joomla! - Open Source Content Management", None),
     ("Drupal 10 (https://www.drupal.org)", "drupal 10"), ("TYPO3 CMS 11.5", None), ("Hugo 0.1", None)],
)  # fmt: skip
def test_generators_are_read(generator: str, expected: str | None) -> None:
    def answering(request: Request) -> Answer:
        answer = healthy(request)
        return (
            answer.edited("</title>", f'</title><meta name="generator" content="{generator}">')
            if answer.is_page
            else answer
        )

    with Site(answering) as server:
        audit = Audit(server.url)
    rows = audit.rows("http_software")
    assert [f"{row['product']} {row['version']}" for row in rows] == ([expected] if expected else [])
