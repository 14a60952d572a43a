"""The command line: a lazy group, and the one place that turns errors into text and exit codes."""

from __future__ import annotations

import errno
import os
import sys
from typing import Any

import click
from click.shell_completion import CompletionItem

from secaudit import __version__

SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Everyday": {
        "audit": (
            "secaudit.cli.audit:audit",
            "Audit this machine, a project, a site or hosts, and say what to fix first.",
        ),
        "report": ("secaudit.cli.report:report", "Show a stored run again, or write it as a file."),
        "fix": ("secaudit.cli.fix:fix", "Print a script that mends what failed, and one that undoes it."),
        "explain": ("secaudit.cli.explain:explain", "Say what a check, control, objective, table or exit code means."),
        "history": ("secaudit.cli.history:history", "List stored runs, newest first."),
        "diff": ("secaudit.cli.diff:diff", "Say what changed between two runs of one target."),
    },
    "Evidence": {
        "import": ("secaudit.cli.import_:import_", "Take over findings of other tools: they can only add failures."),
        "baseline": ("secaudit.cli.baseline:baseline", "Accept old findings in a file, so that new ones stand out."),
        "query": ("secaudit.cli.query:query", "Put an SQL question to the tables of this machine or of a stored run."),
        "sbom": ("secaudit.cli.sbom:sbom", "Write the parts list of a project (SBOM), as CycloneDX JSON."),
        "tables": ("secaudit.cli.tables:tables", "List the tables, or show the columns of one."),
    },
    "Content": {
        "checks": ("secaudit.cli.checks:checks", "List, show, write, test and lint checks."),
        "advisories": (
            "secaudit.cli.advisories:advisories",
            "Keep lists of known holes in packages, for audits of projects.",
        ),
        "standards": ("secaudit.cli.standards:standards", "List and show standards and what covers them."),
        "profiles": ("secaudit.cli.profiles:profiles", "List and show profiles."),
    },
    "Help": {
        "doctor": ("secaudit.cli.doctor:doctor", "Say what this program can see here, and what it cannot."),
        "completion": ("secaudit.cli.completion:completion", "Print the completion script for your shell."),
    },
}
COMMANDS = {name: place for section in SECTIONS.values() for name, place in section.items()}

EPILOG = "Documentation: the folder docs/. Exit codes: secaudit explain exit-codes"


class LazyGroup(click.Group):
    """Knows the names of commands without importing them, so that help and completion are fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        from importlib import import_module

        module, _, attribute = place[0].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and name not in COMMANDS:
            from difflib import get_close_matches

            close = get_close_matches(name, COMMANDS, 1)
            tip = f"\n  tip: did you mean {close[0]}?" if close else "\n  tip: secaudit --help lists the commands"
            ctx.fail(f'no command "{name}"{tip}')
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete command names from our list, without importing the commands."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, (_, text) in commands.items()])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="secaudit", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Audit this computer against ISO 27001 and OWASP, and say what to fix first.

    \b
    Examples:
      secaudit audit                      audit this machine, no setup needed
      secaudit audit -o report.html       and write a report for a client
      secaudit audit .                    audit the project in this folder
      secaudit explain ssh-root-login     why a check matters and how to fix it

    Nothing is changed on this machine. Nothing is sent anywhere, unless you name a site, hosts or a domain to audit.
    """
    if ctx.invoked_subcommand is None:
        from secaudit.cli.start import show_start

        show_start()


def run() -> None:
    """The entry point of the program.

    It ends without taking all objects apart one by one, which would be a twentieth of the time of an audit.
    """
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us, who does not want to read it
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115  until the end
    code = guarded(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough
        pass
    except OSError as error:
        code = _not_written(error)
    os._exit(code)


def guarded(arguments: list[str]) -> int:
    """Run a command and give its exit code; every error becomes a message that says what to do."""
    from secaudit.errors import SecauditError

    try:
        result: Any = main.main(args=arguments, prog_name="secaudit", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        return 2
    except click.ClickException as error:
        _say(f"error: {error.format_message()}")
        if isinstance(error, click.UsageError) and error.ctx is not None:
            _say(f"  help: {error.ctx.command_path} --help")
        return 2
    except (click.exceptions.Abort, KeyboardInterrupt):
        _say("interrupted")
        return 130
    except SecauditError as error:
        _say_error(error)
        return error.exit_code
    except BrokenPipeError:
        # the reader of our output has gone, as with: secaudit audit | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _not_written(error) if error.errno in _FULL else _crash(error)
    except MemoryError:
        _say("error: there is not enough memory\n  tip: try fewer checks, for example --only 'ssh-*'")
        return 70
    except Exception as error:  # noqa: BLE001  the outermost layer: a bug must not look like findings
        return _crash(error)


_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
"""What writing to standard output may meet. Files of ours are written by code that says which one it was."""


def _not_written(error: OSError) -> int:
    _say(f"error: the output could not be written: {error.strerror}")
    _say("  fix: make room, or send the output to another place")
    return 2


def _say(text: str) -> None:
    from secaudit.reporting.visible import visible

    for line in text.split("\n"):
        click.echo(visible(line), err=True)


def _say_error(error: Any) -> None:
    from secaudit.reporting.visible import visible

    _say(visible(f"error: {error.message}"))  # one line: a name in it cannot begin another
    for label, text in error.hints:
        _say(visible(f"  {label + ':':<9}{text}"))


def _crash(error: Exception) -> int:
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    where = "no crash file could be written"
    try:
        with tempfile.NamedTemporaryFile("w", prefix="secaudit-crash-", suffix=".txt", delete=False) as stream:
            stream.write(f"secaudit {__version__}, Python {sys.version}\n\n{text}")
            where = f"the details are in {stream.name}"
    except OSError:
        _say(text)
    _say(f"error: a bug in secaudit: {type(error).__name__}: {error}")
    _say(f"  {where}")
    _say("  please report it, with that file; this result says nothing about your machine")
    return 70
