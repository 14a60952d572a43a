"""Commands and code that are put together from values."""

from __future__ import annotations

import ast

from secaudit.tables.project._py_origin import LOCAL, REQUEST, UNKNOWN
from secaudit.tables.project._py_reader import Kind, Place, argument, keyword
from secaudit.tables.project._py_rules import HIGH, LOW, MEDIUM, Found, on_call, sure
from secaudit.tables.project._py_values import Hole

COMMAND = Kind("command-injection", 78, "high")
CODE = Kind("code-eval", 95, "high")
TEMPLATE = Kind("template-injection", 1336, "high")

_SHELLS = frozenset(
    "os.system os.popen os.popen2 os.popen3 commands.getoutput commands.getstatusoutput subprocess.getoutput"
    " subprocess.getstatusoutput asyncio.create_subprocess_shell asyncio.subprocess.create_subprocess_shell".split()
)
_PROGRAMS = frozenset("sh bash zsh ksh dash cmd cmd.exe powershell /bin/sh /bin/bash /usr/bin/env".split())


@on_call("system", "popen", "popen2", "popen3", "getoutput", "getstatusoutput", "create_subprocess_shell")
def shell_call(place: Place, call: ast.Call) -> Found:
    """Functions that always use a shell."""
    if place.dotted(call.func) in _SHELLS:
        yield from _judge(place, argument(call, 0, "cmd", "command"))


@on_call("run", "call", "check_call", "check_output", "Popen", "getoutput")
def subprocess_shell(place: Place, call: ast.Call) -> Found:
    """The module subprocess with shell=True, or with a shell as the program."""
    full = place.dotted(call.func)
    if not full.startswith("subprocess.") and full not in ("sp.run", "sp.Popen"):
        return
    words = argument(call, 0, "args")
    shell = keyword(call, "shell")
    if shell is not None and place.literal(shell) is True:
        yield from _judge(place, words)
        return
    given = place.given(words)
    if isinstance(given, (ast.List, ast.Tuple)) and len(given.elts) >= 3:
        program, option = place.literal(given.elts[0]), place.literal(given.elts[1])
        if program in _PROGRAMS and option in ("-c", "-lc", "-ec", "/c", "/C", "-Command"):
            yield from _judge(place, given.elts[2])
    elif words is not None and place.origin(words).shell >= REQUEST and not isinstance(given, (ast.List, ast.Tuple)):
        is_seen = not isinstance(given, ast.Name)  # a parameter may as well be a list with a fixed program
        yield "command-from-request", COMMAND, HIGH if is_seen else LOW, "a request says which program is run"
    if isinstance(given, (ast.List, ast.Tuple)) and given.elts and place.origin(given.elts[0]).shell >= REQUEST:
        yield "command-from-request", COMMAND, HIGH, "a request says which program is run"


@on_call("exec_command", "sudo", "local")
def remote_shell(place: Place, call: ast.Call) -> Found:
    """Commands on another machine: paramiko, fabric."""
    if not call.args or not place.has_import("paramiko", "fabric", "invoke"):
        return
    shape = place.shape(call.args[0])
    worst = max((part.origin.shell for part in shape if isinstance(part, Hole)), default=0)
    if worst >= LOCAL or (worst >= UNKNOWN and len(shape) > 1):
        yield "command-remote", COMMAND, sure(worst), "a value is put into a command for another machine"


def _judge(place: Place, command: ast.expr | None) -> Found:
    if command is None:
        return
    given = place.given(command)
    if isinstance(given, (ast.List, ast.Tuple)):
        worst = max((place.origin(item).shell for item in given.elts), default=0)
        if worst >= UNKNOWN:
            yield "command-shell-list", COMMAND, sure(worst), "a list of words goes through a shell"
        return
    shape = place.shape(command)
    holes = [part for part in shape if isinstance(part, Hole) and part.origin.shell >= UNKNOWN]
    if not holes:
        return
    worst = max(part.origin.shell for part in holes)
    if worst >= LOCAL:
        yield "command-value-of-request", COMMAND, HIGH, "a value from outside is put into a command for the shell"
    elif any(isinstance(part, str) and part.strip() for part in shape):
        yield "command-value", COMMAND, HIGH, "a value is put into the text of a command for the shell"
    else:
        yield "command-unknown", COMMAND, MEDIUM, "a command that is not fixed goes through a shell"


_EVALUATORS = frozenset(
    "PIL.ImageMath.eval PIL.ImageMath.unsafe_eval numexpr.evaluate pandas.eval sympy.sympify sympy.parse_expr"
    " sympy.parsing.sympy_parser.parse_expr code.interact timeit.timeit cProfile.run".split()
)
"""Functions of libraries that run the text of a formula as Python."""


@on_call(
    *("eval exec compile __import__ import_module execfile unsafe_eval evaluate sympify parse_expr timeit run").split()
)
def run_text(place: Place, call: ast.Call) -> Found:
    """Text that is run as code."""
    full = place.dotted(call.func)
    if full not in (
        "eval",
        "exec",
        "compile",
        "__import__",
        "importlib.import_module",
        "builtins.eval",
        "builtins.exec",
        "execfile",
        *_EVALUATORS,
    ):
        return
    if not call.args:
        return
    level = place.origin(call.args[0]).code
    if full in _EVALUATORS:
        if level >= REQUEST:
            yield "code-from-outside", CODE, HIGH, "a value from outside is run as code"
        return
    if full in ("compile", "__import__", "importlib.import_module"):
        if level >= REQUEST:
            yield "code-name-from-request", CODE, HIGH, "a request says which code is loaded"
        return
    if level >= LOCAL:
        yield "code-from-outside", CODE, HIGH, "a value from outside is run as code"
    elif level >= UNKNOWN:
        low = isinstance(call.args[0], ast.Call) and place.dotted(call.args[0].func) == "compile"
        yield "code-not-fixed", CODE, LOW if low else MEDIUM, "a text that is not fixed is run as code"


@on_call("render_template_string", "from_string", "Template")
def template_text(place: Place, call: ast.Call) -> Found:
    """A template that is put together: whoever writes a part of it can run code."""
    full = place.dotted(call.func)
    name = full.rpartition(".")[2] or getattr(call.func, "attr", "")
    if name == "Template" and not (full.startswith(("jinja2", "mako", "flask")) or full == "django.template.Template"):
        return
    source = argument(call, 0, "source", "template_string")
    if source is None:
        return
    shape = place.shape(source)
    holes = [part for part in shape if isinstance(part, Hole)]
    worst = max((part.origin.code for part in holes), default=0)
    if worst >= LOCAL:
        yield "template-from-request", TEMPLATE, HIGH, "a value from outside becomes part of a template"
    elif worst >= UNKNOWN and any(isinstance(part, str) and part.strip() for part in shape):
        yield "template-with-value", TEMPLATE, HIGH, "a value is put into the text of a template, not passed to it"
    elif worst >= UNKNOWN and name == "render_template_string":
        yield "template-not-fixed", TEMPLATE, MEDIUM, "a template that is not fixed"
