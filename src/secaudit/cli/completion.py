"""secaudit completion."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the script that completes commands and ids in SHELL.

    \b
    Examples:
      secaudit completion bash > ~/.local/share/bash-completion/completions/secaudit
      secaudit completion zsh > ~/.zfunc/_secaudit
      secaudit completion fish > ~/.config/fish/completions/secaudit.fish
    """
    from click.shell_completion import get_completion_class

    from secaudit.cli.main import main

    found = get_completion_class(shell)
    assert found is not None
    click.echo(found(main, {}, "secaudit", "_SECAUDIT_COMPLETE").source())
