"""What counts as coming out of a web request, and which functions answer one, in the frameworks for Python."""

from __future__ import annotations

import ast
import re
from typing import Iterator

from secaudit.tables.project._py_origin import ASKED, OPEN, SAFE, Origin

REQUEST_PARTS = frozenset(
    "args form values json data files cookies headers view_args stream get_json get_data query_string GET POST"
    " FILES COOKIES META body query_params path_params match_info query rel_url params forms post read text"
    " arguments body_arguments query_arguments multipart matchdict json_body environ referrer user_agent"
    " get_full_path args_list".split()
)
"""Attributes and methods of a request whose value the other side chooses."""

REQUEST_NAMES = frozenset(
    ("request", "req", "self.request", "flask.request", "bottle.request", "self.req", "info.context")
)
_TORNADO = frozenset("self.get_argument self.get_arguments self.get_body_argument self.get_query_argument".split())
TYPED_IN = frozenset(("input", "raw_input", "sys.argv", "sys.stdin", "sys.stdin.read", "sys.stdin.readline"))

OWN = frozenset(
    "__file__ __name__ __package__ sys.executable sys.prefix sys.platform sys.version_info os.name os.sep os.linesep"
    " os.getcwd os.getpid os.environ os.environ.get os.getenv os.curdir tempfile.gettempdir tempfile.mkdtemp"
    " tempfile.mkstemp Path.cwd pathlib.Path.cwd Path.home pathlib.Path.home platform.system platform.machine".split()
)
"""What the program finds where it runs: whoever sets that could as well run programs."""

_ROUTES = frozenset("route get post put patch delete websocket api_route head options expose".split())
_NUMBERS = frozenset(
    "int float bool UUID uuid.UUID Decimal datetime date time datetime.date datetime.datetime PositiveInt conint"
    " HttpRequest Request Session AsyncSession BackgroundTasks Response WebSocket Settings User Connection Depends"
    " UploadFile_".split()
)
_NOT_DATA = frozenset("self cls request req db session info ctx context response background_tasks websocket".split())


def is_request_part(dotted: str) -> bool:
    """`request.args`, `self.request.GET` ... and everything below them."""
    if dotted in _TORNADO:
        return True
    parts = dotted.split(".")
    for at in range(1, min(len(parts), 4)):
        if ".".join(parts[:at]) in REQUEST_NAMES:
            return parts[at] in REQUEST_PARTS
    return False


def is_own_address(dotted: str) -> bool:
    """`request.url`, `request.path`: the visitor chooses it, but as an address it stays on this site."""
    head, _, last = dotted.rpartition(".")
    return head in REQUEST_NAMES and last in ("url", "full_path", "path", "base_url", "path_info")


def is_form_part(dotted: str) -> bool:
    """`form.name.data` of WTForms, `form.cleaned_data` of Django."""
    parts = dotted.split(".")
    return len(parts) >= 2 and parts[0] == "form" and parts[-1] in ("data", "cleaned_data")


def route_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str | None:
    """The path of the route that a function answers, empty when it is not written there; None when it answers none."""
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        name = getattr(decorator.func, "attr", None) or getattr(decorator.func, "id", "")
        if name not in _ROUTES:
            continue
        first = decorator.args[0] if decorator.args else None
        text = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None
        if text is not None and (text.startswith("/") or text == ""):
            return text
        if name == "route":
            return text or ""
    return None


def answers_request(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether a function gets a request: it has a route, or its first parameter is called request."""
    names = [argument.arg for argument in function.args.args[:2]]
    return route_of(function) is not None or "request" in names


_HANDLER = re.compile(r"do_(?:GET|POST|PUT|PATCH|DELETE|HEAD)\Z")
_HANDLED = ("self.path", "self.headers", "self.rfile", "self.requestline")


def parts_of_handler(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, ...]:
    """What the other side chooses in a handler of http.server: `self.path` in `do_GET`."""
    return _HANDLED if _HANDLER.match(function.name) else ()


def parameters_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, Origin]]:
    """Each parameter with what a call may put into it."""
    route = route_of(function)
    arguments = function.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults: dict[str, ast.expr | None] = {
        argument.arg: default
        for argument, default in zip(reversed(plain), reversed(arguments.defaults))  # noqa: B905  Python 3.9
    }
    defaults.update({argument.arg: default for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults)})  # noqa: B905  Python 3.9
    others = [argument for argument in (arguments.vararg, arguments.kwarg) if argument is not None]
    for argument in [*plain, *arguments.kwonlyargs, *others]:
        yield argument.arg, _origin_of(argument, route, defaults.get(argument.arg))


def _origin_of(argument: ast.arg, route: str | None, default: ast.expr | None) -> Origin:
    annotation = _text(argument.annotation)
    if annotation in _NUMBERS - {"HttpRequest", "Request", "Session", "Settings", "User", "Response", "Connection"}:
        return SAFE
    if route is None or argument.arg in _NOT_DATA or annotation in _NUMBERS:
        return OPEN
    if isinstance(default, ast.Call) and _text(default.func).rpartition(".")[2] in ("Depends", "Security"):
        return OPEN
    for kind in ("int", "float", "uuid"):
        if f"<{kind}:{argument.arg}>" in route or f"{{{argument.arg}:{kind}}}" in route:
            return SAFE
    return ASKED


def _text(node: ast.expr | None) -> str:
    """The dotted name of an annotation; of `int | None`, `Optional[int]` and `Annotated[int, ...]` the inner one."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_text(node.value)}.{node.attr}"
    if isinstance(node, ast.BinOp):
        return _text(node.left)
    if isinstance(node, ast.Subscript) and _text(node.value).rpartition(".")[2] in ("Optional", "Annotated"):
        inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        return _text(inner)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""
