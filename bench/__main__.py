"""Run the benchmarks: python -m bench [PART]... All parts of PARTS without arguments."""

from __future__ import annotations

import sys

from bench import audit, content, domain, evaluation, project, services, startup, tls, web

PARTS = {
    "startup": startup.run,
    "content": content.run,
    "evaluation": evaluation.run,
    "audit": audit.run,
    "project": project.run,
    "domain": domain.run,
    "web": web.run,
    "tls": tls.run,
    "services": services.run,
}


def main(names: list[str]) -> int:
    """Run the named parts; a wrong name is said."""
    for name in names:
        if name not in PARTS:
            print(f"error: no benchmark {name!r}; known: {', '.join(PARTS)}", file=sys.stderr)
            return 2
    for name, run in PARTS.items():
        if not names or name in names:
            run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
