"""Print how much of an audit an ordinary user cannot see: user_view.py [ROOT [UID]]. Needs root itself.

ROOT is a Debian root with a person in it; the one that scripts/make-roots.sh calls "normal" when it is left out.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(HERE / "src"), str(HERE / "tests")]


def main() -> int:
    userview = importlib.import_module("userview")  # of the tests, where mypy does not look
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else importlib.import_module("debian_roots").FOLDER / "normal"
    uid = int(sys.argv[2]) if len(sys.argv) > 2 else userview.DANA_UID
    for how, views in (("from outside", userview.outside(root, uid)), ("from inside", userview.inside(root, uid))):
        if views is None:
            print(f"{how}: this kernel does not let us mount")
            continue
        counts = views.user["counts"]
        print(
            f"{how}: {len(views.unknown)} of {len(views.user['results'])} checks unknown, {views.percent:.1f} %"
            f" ({counts['needs_root']} need root);"
            f" as root {views.root['counts']['unknown']} unknown"
        )
        print(userview.listed(views))
        for text in userview.broken(views):
            print(f"the law is broken: {text}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
