"""Paths out of requests, temporary files, and modes that let everybody in."""

from __future__ import annotations

import ast
import stat

from secaudit.tables.project._py_origin import REQUEST
from secaudit.tables.project._py_reader import Kind, Place, argument, keyword
from secaudit.tables.project._py_rules import HIGH, MEDIUM, Found, on_call
from secaudit.tables.project._py_values import last_name

PATH = Kind("path-traversal", 22, "high")
UPLOAD = Kind("upload-name", 434, "high")
TEMP = Kind("temp-file", 377, "medium")
MODE = Kind("permissions", 732, "medium")

_OPENERS = frozenset(
    "open io.open codecs.open os.open os.remove os.unlink os.rmdir os.listdir os.scandir os.rename os.makedirs"
    " os.mkdir shutil.rmtree shutil.copy shutil.copyfile shutil.move shutil.copytree aiofiles.open flask.send_file"
    " send_file FileResponse gzip.open django.http.FileResponse starlette.responses.FileResponse"
    " fastapi.responses.FileResponse aiohttp.web.FileResponse web.FileResponse os.stat os.path.getsize"
    " zipfile.ZipFile tarfile.open linecache.getlines".split()
)
_METHODS = frozenset("read_text read_bytes write_text write_bytes unlink rmdir iterdir touch mkdir".split())


@on_call(
    *(
        "open remove unlink rmdir listdir scandir rename makedirs mkdir rmtree copy copyfile move copytree send_file"
        " FileResponse ZipFile read_text read_bytes write_text write_bytes iterdir stat getsize getlines"
    ).split()
)
def opened(place: Place, call: ast.Call) -> Found:
    """A file whose name comes out of a request."""
    full = place.dotted(call.func)
    if full in _OPENERS:
        given = argument(call, 0, "file", "path", "filename", "path_or_file", "src", "name")
        others = call.args[1:2] if last_name(call.func) in ("rename", "copy", "copyfile", "move") else []
        levels = [place.origin(item).path for item in ([given] if given is not None else []) + others]
    elif isinstance(call.func, ast.Attribute) and (call.func.attr in _METHODS or call.func.attr == "open"):
        made = place.made_by(call.func.value)
        is_path = made.rpartition(".")[2] in ("Path", "joinpath", "resolve") or isinstance(call.func.value, ast.BinOp)
        given = place.given(call.func.value)
        is_path = is_path or (isinstance(given, ast.BinOp) and isinstance(given.op, ast.Div))
        levels = [_path_level(place, call.func.value)] if is_path else []
    else:
        return
    if max(levels, default=0) < REQUEST:
        return
    if call.args and _is_django_upload(place, call.args[0]):
        yield "upload-name", UPLOAD, HIGH, "an uploaded file is stored under the name that the other side gave it"
    else:
        yield "path-from-request", PATH, HIGH, "a request says which file is used, so it may lead out of the folder"


def _is_django_upload(place: Place, node: ast.expr) -> bool:
    """Whether the name is that of a file in request.FILES: Django has taken folders out of it, but not its ending."""
    node = place.given(node) or node
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and part.attr == "name":
            return "'FILES'" in ast.dump(place.given(part.value) or part.value)
    return False


def _path_level(place: Place, node: ast.expr) -> int:
    """`BASE / name` is no text, so both sides are looked at."""
    if isinstance(node, ast.BinOp):
        return max(_path_level(place, node.left), _path_level(place, node.right))
    return place.origin(node).path


@on_call("send_from_directory", "static_file")
def served_folder(place: Place, call: ast.Call) -> Found:
    """Only the folder matters: names below it are checked by these functions."""
    folder = argument(call, 0, "directory") if last_name(call.func) == "send_from_directory" else keyword(call, "root")
    if folder is not None and place.origin(folder).path >= REQUEST:
        yield "folder-from-request", PATH, HIGH, "a request says from which folder a file is sent"


@on_call("save", "store", "write_bytes")
def uploaded(place: Place, call: ast.Call) -> Found:
    """An upload stored under the name that the other side gave it."""
    if not call.args or last_name(call.func) != "save":
        return
    text = ast.dump(place.given(call.args[0]) or call.args[0])
    if place.origin(call.args[0]).path >= REQUEST and (
        "'filename'" in text or "'name'" in text or "path" in text.lower()
    ):
        yield "upload-name", UPLOAD, HIGH, "an uploaded file is stored under the name that the other side gave it"


@on_call("mktemp", "tempnam", "tmpnam")
def temporary(place: Place, call: ast.Call) -> Found:
    """Names that can be taken before the file is made."""
    if place.dotted(call.func) in ("tempfile.mktemp", "os.tempnam", "os.tmpnam"):
        yield "temp-name", TEMP, HIGH, "someone else can make the file first: use NamedTemporaryFile or mkstemp"


@on_call("open")
def fixed_in_tmp(place: Place, call: ast.Call) -> Found:
    """A fixed name in a folder where everybody can make files."""
    if place.dotted(call.func) != "open":
        return
    path, mode = place.literal(argument(call, 0, "file")), place.literal(argument(call, 1, "mode"))
    is_shared = isinstance(path, str) and path.startswith(("/tmp/", "/var/tmp/", "/dev/shm/"))  # noqa: S108  looked for
    if is_shared and isinstance(mode, str) and any(sign in mode for sign in "wa+"):
        yield "temp-fixed", TEMP, MEDIUM, "a file of a fixed name in a folder where everybody can make files"


@on_call("chmod", "fchmod", "lchmod", "mkdir", "makedirs", "umask", "mkfifo", "open")
def modes(place: Place, call: ast.Call) -> Found:
    """Modes with rights for everybody."""
    full = place.dotted(call.func)
    name = last_name(call.func)
    if full == "os.umask":
        if place.literal(call.args[0] if call.args else None) == 0 and isinstance(call.args[0], ast.Constant):
            yield "umask-zero", MODE, MEDIUM, "new files can be changed by everybody"
        return
    if name in ("mkdir", "makedirs", "open") and not full.startswith("os."):
        return
    if name in ("mkdir", "makedirs", "open") and keyword(call, "mode") is None:
        return
    position = 1 if full.startswith("os.") else 0
    mode = place.literal(argument(call, position, "mode"))
    if mode is None:
        mode = _stat_bits(place, argument(call, position, "mode"))
    if isinstance(mode, int) and not isinstance(mode, bool) and mode & 0o002 and not mode & 0o1000:
        yield "mode-everybody", MODE, HIGH, "everybody on the machine can change the file"


def _stat_bits(place: Place, node: ast.expr | None) -> int | None:
    """`stat.S_IRWXU | stat.S_IRWXO`."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = _stat_bits(place, node.left), _stat_bits(place, node.right)
        return None if left is None or right is None else left | right
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    name = place.dotted(node)
    bits = getattr(stat, name.removeprefix("stat."), None) if name.startswith("stat.S_I") else None
    return bits if isinstance(bits, int) else None
