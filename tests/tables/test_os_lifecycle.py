"""os_lifecycle: until when a release is supported."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from secaudit.tables.host._eol import CYCLES
from tabletest import make_root, read_table, rows, rows_of

DAY = 86_400
NOV_2026 = 1_795_450_000


def lifecycle(
    tmp_path: Path, text: str, now_s: int = NOV_2026, extra: dict[str, str] | None = None
) -> dict[str, object]:
    root = make_root(tmp_path, {"/etc/os-release": text, **(extra or {})})
    data = read_table("os_lifecycle", root, now_s=now_s)
    assert data.status == "ok"
    return dict(rows_of(data)[0])


@pytest.mark.parametrize(
    ("text", "state", "supported", "end"),
    [
        ('ID=debian\nVERSION_ID="13"\n', "full", 1, "2030-06-30"),
        ('ID=debian\nVERSION_ID="12"\n', "lts", 1, "2028-06-30"),
        ('ID=debian\nVERSION_ID="11"\n', "ended", 0, "2026-08-31"),
        ("ID=debian\nVERSION_CODENAME=forky\n", "testing", 1, None),
        ("ID=debian\nVERSION_CODENAME=sid\n", "rolling", 1, None),
        ('ID=debian\nVERSION_ID="14"\n', "unknown", None, None),
        ('ID=ubuntu\nVERSION_ID="24.04"\n', "full", 1, "2029-05-31"),
        ('ID=ubuntu\nVERSION_ID="20.04"\n', "ended", 0, "2025-05-29"),
        ("ID=fedora\nVERSION_ID=42\n", "ended", 0, "2026-05-13"),
        ("ID=fedora\nVERSION_ID=45\nSUPPORT_END=2027-12-01\n", "full", 1, "2027-12-01"),
        ("ID=fedora\nVERSION_ID=46\n", "unknown", None, None),
        ('ID="rocky"\nVERSION_ID="9.6"\n', "full", 1, "2032-05-31"),
        ('ID="rhel"\nVERSION_ID="8.10"\n', "lts", 1, "2029-05-31"),
        ("ID=alpine\nVERSION_ID=3.21.6\n", "ended", 0, "2026-11-01"),
        ("ID=alpine\nVERSION_ID=3.23_alpha20250612\n", "rolling", 1, None),
        ("ID=arch\nBUILD_ID=rolling\n", "rolling", 1, None),
        ("ID=linuxmint\nVERSION_ID=21.3\n", "full", 1, "2027-04-30"),
        ("ID=exampleos\nVERSION_ID=1\n", "unknown", None, None),
        ("ID=exampleos\nVERSION_ID=1\nSUPPORT_END=soon\n", "unknown", None, None),
    ],
)
def test_release_decides(tmp_path: Path, text: str, state: str, supported: int | None, end: str | None) -> None:
    row = lifecycle(tmp_path, text)
    assert (row["state"], row["supported"], row["support_end"]) == (state, supported, end)


def test_last_day_still_counts(tmp_path: Path) -> None:
    text = "ID=fedora\nVERSION_ID=43\n"
    end = int(str(lifecycle(tmp_path, text)["eol_s"]))
    on_the_day, after = lifecycle(tmp_path, text, end - 5), lifecycle(tmp_path, text, end + 1)
    assert (on_the_day["supported"], on_the_day["days_left"]) == (1, 0)
    assert (after["supported"], after["days_left"]) == (0, -1)


def test_ubuntu_pro_extends_the_support(tmp_path: Path) -> None:
    status = json.dumps({"attached": True, "services": [{"name": "esm-infra", "status": "enabled"}]})
    extra = {"/var/lib/ubuntu-advantage/status.json": status}
    row = lifecycle(tmp_path, 'ID=ubuntu\nVERSION_ID="20.04"\n', extra=extra)
    assert (row["supported"], row["support_end"]) == (1, "2030-04-23")


@pytest.mark.parametrize(
    "status", ["[]", "{", '{"attached": false, "services": []}', '{"attached": 1, "services": 3}', "[" * 9999]
)
def test_odd_ubuntu_pro_status_extends_nothing(tmp_path: Path, status: str) -> None:
    extra = {"/var/lib/ubuntu-advantage/status.json": status}
    assert lifecycle(tmp_path, 'ID=ubuntu\nVERSION_ID="20.04"\n', extra=extra)["supported"] == 0


def test_no_os_release_is_a_failure(tmp_path: Path) -> None:
    assert read_table("os_lifecycle", make_root(tmp_path, {})).status == "failed"


def test_this_machine_has_one_row() -> None:
    assert len(rows("os_lifecycle")) == 1


@pytest.mark.skipif(not Path("/usr/share/distro-info/debian.csv").exists(), reason="distro-info-data is not installed")
@pytest.mark.parametrize("name", ["debian", "ubuntu"])
def test_dates_agree_with_distro_info(name: str) -> None:
    with Path(f"/usr/share/distro-info/{name}.csv").open() as stream:
        for line in csv.DictReader(stream):
            cycle = CYCLES[name].get(line["version"].removesuffix(" LTS"))
            if cycle is not None and line["eol"]:
                assert cycle.full == line["eol"], line
                assert cycle.end == (line.get("eol-lts") or line["eol"]), line


def test_the_age_of_the_dates_is_told_only_where_they_are_ours(tmp_path: Path) -> None:
    looked_up_s = 1_795_392_000  # 2026-11-23
    for number, (text, age) in enumerate([
        ('ID=debian\nVERSION_ID="12"\n', 200),
        ("ID=fedora\nVERSION_ID=45\nSUPPORT_END=2027-12-01\n", None),
        ("ID=arch\n", None),
        ('ID=debian\nVERSION_ID="14"\n', None),
    ]):  # fmt: skip
        folder = tmp_path / str(number)
        folder.mkdir()
        assert lifecycle(folder, text, now_s=looked_up_s + 200 * DAY)["dates_age_days"] == age
