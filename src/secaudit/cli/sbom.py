"""secaudit sbom."""

from __future__ import annotations

from pathlib import Path

import click

from secaudit.cli import options


@click.command()
@click.argument("target", required=False, default=".", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write this file. Default: stdout.")
@click.option("--strict", is_flag=True, help="Exit code 3 when a file could not be read completely.")
@options.quiet
def sbom(target: Path, output: Path | None, strict: bool, quiet: bool) -> int:
    """Write the parts list of a project (SBOM), as CycloneDX 1.6 JSON.

    TARGET is the folder of the project, by default the current one. The parts come from its lock files, and from its
    manifests where there is no lock file. Nothing of the project is run, and nothing is sent anywhere.

    What could not be read is named on stderr and in the document.

    \b
    Examples:
      secaudit sbom
      secaudit sbom ~/work/shop -o shop.cdx.json
      secaudit sbom . | jq '.components | length'
    """
    from secaudit.app.output import write
    from secaudit.app.parts import parts_of
    from secaudit.reporting.cyclonedx import render
    from secaudit.reporting.visible import visible
    from secaudit.terminal.text import echo, write_document

    parts, notes = parts_of(target)
    text = render(parts)
    if output is None or str(output) == "-":
        write_document(text, is_json=True)
    else:
        write(output, (text.encode(),))
    if not quiet:
        for note in notes:
            echo(visible(f"note: {note}"), err=True)
        if output is not None and str(output) != "-":
            echo(visible(f"{output}: {len(parts.parts)} parts out of {len(parts.files)} files"), err=True)
    return 3 if strict and parts.problems else 0
