"""Answers to web requests: HTML, redirects, cookies, errors shown, and protection that is switched off."""

from __future__ import annotations

import ast
import re

from secaudit.tables.project._py_origin import LOCAL, REQUEST, UNKNOWN
from secaudit.tables.project._py_reader import Kind, Place, argument, keyword
from secaudit.tables.project._py_rules import HIGH, LOW, MEDIUM, Found, on_call, on_node
from secaudit.tables.project._py_values import Hole, Part, last_name

XSS = Kind("xss", 79, "high")
ESCAPE = Kind("autoescape-off", 79, "high")
REDIRECT = Kind("open-redirect", 601, "medium")
CSRF = Kind("csrf-off", 352, "high")
DEBUG = Kind("debug-on", 489, "high")
BIND = Kind("bind-all", 605, "medium")
COOKIE = Kind("cookie-flags", 614, "medium")
ERRORS = Kind("error-details", 209, "medium")
MASS = Kind("mass-assignment", 915, "high")
ASSERT = Kind("assert-auth", 617, "medium")
LOGGED = Kind("secret-logged", 532, "medium")


@on_call("mark_safe", "Markup", "SafeString", "SafeText", "SafeData", "format_html", "HTML")
def marked_safe(place: Place, call: ast.Call) -> Found:
    """Text that is declared to be HTML already."""
    full = place.dotted(call.func)
    name = last_name(call.func)
    if not call.args or (name == "Markup" and not full.startswith(("markupsafe", "flask", "jinja2"))):
        return
    if name in ("mark_safe", "SafeString", "SafeText", "format_html") and not full.startswith("django"):
        return
    if name == "HTML" and not full.startswith(("IPython_", "htbuilder_")):
        return
    shape = place.shape(call.args[0])
    holes = [part for part in shape if isinstance(part, Hole)]
    worst = max((part.origin.html for part in holes), default=0)
    if worst >= LOCAL:
        yield "html-from-request", XSS, HIGH, "a value out of a request becomes HTML without being escaped"
    elif name == "format_html":
        if worst >= UNKNOWN and len(shape) > 1:
            yield (
                "html-format",
                XSS,
                HIGH,
                "format_html gets a text that already has the value in it, so nothing is escaped",
            )
    elif worst >= UNKNOWN and len(shape) > 1:
        yield "html-value", XSS, MEDIUM, "a value becomes HTML without being escaped"
    elif worst >= UNKNOWN:
        yield "html-unknown", XSS, LOW, "a text that is not fixed is declared to be HTML"


@on_call(
    "HttpResponse",
    "HTMLResponse",
    "make_response",
    "Response",
    "HttpResponseBadRequest",
    "HttpResponseNotFound",
    "write",
    "finish",
)
def response(place: Place, call: ast.Call) -> Found:
    """HTML of a response that is put together from a request."""
    name = last_name(call.func)
    content = argument(call, 0, "content", "response", "body", "text")
    if content is None or (
        name in ("write", "finish")
        and place.dotted(call.func) not in ("self.write", "self.finish", "response.write", "self.wfile.write")
    ):
        return
    kind = place.literal(argument(call, 1 if name == "HttpResponse" else 9, "content_type", "mimetype", "media_type"))
    if isinstance(kind, str) and "html" not in kind:
        return
    if name in ("Response", "make_response") and not place.has_import(
        "flask", "werkzeug", "aiohttp", "starlette", "fastapi", "pyramid", "webob"
    ):
        return
    if name == "Response" and place.has_import("rest_framework", "fastapi", "starlette") and kind is None:
        return
    if name == "Response" and place.has_import("aiohttp") and not isinstance(kind, str):
        return
    shape = place.shape(content)
    is_page = name == "make_response" and kind is None and any(isinstance(part, str) for part in shape)
    if (
        _asked_html(shape)
        or (is_page and len(call.args) == 1 and _worst(shape) >= REQUEST)
        or (isinstance(kind, str) and place.origin(content).html >= REQUEST)
    ):
        yield "html-response", XSS, HIGH, "a value out of a request is written into HTML without being escaped"
    elif name == "write" and place.dotted(call.func) == "self.wfile.write":
        if place.origin(content).html >= REQUEST:
            yield "html-response", XSS, MEDIUM, "a value out of a request is written into the answer as it came"
    elif name.startswith("HttpResponse") and place.origin(content).html >= REQUEST:
        yield "html-response", XSS, HIGH, "a value out of a request is the HTML of the answer"


