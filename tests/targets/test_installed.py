"""Programs of installed libraries: found beside this Python only, run in a folder that nobody else can open."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from secaudit.tableapi import ProgramMissing, TooLarge, Unsupported
from secaudit.targets import installed
from secaudit.targets.root import RootAccess

PYTHON = Path(sys.executable).name


def test_the_folder_holds_the_files_and_nothing_else_and_goes_afterwards() -> None:
    look = "import os, json; print(json.dumps([os.getcwd(), oct(os.stat('.').st_mode & 0o777), sorted(os.listdir('.')), dict(os.environ)]))"
    done = installed.run_over([PYTHON, "-c", look], {"0.py": b"a", "1.py": b"b"}, 20.0, 100_000)
    import json

    folder, mode, names, environment = json.loads(done.stdout)
    assert (mode, names) == ("0o700", ["0.py", "1.py"])
    assert not Path(folder).exists()
    assert not any(name.startswith(("RUFF_", "PYTHON")) for name in environment)


def test_a_program_that_is_not_installed_is_said() -> None:
    with pytest.raises(ProgramMissing):
        installed.run_over(["no-such-program"], {}, 5.0, 1000)


def test_names_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    installed.run_over([PYTHON, "-c", ""], {"../../x.py": b"a"}, 20.0, 1000)
    assert not (tmp_path.parent / "x.py").exists()
    found = installed.find_installed("../../" + PYTHON)
    assert found is not None
    assert Path(found).parent == Path(sys.executable).parent


def test_what_it_prints_is_bounded() -> None:
    with pytest.raises(TooLarge):
        installed.run_over([PYTHON, "-c", "print('x' * 100000)"], {}, 20.0, 1000)


def test_over_a_mounted_system_nothing_is_run(tmp_path: Path) -> None:
    with pytest.raises(Unsupported):
        RootAccess(str(tmp_path)).run_over(["ruff"], {}, 1.0, 1000)
