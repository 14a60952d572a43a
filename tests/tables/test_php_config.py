"""php_config: what PHP itself would use; php tells."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from secaudit.tables.host.php_config import BOOLEANS
from tabletest import make_root, read_table, rows

MAIN = (
    '[PHP]\n; expose_php = On\nexpose_php = Off\ndisplay_errors = stderr\nallow_url_include = "yes" ; a comment\n'
    "disable_functions = exec,system\n[PATH=/srv/www]\nexpose_php = On\n"
)
EXTRA = "display_errors = 1\nsession.cookie_httponly = TRUE\nsession.use_strict_mode = none\n"


def test_later_files_win_and_sections_for_one_folder_do_not(tmp_path: Path) -> None:
    files = {"/etc/php/8.2/fpm/php.ini": MAIN, "/etc/php/8.2/fpm/conf.d/10-x.ini": EXTRA}
    found = {row["name"]: row["value"] for row in rows("php_config", make_root(tmp_path, files))}
    assert (found["expose_php"], found["display_errors"], found["allow_url_include"]) == ("0", "1", "1")
    assert (found["session.cookie_httponly"], found["session.use_strict_mode"]) == ("1", "0")
    assert found["disable_functions"] == "exec,system"


def test_each_way_to_run_has_its_own_values_and_pools_change_them(tmp_path: Path) -> None:
    files = {
        "/etc/php/8.2/cli/php.ini": "display_errors=On\n",
        "/etc/php/8.2/fpm/php.ini": "display_errors=Off\n",
        "/etc/php/8.2/fpm/pool.d/www.conf": "[www]\nphp_admin_flag[display_errors] = on\n",
    }
    found = [
        (r["instance"], r["value"])
        for r in rows("php_config", make_root(tmp_path, files))
        if r["name"] == "display_errors"
    ]
    assert found == [("8.2 cli", "1"), ("8.2 fpm", "0"), ("8.2 fpm /etc/php/8.2/fpm/pool.d/www.conf", "1")]


def test_no_php_is_absent(tmp_path: Path) -> None:
    assert read_table("php_config", make_root(tmp_path, {})).status == "absent"


@pytest.mark.skipif(shutil.which("php") is None, reason="php is not installed")
def test_php_itself_says_the_same(tmp_path: Path) -> None:
    files = {"/etc/php/8.2/cli/php.ini": MAIN, "/etc/php/8.2/cli/conf.d/10-x.ini": EXTRA}
    root = make_root(tmp_path, files)
    names = sorted(set(BOOLEANS) - {"display_errors", "display_startup_errors", "log_errors"})
    code = f"echo json_encode(array_map(fn($n) => ini_get($n), {json.dumps(names)}));"
    done = subprocess.run(
        ["php", "-c", str(root / "etc/php/8.2/cli/php.ini"), "-r", code], capture_output=True, text=True, check=True,
        env={"PHP_INI_SCAN_DIR": str(root / "etc/php/8.2/cli/conf.d")},
    )  # fmt: skip
    # ini_get gives a quoted "yes" as it is; zend_ini_parse_bool takes it for true
    theirs = {
        name: "1" if value.lower() in ("1", "yes") else "0"
        for name, value in zip(names, json.loads(done.stdout), strict=True)
    }
    ours = {row["name"]: row["value"] for row in rows("php_config", root) if row["name"] in names}
    assert ours == theirs