@on_node(ast.Return)
def returned_html(place: Place, node: ast.AST) -> Found:
    """Flask answers with what a view returns, as HTML."""
    value = getattr(node, "value", None)
    if isinstance(value, ast.Tuple) and value.elts:
        value = value.elts[0]
    if value is None or isinstance(value, (ast.Dict, ast.Constant)) or not place.answers_request:
        return
    if not place.has_import("flask", "bottle", "quart") and not _answers_html(place):
        return
    shape = place.shape(value)
    if isinstance(value, ast.Call) and not any(isinstance(part, str) for part in shape):
        return
    given = place.given(value)
    if isinstance(given, ast.Dict) or (
        isinstance(given, ast.Call) and last_name(given.func) in ("jsonify", "get_json", "json")
    ):
        return
    if _asked_html(shape) or (any(isinstance(part, str) for part in shape) and _worst(shape) >= REQUEST):
        yield "html-returned", XSS, HIGH, "a value out of a request is written into HTML without being escaped"


def _answers_html(place: Place) -> bool:
    """`@app.get("/", response_class=HTMLResponse)` of FastAPI."""
    return place.function is not None and any(
        isinstance(decorator, ast.Call)
        and last_name(keyword(decorator, "response_class") or decorator) == "HTMLResponse"
        for decorator in place.function.decorator_list
    )


def _worst(shape: tuple[Part, ...]) -> int:
    return max((part.origin.html for part in shape if isinstance(part, Hole)), default=0)


def _asked_html(shape: tuple[Part, ...]) -> bool:
    return _worst(shape) >= REQUEST and any(isinstance(part, str) and "<" in part for part in shape)


@on_call("Environment", "SandboxedEnvironment", "TemplateLookup", "setup", "get_env", "Jinja2Templates")
def escaping(place: Place, call: ast.Call) -> Found:
    """Templates that do not escape what they show."""
    full = place.dotted(call.func)
    wanted = keyword(call, "autoescape")
    if full.startswith("aiohttp_jinja2") or full.endswith(
        "Jinja2Templates"
    ):  # these escape unless they are told not to
        if wanted is not None and place.literal(wanted) is False:
            yield "jinja-escape-off", ESCAPE, HIGH, "the templates do not escape what they show"
        return
    if not full.startswith(("jinja2", "mako")):
        return
    if full.startswith("mako"):
        if "h" not in str(ast.dump(keyword(call, "default_filters") or ast.Constant(""))):
            yield "mako-escape", ESCAPE, MEDIUM, "these templates do not escape what they show"
    elif wanted is not None and place.literal(wanted) is False:
        yield "jinja-escape-off", ESCAPE, HIGH, "the templates do not escape what they show"
    elif wanted is None and not any(item.arg is None for item in call.keywords):
        yield (
            "jinja-escape-default",
            ESCAPE,
            MEDIUM,
            "without autoescape=True these templates do not escape what they show",
        )


# ------------------------------------------------------------ redirects


@on_call(
    "redirect",
    "HttpResponseRedirect",
    "HttpResponsePermanentRedirect",
    "RedirectResponse",
    "HTTPFound",
    "HTTPSeeOther",
    "seeother",
)
def redirects(place: Place, call: ast.Call) -> Found:
    """Addresses out of a request."""
    goal = argument(call, 0, "location", "url", "to", "redirect_to", "code_url")
    if goal is None:
        return
    shape = place.shape(goal)
    if shape and isinstance(shape[0], str) and re.match(r"(?:https?://[^/]+/|/[^/\\]|\?|#|\./)", shape[0]):
        return
    first = next((part for part in shape if isinstance(part, Hole)), None)
    if (
        first is not None
        and shape
        and (shape[0] is first or shape[0] in ("http://", "https://", "//", "/"))
        and first.origin.url >= REQUEST
    ):
        yield "redirect-from-request", REDIRECT, HIGH, "a request says where the browser is sent"


# ------------------------------------------------------------ protection switched off


