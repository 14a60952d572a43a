"""What was sent, added up for the run, and back from the run document; and the words of the reports about it."""

from __future__ import annotations

from dataclasses import replace

from reporting.sample import small_run
from secaudit.app.traffic import traffic_of
from secaudit.evidence.document import dump_run, load_run
from secaudit.model import Consent, TableData, TableStatus, TargetInfo, Traffic
from secaudit.reporting import html, markdown
from secaudit.tableapi import Sent

COLUMNS = Sent._fields
SENT = (
    Sent(1, 0, "dns", "shop.example", "127.0.0.53", 53, "A shop.example", "passive", "NOERROR", 40, 60),
    Sent(2, 5, "dns", "shop.example", "127.0.0.53", 53, "AAAA shop.example", "passive", "SERVFAIL", 40, 40),
    Sent(3, 9, "http", "shop.example", "192.0.2.1", 443, "GET /", "passive", "ok", 100, 2000),
    Sent(4, 9, "http", "shop.example", "192.0.2.1", 443, "GET /x", "active", "timeout", 100, 0),
    Sent(5, 9, "http", "shop.example", "192.0.2.1", 443, "GET /y", "active", "ok", 100, 7),
)
TRAFFIC = (
    Traffic("dns", "passive", "", "127.0.0.53", 53, 2, 1, 80, 100),
    Traffic("http", "active", "shop.example", "192.0.2.1", 443, 2, 1, 200, 7),
    Traffic("http", "passive", "shop.example", "192.0.2.1", 443, 1, 0, 100, 2000),
)


def test_what_was_sent_is_added_up() -> None:
    assert traffic_of(TableData("scan_actions", COLUMNS, TableStatus.OK, SENT)) == TRAFFIC


def test_the_run_keeps_consent_and_traffic_and_reports_tell_them() -> None:
    consent = Consent(
        by="Ana Silva <b>, owner", until="2026-12-31", reference="contract 7", level="active", vantage="public",
        addresses=("shop.example=192.0.2.1",),
    )  # fmt: skip
    target = TargetInfo("site", "https://shop.example/", consent=consent)
    run = replace(small_run(), target=target, traffic=TRAFFIC)
    assert load_run(dump_run(run), "x") == run
    page = html.render(run)
    for text in (page, markdown.render(run)):
        assert "allowed it until 31 Dec 2026, as written in contract 7" in text
        assert "5 connections and questions sent to 1 address: 2 dns, 3 http." in text
        assert "administrator rights" not in text
    assert "Ana Silva &lt;b&gt;, owner" in page
    assert "shop.example=192.0.2.1" in page
