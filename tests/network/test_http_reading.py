"""What is read out of pages, headers and cookies is what a browser would make of them."""

from __future__ import annotations

import time

import pytest

from networktest import network_rows
from secaudit.protocols.http import (
    is_nosniff,
    parse_csp,
    parse_frame_options,
    parse_hsts,
    parse_referrer_policy,
    parse_set_cookie,
    read_page,
)
from secaudit.tables.network._addresses import class_of_literal
from secaudit.tables.network._csp import Policy, allows_any_host, allows_eval, allows_inline, framing_of, problems_of
from secaudit.tables.network._libraries import libraries_in_text, library_in_url
from secaudit.tables.network._library_holes import hole_of
from secaudit.tables.network._sites import is_third_party
from secaudit.tables.network.security_txt import read_fields, read_time

URL = "https://shop.example/a/page"


@pytest.mark.parametrize(
    "evil",
    [
        "<!--" * 130_000, "<" * 500_000, "<a " * 170_000, "<script>" * 60_000, "<a b='" * 80_000, "<div>" * 100_000,
        "<a b=" * 100_000, "<a" + " " * 500_000, "</" * 250_000, "<!" * 250_000, "<a x=\"'<a x='\"" * 30_000,
        "<style>" + "@import " * 60_000, "&" * 500_000, "<svg/" + "/" * 500_000, "<a b" + "\n" * 400_000 + "c>",
        "<a" + " b=c" * 120_000 + ">", "<title>" * 70_000, "<form><input>" * 40_000, "<base href=x>" * 40_000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_page_takes_long(evil: str) -> None:
    begun = time.monotonic()
    read_page(evil, URL)
    assert time.monotonic() - begun < 3


def test_a_page_is_read_as_browsers_do() -> None:
    page = read_page(
        """<!DOCTYPE html><HTML><head><title>A &amp; B</title><base href="/x/"><base href="/y/">
        <META http-equiv=Content-Security-Policy content="default-src 'self'">
        <link rel="preload stylesheet" href=a.css><script src=//cdn.example.net/a.js integrity=x crossorigin></script>
        <script>if (a < b) document.write("<img src=http://not.example/>")</script>
        <!-- <img src="http://comment.example/"> --></head>
        <body onload="x()"><img src=http://i.example/a.png srcset="b.png 1x, c.png 2x">
        <form ACTION=login METHOD=Post><input type=PASSWORD><input type=hidden name=csrf value=12345678><form>
        <button formaction="http://else.example/">x</button></form>
        <a href=" javascript:alert(1)">x</a><textarea><img src=http://text.example/></textarea><?php echo 1 ?>
        <div style="background: url('http://css.example/b.png')">""",
        URL,
    )
    assert (page.title, page.base) == ("A & B", "https://shop.example/x/")
    urls = {resource.url: resource for resource in page.resources}
    assert set(urls) == {
        "https://shop.example/x/a.css", "https://cdn.example.net/a.js", "http://i.example/a.png",
        "https://shop.example/x/b.png", "https://shop.example/x/c.png", "http://css.example/b.png",
    }  # fmt: skip
    assert urls["https://cdn.example.net/a.js"].crossorigin == ""
    assert [(form.method, form.action) for form in page.forms if not form.implicit] == [
        ("post", "https://shop.example/x/login"), ("post", "http://else.example/")
    ]  # fmt: skip
    assert [field.type for field in page.forms[0].fields] == ["password", "hidden"]
    assert [(one.tag, one.attribute) for one in page.handlers] == [("body", "onload"), ("a", "href")]
    assert [one.mark for one in page.codes] == ["<?php"]
    assert page.metas[0].content == "default-src 'self'"
    assert page.resources[0].line == 3


@pytest.mark.parametrize(
    ("text", "valid", "age"),
    [
        ("max-age=31536000", True, 31536000),
        ('MAX-AGE="10"; includeSubDomains', True, 10),
        ("includeSubDomains", False, 0),
        ("max-age=-1", False, 0),
        ("max-age=1; max-age=2", False, 0),
        ("max-age=1 includeSubDomains", False, 0),
        ("", False, 0),
    ],
)
def test_hsts(text: str, valid: bool, age: int) -> None:
    assert parse_hsts(text)[:2] == (valid, age)


def test_other_headers() -> None:
    assert parse_referrer_policy(("no-referrer, unsafe-url, later-policy",)) == "unsafe-url"
    assert parse_referrer_policy(("nonsense",)) == ""
    assert parse_frame_options(("DENY",)) == "deny"
    assert parse_frame_options(("SAMEORIGIN, SAMEORIGIN",)) == "sameorigin"
    assert parse_frame_options(("ALLOW-FROM https://a.example",)) == ""
    assert parse_frame_options(("SAMEORIGIN", "nonsense")) == "deny"
    assert is_nosniff(("nosniff",))
    assert not is_nosniff(("sniff, nosniff",))
    assert not is_nosniff(())


def policy(text: str) -> Policy:
    return Policy(1, "header", True, tuple(parse_csp(text)[0]))


@pytest.mark.parametrize(
    ("text", "inline", "evals", "anywhere"),
    [
        ("default-src 'self'", False, False, False),
        ("default-src 'self'; script-src 'self' 'unsafe-inline'", True, False, False),
        ("script-src 'unsafe-inline' 'nonce-abc'", False, False, False),
        ("script-src 'nonce-abc' 'strict-dynamic' https: 'unsafe-inline'", False, False, False),
        ("script-src 'strict-dynamic' https:", False, False, True),
        ("script-src 'self'; script-src-attr 'unsafe-inline'", True, False, False),
        ("script-src *", False, False, True),
        ("SCRIPT-SRC 'SELF' 'UNSAFE-EVAL'", False, True, False),
        ("script-src 'self'; script-src *", False, False, False),
        ("img-src 'self'", True, True, True),
        ("frame-ancestors 'none'", True, True, True),
    ],
)
def test_content_security_policies(text: str, inline: bool, evals: bool, anywhere: bool) -> None:
    one = policy(text)
    assert (allows_inline(one), allows_eval(one), allows_any_host(one)) == (inline, evals, anywhere)


def test_problems_of_policies() -> None:
    assert list(problems_of(policy("script-src self; scrpt-src 'self'; img-src 'none' a.example"))) == [
        "self in script-src needs single quotes",
        "scrpt-src is no directive",
        "'none' in img-src is ignored, since more stands beside it",
    ]
    assert list(problems_of(policy("default-src 'self' img-src *"))) == ["a semicolon is missing before img-src"]
    assert list(problems_of(policy("script-src 'self' 'sha256-AAAA' data: blob: wss://a.example"))) == []


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ('Reporting-Endpoints: csp="/r"', True),
        ('Reporting-Endpoints: other="/r", csp="/r"', True),
        ('Report-To: {"group":"csp","endpoints":[]}', True),
        ('Reporting-Endpoints: other="/r"', False),
        ("X-A: b", False),
    ],
)
def test_reports_need_a_place(header: str, told: bool) -> None:
    from sitechecks import web_site
    from test_http_hostile import OK, says, server

    head = OK + f"Content-Security-Policy: default-src 'self'; report-to csp\r\n{header}\r\n\r\n".encode()
    with server(says(head)) as port:
        (row,) = network_rows("http_csp_policies", web_site(f"http://127.0.0.1:{port}/"))
    assert row["reports"] == int(told)


