"""Write src/secaudit/schemas/*.schema.json from the model."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from secaudit.content.schema import KINDS, schema_of

FOLDER = Path(__file__).resolve().parent.parent / "src" / "secaudit" / "schemas"


def main() -> int:
    """Write them all; with --check only compare, and give 1 when one is old."""
    old = []
    for stem in KINDS:
        path = FOLDER / f"{stem}.schema.json"
        text = json.dumps(schema_of(stem), indent=1, ensure_ascii=False) + "\n"
        if "--check" in sys.argv:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                old.append(path.name)
            continue
        path.write_text(text, encoding="utf-8")
    if old:
        sys.stderr.write(f"old: {', '.join(old)}; run: make schemas\n")
    return 1 if old else 0


if __name__ == "__main__":
    sys.exit(main())
