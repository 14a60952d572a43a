"""time_sync and time_servers."""

from __future__ import annotations

from pathlib import Path

from tabletest import make_root, read_table, rows

UNITS = "/usr/lib/systemd/system"
BASE = {f"{UNITS}/default.target": "[Unit]\n", f"{UNITS}/sysinit.target": "[Unit]\n"}


def with_service(tmp_path: Path, unit: str, files: dict[str, str], enabled: bool = True) -> Path:
    root = make_root(tmp_path, {**BASE, f"{UNITS}/{unit}": "[Install]\nWantedBy=sysinit.target\n", **files})
    if enabled:
        wants = root / "etc/systemd/system/sysinit.target.wants"
        wants.mkdir(parents=True)
        (wants / unit).symlink_to(f"{UNITS}/{unit}")
    return root


def test_timesyncd_without_configuration_uses_its_built_in_fallback(tmp_path: Path) -> None:
    root = with_service(tmp_path, "systemd-timesyncd.service", {})
    (row,) = rows("time_sync", root)
    assert (row["service"], row["at_boot"], row["active"], row["in_use"]) == ("systemd-timesyncd", 1, None, 1)
    assert (row["server_count"], row["has_fallback"], row["synchronised"]) == (0, 1, None)
    (server,) = rows("time_servers", root)
    assert (server["kind"], server["address"], server["path"]) == ("fallback", "(built in)", None)


def test_timesyncd_servers_add_up_over_drop_ins(tmp_path: Path) -> None:
    root = with_service(
        tmp_path,
        "systemd-timesyncd.service",
        {
            "/etc/systemd/timesyncd.conf": "[Time]\nNTP=a b\nFallbackNTP=\n",
            "/etc/systemd/timesyncd.conf.d/x.conf": "[Time]\nNTP=c\n",
        },
    )
    (row,) = rows("time_sync", root)
    assert (row["servers"], row["has_fallback"]) == ("a b c", 0)


def test_chrony_follows_includes_and_sees_nts(tmp_path: Path) -> None:
    root = with_service(
        tmp_path,
        "chrony.service",
        {
            "/etc/chrony/chrony.conf": (
                "! comment\nPOOL 2.debian.pool.ntp.org iburst\nconfdir /etc/chrony/conf.d\n"
                "sourcedir /etc/chrony/sources.d\ninclude /etc/chrony/chrony.conf\n"
            ),
            "/etc/chrony/conf.d/a.conf": "server time.cloudflare.com iburst nts\n",
            "/etc/chrony/sources.d/b.sources": "server 192.0.2.1\n",
            "/etc/chrony/sources.d/c.conf": "server ignored\n",
        },
        enabled=False,
    )
    found = [(row["address"], row["kind"], row["nts"]) for row in rows("time_servers", root)]
    assert found == [
        ("2.debian.pool.ntp.org", "pool", 0),
        ("time.cloudflare.com", "server", 1),
        ("192.0.2.1", "server", 0),
    ]
    (row,) = rows("time_sync", root)
    assert (row["at_boot"], row["in_use"], row["nts"], row["server_count"]) == (0, 0, 0, 3)


def test_openntpd_and_ntpsec(tmp_path: Path) -> None:
    root = with_service(tmp_path / "a", "openntpd.service", {"/etc/openntpd/ntpd.conf": "servers pool.ntp.org\n"})
    assert [(row["kind"], row["address"]) for row in rows("time_servers", root)] == [("pool", "pool.ntp.org")]
    root = with_service(
        tmp_path / "b", "ntpsec.service", {"/etc/ntpsec/ntp.conf": "server 127.127.1.0\nserver x nts\n"}
    )
    assert rows("time_sync", root)[0]["nts"] == 1


def test_nothing_installed_is_an_empty_table(tmp_path: Path) -> None:
    assert rows("time_sync", make_root(tmp_path, BASE)) == []


def test_this_machine_can_be_read() -> None:
    assert read_table("time_sync").status in ("ok", "absent")