def test_framing() -> None:
    assert framing_of(policy("frame-ancestors").get("frame-ancestors")) == "none"
    assert framing_of(policy("frame-ancestors 'self' https://a.example").get("frame-ancestors")) == "listed"
    assert framing_of(policy("frame-ancestors https:").get("frame-ancestors")) == "anyone"


def test_set_cookie() -> None:
    cookie = parse_set_cookie(' a = b=c ; Path=/; SECURE; max-age=10; Max-Age="20"')
    assert cookie is not None
    assert (cookie.name, cookie.value, cookie.attributes["max-age"]) == ("a", "b=c", '"20"')
    assert "secure" in cookie.attributes
    assert parse_set_cookie(" ; Path=/") is None


@pytest.mark.parametrize(
    ("url", "name", "version"),
    [
        ("https://code.jquery.com/jquery-3.4.1.min.js", "jquery", "3.4.1"),
        ("https://cdn.example.net/npm/jquery@1.12.4/dist/jquery.min.js", "jquery", "1.12.4"),
        ("https://cdnjs.example.net/ajax/libs/lodash.js/4.17.15/lodash.min.js", "lodash", "4.17.15"),
        ("https://ajax.example.net/ajax/libs/jqueryui/1.11.4/jquery-ui.min.js", "jquery-ui", "1.11.4"),
        ("/js/bootstrap.bundle-4.3.0.min.js", "bootstrap", "4.3.0"),
    ],
)
def test_libraries_in_addresses(url: str, name: str, version: str) -> None:
    found = library_in_url(url)
    assert found is not None
    assert (found.name, found.version) == (name, version)


@pytest.mark.parametrize(
    "url", ["/app-1.2.3.js", "/jquery.min.js?ver=6.1", "/v2/1.0/x.js", "https://[broken/", "data:x"]
)
def test_addresses_that_name_no_library(url: str) -> None:
    assert library_in_url(url) is None


@pytest.mark.parametrize(
    ("text", "name", "version"),
    [
        ("/*! jQuery v3.6.0 | (c) OpenJS Foundation */", "jquery", "3.6.0"),
        ("/*!\n * jQuery JavaScript Library v1.8.3\n */", "jquery", "1.8.3"),
        ("/*!\n  * Bootstrap v4.1.3 (https://getbootstrap.com/)\n", "bootstrap", "4.1.3"),
        ("//! moment.js\n//! version : 2.18.1\n", "moment", "2.18.1"),
        ("/*\n AngularJS v1.7.9\n", "angular", "1.7.9"),
        ("/*!\n * Vue.js v2.6.14\n", "vue", "2.6.14"),
        ("/*! @license DOMPurify 3.0.5 | (c) Cure53 */", "dompurify", "3.0.5"),
    ],
)
def test_libraries_in_banners(text: str, name: str, version: str) -> None:
    assert [(one.name, one.version) for one in libraries_in_text(text)] == [(name, version)]


