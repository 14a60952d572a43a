"""Make the pictures of the README from a real audit: what the terminal shows, and the HTML report.

The audit is of a Debian root that scripts/make-roots.sh made. Needs Chromium.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

HOUSE = Path(__file__).resolve().parent.parent
ROOTS = Path(os.environ.get("SECAUDIT_ROOTS", HOUSE / ".cache" / "roots"))
IMAGES = HOUSE / "docs" / "images"
ROOT = "bookworm"
COMMAND = ("audit", "--root", ROOT, "--top", "3")
COLUMNS = 100
FONT_PX, LINE_PX, CHARACTER_PX, EDGE_PX = 14, 19, 8.43, 20
REPORT_PX = (1200, 1500)

THEME = TerminalTheme(
    (24, 26, 31), (222, 224, 228),
    [(24, 26, 31), (255, 110, 106), (120, 205, 120), (232, 193, 85), (110, 168, 255), (205, 147, 232), (104, 201, 214),
     (222, 224, 228)],
)  # fmt: skip
PAGE = f"""<!DOCTYPE html><meta charset="utf-8"><style>
html {{{{ background: #181a1f; }}}}
body {{{{ margin: {EDGE_PX}px; }}}}
pre {{{{ margin: 0; font: {FONT_PX}px/{LINE_PX}px "DejaVu Sans Mono", monospace; color: #dee0e4; }}}}
</style><pre>{{code}}</pre>"""


def main() -> int:
    """Write both pictures."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        print("error: Chromium is not installed\n  fix: sudo apt install chromium", file=sys.stderr)
        return 2
    if not (ROOTS / ROOT / "etc" / "os-release").is_file():
        print(f"error: no Debian root in {ROOTS / ROOT}\n  fix: make test, or set SECAUDIT_ROOTS", file=sys.stderr)
        return 2
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        shown = run_on_terminal(home)
        text, lines = to_html(shown)
        page = Path(home) / "terminal.html"
        page.write_text(text, encoding="utf-8")
        width = round(COLUMNS * CHARACTER_PX) + 2 * EDGE_PX
        photograph(chromium, page, IMAGES / "terminal.png", (width, lines * LINE_PX + 2 * EDGE_PX), scale=2)
        report = next(Path(home).glob(".local/state/secaudit/runs/*/report.html"))
        photograph(chromium, report, IMAGES / "report.png", REPORT_PX, scale=1)
    return 0


def run_on_terminal(home: str) -> str:
    """Audit on a pseudo-terminal, as a person does, with an empty home folder; gives what stdout showed."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    environment = {
        "HOME": home, "PATH": f"{Path(sys.executable).parent}:/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
    }  # fmt: skip
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "secaudit"), *COMMAND], cwd=ROOTS, env=environment, stdin=theirs,
        stdout=theirs, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs)
    parts = []
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:  # EIO: the program has ended
            break
        if not part:
            break
        parts.append(part)
    os.close(ours)
    if process.wait() not in (0, 1):
        raise SystemExit(f"error: secaudit ended with {process.returncode}")
    return b"".join(parts).decode("utf-8").replace("\r\n", "\n")


def to_html(shown: str) -> tuple[str, int]:
    """The screen as a page, and how many lines it has; lines wrap where the terminal wraps them."""
    prompt = f"\x1b[2m$\x1b[0m secaudit {' '.join(COMMAND)}\n"
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), color_system="standard", force_terminal=True)
    for line in Text.from_ansi(prompt + shown.rstrip("\n")).split("\n"):
        pieces = [line[start : start + COLUMNS] for start in range(0, max(len(line), 1), COLUMNS)]
        for piece in pieces:
            console.print(piece, soft_wrap=True, highlight=False)
    lines = console.export_text(clear=False).count("\n")
    return console.export_html(theme=THEME, inline_styles=True, code_format=PAGE), lines


def photograph(chromium: str, page: Path, image: Path, size: tuple[int, int], *, scale: int) -> None:
    """Render a page to a PNG."""
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(
            [
                chromium, "--headless", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={profile}",
                *(["--no-sandbox"] if os.geteuid() == 0 else []), f"--force-device-scale-factor={scale}",
                f"--window-size={size[0]},{size[1]}", f"--screenshot={image}", page.as_uri(),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    print(f"written: {image.relative_to(HOUSE)} ({image.stat().st_size // 1024} KB)")


if __name__ == "__main__":
    sys.exit(main())