@on_node(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
def csrf_exempt(place: Place, node: ast.AST) -> Found:
    """Views without protection against forged requests."""
    for decorator in getattr(node, "decorator_list", ()):
        name = last_name(decorator)
        inner = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
        if (
            name == "csrf_exempt"
            or (inner is not None and last_name(inner) == "csrf_exempt")
            or (
                isinstance(decorator, ast.Attribute)
                and decorator.attr == "exempt"
                and "csrf" in place.dotted(decorator.value).lower()
            )
        ):
            yield "csrf-exempt", CSRF, MEDIUM, "this view takes requests that another site made"


@on_call("csrf_exempt")
def csrf_exempt_call(place: Place, call: ast.Call) -> Found:
    """`path("x", csrf_exempt(view))`."""
    if call.args and isinstance(call.args[0], (ast.Name, ast.Attribute, ast.Call)):
        yield "csrf-exempt", CSRF, MEDIUM, "this view takes requests that another site made"


@on_node(ast.Assign)
def escaping_off(place: Place, node: ast.AST) -> Found:
    """`app.jinja_env.autoescape = False`."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant) or node.value.value is not False:
        return
    if any(place.dotted(target).endswith("jinja_env.autoescape") for target in node.targets):
        yield "jinja-escape-off", ESCAPE, HIGH, "the templates do not escape what they show"


@on_call("Application", "Starlette", "Sanic", "Litestar")
def debug_application(place: Place, call: ast.Call) -> Found:
    """Applications that show their errors to visitors."""
    full = place.dotted(call.func)
    if full.partition(".")[0] not in ("aiohttp", "tornado", "starlette", "sanic", "litestar"):
        return
    if place.literal(keyword(call, "debug")) is True:
        yield "application-debug", DEBUG, HIGH, "the application shows visitors its errors and how it is made"


@on_call("run", "run_simple", "run_app", "run_server")
def debug_server(place: Place, call: ast.Call) -> Found:
    """Servers started with a debugger, or on all addresses."""
    full = place.dotted(call.func)
    owner = full.rpartition(".")[0].lower()
    is_server = owner.endswith(("app", "server", "application")) and any(
        keyword(call, name) is not None for name in ("host", "port")
    )
    if (
        not full
        or owner.startswith("subprocess")
        or (
            not is_server
            and not place.has_import(
                "flask",
                "uvicorn",
                "bottle",
                "werkzeug",
                "fastapi",
                "aiohttp",
                "sanic",
                "quart",
                "dash",
                "starlette",
                "cherrypy",
            )
        )
    ):
        return
    if any(place.literal(keyword(call, name)) is True for name in ("debug", "use_debugger", "use_evalex")):
        yield "server-debug", DEBUG, HIGH, "the server is started with its debugger, which runs what a visitor types"
    elif full == "uvicorn.run" and place.literal(keyword(call, "reload")) is True:
        yield "server-reload", DEBUG, LOW, "the server is started in the way for writing code"
    host = place.literal(keyword(call, "host"))
    if host in ("0.0.0.0", "::"):  # noqa: S104  looked for, not used
        yield "server-all-addresses", BIND, MEDIUM, "the server listens on all addresses of the machine"


@on_call("DebuggedApplication")
def debugger(place: Place, call: ast.Call) -> Found:
    """Werkzeug's debugger put around an application."""
    if place.has_import("werkzeug") and not isinstance(place.literal(keyword(call, "evalex")), bool):
        yield "server-debugger", DEBUG, MEDIUM, "the debugger runs what a visitor types"


@on_call("bind")
def bound(place: Place, call: ast.Call) -> Found:
    """Sockets on all addresses."""
    given = place.given(call.args[0]) if call.args else None
    if isinstance(given, ast.Tuple) and given.elts and place.literal(given.elts[0]) in ("0.0.0.0", "", "::"):  # noqa: S104
        yield "socket-all-addresses", BIND, MEDIUM, "the socket listens on all addresses of the machine"


_SESSION = re.compile(r"sess|token|auth|jwt|sid$|login|remember|user", re.I)


@on_call("set_cookie", "set_signed_cookie")
def cookies(place: Place, call: ast.Call) -> Found:
    """Cookies that scripts or anyone on the way can read."""
    name = place.literal(argument(call, 0, "key", "name"))
    if any(item.arg is None for item in call.keywords):
        return
    missing = [
        flag
        for flag in ("secure", "httponly")
        if place.literal(keyword(call, flag)) is False or keyword(call, flag) is None
    ]
    if not missing:
        return
    sure = HIGH if isinstance(name, str) and _SESSION.search(name) else LOW
    yield "cookie-" + "-".join(missing), COOKIE, sure, f"a cookie is set without {' and '.join(missing)}"


@on_node(ast.ExceptHandler)
def shown_errors(place: Place, node: ast.AST) -> Found:
    """Details of an error in the answer."""
    if not isinstance(node, ast.ExceptHandler) or not place.answers_request:
        return
    for part in (inner for statement in node.body for inner in ast.walk(statement)):
        value = part.value if isinstance(part, ast.Return) else None
        for call in ast.walk(value) if value is not None else ():
            if isinstance(call, ast.Call) and place.dotted(call.func) in ("traceback.format_exc", "sys.exc_info"):
                yield "error-trace", ERRORS, HIGH, "the answer shows where in the code an error arose"
                return
            if isinstance(call, ast.Call) and last_name(call.func) in ("str", "repr") and call.args:
                given = call.args[0]
                if isinstance(given, ast.Name) and given.id == node.name:
                    broad = node.type is None or last_name(node.type) in ("Exception", "BaseException")
                    yield "error-text", ERRORS, MEDIUM if broad else LOW, "the answer shows the text of an error"
                    return


# ------------------------------------------------------------ what may be changed


@on_node(ast.Call)
def mass_assignment(place: Place, node: ast.AST) -> Found:
    """All fields of a request go into a record: also those nobody should set."""
    if not isinstance(node, ast.Call):
        return
    name = last_name(node.func)
    if not name[:1].isupper() and name not in _RECORDS:
        return
    for item in node.keywords:
        if item.arg is not None or isinstance(place.given(item.value), ast.Dict):  # names that stand in the code
            continue
        if place.origin(item.value).code >= REQUEST and not _is_checked(item.value):
            yield (
                "mass-assignment",
                MASS,
                HIGH,
                "all fields of a request go into a record, also those nobody should set",
            )


_RECORDS = frozenset("create update get_or_create update_or_create values insert".split())


def _is_checked(node: ast.expr) -> bool:
    """Fields of a form or of a model of pydantic are a fixed list."""
    text = ast.dump(node)
    if any(word in text for word in ("'cleaned_data'", "'validated_data'", "'model_dump'")):
        return True
    return "'dict'" in text and not any(word in text for word in ("'POST'", "'GET'", "'form'", "'args'", "'json'"))


@on_node(ast.For)
def mass_setattr(place: Place, node: ast.AST) -> Found:
    """`for key, value in request.json.items(): setattr(user, key, value)`."""
    if not isinstance(node, ast.For) or place.origin(node.iter).code < REQUEST:
        return
    whole = (
        node.iter.func.value if isinstance(node.iter, ast.Call) and isinstance(node.iter.func, ast.Attribute) else None
    )
    if whole is not None and _is_checked(place.given(whole) or whole):
        return
    for part in (inner for statement in node.body for inner in ast.walk(statement)):
        if isinstance(part, ast.If):
            return
        if isinstance(part, ast.Call) and last_name(part.func) == "setattr":
            yield (
                "mass-setattr",
                MASS,
                HIGH,
                "all fields of a request go into a record, also those nobody should set",
            )
            return


_RIGHTS = re.compile(
    r"is_admin|is_staff|is_superuser|is_authenticated|has_perm|permission|authori[sz]ed|logged_in|is_owner|has_role|current_user",
    re.I,
)


@on_node(ast.Assert)
def asserted(place: Place, node: ast.AST) -> Found:
    """`python -O` leaves assert out."""
    if isinstance(node, ast.Assert) and place.function is not None and not place.function_name.startswith("test"):
        for part in ast.walk(node.test):
            name = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
            if name and _RIGHTS.search(name):
                yield "assert-rights", ASSERT, HIGH, "rights are checked by assert, which python -O leaves out"
                return


_SECRET_NAME = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|secret|api_?key|access_?token|private_key|credit_?card|card_number|cvv|ssn)$", re.I
)


@on_call("debug", "info", "warning", "error", "critical", "exception", "log", "print")
def logged(place: Place, call: ast.Call) -> Found:
    """Passwords in logs."""
    full = place.dotted(call.func)
    owner = full.rpartition(".")[0].lower()
    if full != "print" and not any(word in owner for word in ("log", "app")):
        return
    for item in [*call.args, *(word.value for word in call.keywords)]:
        for part in ast.walk(item):
            if isinstance(part, ast.Call) and last_name(part.func) not in ("format", "str", "get", "strip"):
                break
            name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
            if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant):
                name = str(part.slice.value)
            if (
                name
                and _SECRET_NAME.search(name)
                and not isinstance(place.literal(part if isinstance(part, ast.expr) else None), str)
            ):
                yield (
                    "secret-printed" if full == "print" else "secret-logged",
                    LOGGED,
                    LOW if full == "print" else HIGH,
                    "a secret goes into the log",
                )
                return