@pytest.mark.parametrize(
    ("name", "version", "hole"),
    [
        ("jquery", "3.4.1", "CVE-2020-11023"), ("jquery", "3.5.0", ""), ("jquery", "1.12.4", "CVE-2020-11023"),
        ("bootstrap", "3.4.1", ""), ("bootstrap", "4.3.0", "CVE-2019-8331"), ("bootstrap", "5.3.0", ""),
        ("bootstrap", "4.3.1", ""), ("dompurify", "2.5.4", ""), ("dompurify", "3.0.0", "CVE-2025-26791"),
        ("angular", "1.8.3", "CVE-2024-8373"), ("vue", "3.4.0", ""), ("moment", "2.10.0", ""),
        ("jquery", "3.5.0-rc1", ""), ("d3", "1.0", ""),
    ],
)  # fmt: skip
def test_holes_of_libraries(name: str, version: str, hole: str) -> None:
    found = hole_of(name, version)
    assert (found.hole if found else "") == hole


def test_who_is_a_third_party() -> None:
    assert not is_third_party("cdn.shop.example", "shop.example")
    assert not is_third_party("static.shop.co.uk", "www.shop.co.uk")
    assert is_third_party("other.co.uk", "shop.co.uk")
    assert is_third_party("shop.example.net", "shop.example")
    assert not is_third_party("", "shop.example")


def test_classes_of_addresses() -> None:
    assert class_of_literal("169.254.169.254") == "metadata"
    assert class_of_literal("::ffff:10.0.0.1") == "private"
    assert class_of_literal("[fe80::1%25eth0]") == "link_local"
    assert class_of_literal("localhost") == "loopback"
    assert class_of_literal("9.9.9.9") == "public"
    assert class_of_literal("shop.example") == ""


def test_security_txt() -> None:
    signed = (
        "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nContact: mailto:a@b.example\n# no: field\n"
        "EXPIRES: 2027-01-01T00:00:00+01:00\n-----BEGIN PGP SIGNATURE-----\nContact: mailto:evil@b.example\n"
    )
    assert read_fields(signed) == [("contact", "mailto:a@b.example"), ("expires", "2027-01-01T00:00:00+01:00")]
    assert read_time("2027-01-01T00:00:00+01:00") == 1_798_758_000
    assert read_time("2027-01-01T00:00:00.5z") == 1_798_761_600
    assert read_time("2027-01-01") is None
    assert read_time("2027-13-01T00:00:00Z") is None


@pytest.mark.parametrize(
    ("cookie", "kind", "bits_at_least", "bits_below", "telling", "lifetime"),
    [
        ("session=5c1d0e7ab2f94368a1d7c05be93f4a62", "hex", 128, 129, "", 0),
        ("PHPSESSID=q5v0o3hn2c4g6j1m8r7ksbt9ud", "opaque", 112, 140, "", 0),
        ("sid=1004711; Max-Age=60", "number", 20, 25, "", 60),
        ("id=0b6f2d5e-9c1a-47d8-8a3b-0123456789ab", "uuid", 122, 129, "", 0),
        ("s=%7B%22role%22%3A%22admin%22%7D", "json", 0, 1000, "role", 0),
        ("s=eyJ1c2VyX2lkIjo3LCJhIjoiYiJ9.aBcDeF.sig-nature", "json", 0, 1000, "user_id", 0),
        ("who=ada@shop.example", "opaque", 0, 1000, "an e-mail address", 0),
        ("a=1; Expires=Thu, 01-Jan-1970 00:00:00 GMT", "number", 0, 10, "", -1),
        ("a=1; Expires=Thu, 01 Jan 2037 00:00:00 GMT; Max-Age=5", "number", 0, 10, "", 5),
        ("wordpress_test_cookie=WP%20Cookie%20check", "opaque", 0, 1000, "", 0),
        ("cookieconsent=%7B%22necessary%22%3Atrue%7D", "json", 0, 1000, "", 0),
        ("x=a%3A1%3A%7Bs%3A5%3A%22admin%22%3Bb%3A1%3B%7D", "json", 0, 1000, "admin", 0),
    ],
)
def test_cookies(cookie: str, kind: str, bits_at_least: int, bits_below: int, telling: str, lifetime: int) -> None:
    from sitechecks import web_site
    from test_http_hostile import OK, says, server

    with server(says(OK + f"Set-Cookie: {cookie}\r\n\r\n".encode())) as port:
        (row,) = network_rows("http_cookies", web_site(f"http://127.0.0.1:{port}/"))
    assert (row["kind"], row["telling"], row["lifetime_s"]) == (kind, telling, lifetime)
    assert bits_at_least <= int(row["bits"] or 0) < bits_below
