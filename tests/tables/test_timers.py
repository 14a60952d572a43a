from __future__ import annotations

from pathlib import Path

from tabletest import make_root, rows

ADMIN = "/etc/systemd/system"


def test_a_timer_its_unit_its_times_and_its_last_run(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            f"{ADMIN}/backup.timer": "[Timer]\nOnCalendar=daily\nOnCalendar=\nOnCalendar=*-*-* 12:00\nOnBootSec=15min\n"
            "Persistent=true\n[Install]\nWantedBy=timers.target\n",
            f"{ADMIN}/other.timer": "[Timer]\nOnUnitActiveSec=1d\nUnit=job.service\n[Install]\nWantedBy=timers.target\n",
            "/usr/lib/systemd/system/timers.target": "[Unit]\n",
            "/var/lib/systemd/timers/stamp-backup.timer": "",
        },
    )
    wants = root / "etc/systemd/system/timers.target.wants"
    wants.mkdir()
    (wants / "backup.timer").symlink_to("../backup.timer")
    found = {row["name"]: row for row in rows("timers", root)}
    backup, other = found["backup.timer"], found["other.timer"]
    assert (backup["unit"], backup["on_calendar"], backup["on_since"]) == (
        "backup.service",
        "*-*-* 12:00",
        "OnBootSec=15min",
    )
    assert (backup["enabled_state"], backup["at_boot"], backup["persistent"]) == ("enabled", 1, 1)
    assert backup["last_run_s"] is not None
    assert (other["unit"], other["enabled_state"], other["at_boot"], other["last_run_s"]) == (
        "job.service",
        "disabled",
        0,
        None,
    )
