"""Data that can run code or eat all memory when they are read: pickle, YAML, XML, archives."""

from __future__ import annotations

import ast

from secaudit.tables.project._py_origin import LOCAL, REQUEST, UNKNOWN
from secaudit.tables.project._py_reader import Kind, Place, argument, keyword
from secaudit.tables.project._py_rules import HIGH, LOW, MEDIUM, Found, on_call, on_node
from secaudit.tables.project._py_values import last_name

LOADING = Kind("deserialization", 502, "high")
XML = Kind("xxe", 611, "high")
ARCHIVE = Kind("archive-extract", 22, "high")

_PICKLES = frozenset(
    "pickle cPickle _pickle dill cloudpickle jsonpickle marshal shelve joblib pandas torch numpy"
    " sklearn.externals.joblib django.core.signing".split()
)
_SAFE_LOADERS = frozenset("SafeLoader CSafeLoader BaseLoader CBaseLoader FullLoader".split())


@on_call("load", "loads", "decode", "read_pickle", "Unpickler", "open")
def pickles(place: Place, call: ast.Call) -> Found:
    """Formats that carry code."""
    full = place.dotted(call.func)
    top, _, last = full.rpartition(".")
    if top not in _PICKLES:
        return
    if (top == "jsonpickle") != (last == "decode") or (top == "shelve") != (last == "open"):
        return
    if (top == "pandas") != (last == "read_pickle"):
        return
    if top == "torch" and place.literal(keyword(call, "weights_only")) is True:
        return
    if top == "torch" and keyword(call, "weights_only") is None and not call.args:
        return
    if top == "numpy" and place.literal(keyword(call, "allow_pickle")) is not True:
        return
    level = place.origin(call.args[0]).code if call.args else UNKNOWN
    if level >= LOCAL:
        yield "pickle-from-outside", LOADING, HIGH, f"{top} reads data from outside, and such data can run code"
    elif top in ("marshal", "shelve", "torch", "joblib", "numpy", "pandas"):
        yield (
            "pickle-file",
            LOADING,
            LOW if top in ("marshal", "shelve") else MEDIUM,
            f"{top} reads data that can run code",
        )
    elif level >= UNKNOWN:
        yield "pickle-not-fixed", LOADING, MEDIUM, f"{top} reads data that can run code"


@on_call("load", "load_all", "unsafe_load", "unsafe_load_all", "full_load")
def yaml_load(place: Place, call: ast.Call) -> Found:
    """YAML with a loader that makes any object."""
    full = place.dotted(call.func)
    if full.startswith("ruamel.yaml"):
        loader = keyword(call, "Loader")
        if full == "ruamel.yaml.load" and (loader is None or last_name(loader) in ("Loader", "UnsafeLoader")):
            yield "yaml-loader", LOADING, HIGH, "this way of reading YAML can make any object and run code"
        return
    if full.partition(".")[0] != "yaml":
        return
    if full.endswith(("unsafe_load", "unsafe_load_all")):
        yield "yaml-unsafe", LOADING, HIGH, "this way of reading YAML can make any object and run code"
        return
    if full.endswith("full_load"):
        return
    loader = argument(call, 1, "Loader")
    name = last_name(loader) if loader is not None else ""
    if loader is None or name in ("Loader", "UnsafeLoader", "CLoader", "CUnsafeLoader", "UnsafeConstructor"):
        yield "yaml-loader", LOADING, HIGH, "this way of reading YAML can make any object and run code"
    elif name not in _SAFE_LOADERS and "safe" not in name.lower() and not name[:1].isupper():
        yield "yaml-loader-unknown", LOADING, LOW, "the loader of YAML cannot be seen here"


# ------------------------------------------------------------ XML

_STDLIB = (
    "xml.etree.ElementTree",
    "xml.etree.cElementTree",
    "xml.dom.minidom",
    "xml.dom.pulldom",
    "xml.sax",
    "xml.dom.expatbuilder",
)


@on_call("XMLParser", "XMLPullParser", "iterparse", "HTMLParser")
def lxml_parser(place: Place, call: ast.Call) -> Found:
    """lxml: entities that name files and addresses."""
    full = place.dotted(call.func)
    if not full.startswith("lxml"):
        return
    if place.literal(keyword(call, "resolve_entities")) is True:
        yield "lxml-entities", XML, HIGH, "the XML reader follows entities, which can name local files"
    elif place.literal(keyword(call, "no_network")) is False or place.literal(keyword(call, "load_dtd")) is True:
        yield "lxml-network", XML, HIGH, "the XML reader loads other files and addresses that the document names"
    elif place.literal(keyword(call, "huge_tree")) is True:
        yield "lxml-huge", XML, MEDIUM, "the XML reader has no limit for what a document may grow to"


@on_call("parse", "fromstring", "parseString", "XML", "fromstringlist", "iterparse", "make_parser")
def xml_input(place: Place, call: ast.Call) -> Found:
    """XML from outside, read by a parser without protection."""
    full = place.dotted(call.func)
    level = place.origin(call.args[0]).code if call.args else 0
    if full.startswith("lxml"):
        parser = argument(call, 1, "parser")
        if parser is None and level >= REQUEST:
            yield "lxml-default", XML, HIGH, "XML out of a request is read by lxml with its own defaults"
        elif parser is None and level >= UNKNOWN:
            yield "lxml-default", XML, LOW, "XML is read by lxml with its own defaults"
        return
    if full.startswith(_STDLIB) and call.args:
        if level >= LOCAL:
            yield (
                "xml-from-outside",
                XML,
                MEDIUM,
                "XML from outside is read without a limit for entities: use defusedxml",
            )
        elif level >= UNKNOWN:
            yield "xml-not-fixed", XML, LOW, "XML is read without a limit for entities"


@on_call("setFeature")
def sax_entities(place: Place, call: ast.Call) -> Found:
    """The SAX reader with external entities."""
    if (
        len(call.args) == 2
        and "external" in f"{place.dotted(call.args[0])} {place.literal(call.args[0])}"
        and place.literal(call.args[1])
    ):
        yield "sax-entities", XML, HIGH, "the XML reader follows entities, which can name local files"


# ------------------------------------------------------------ archives


@on_call("extractall", "extract", "unpack_archive")
def archives(place: Place, call: ast.Call) -> Found:
    """Tar archives may hold names such as ../../etc/passwd; Python's zipfile takes them out itself."""
    full = place.dotted(call.func)
    if full == "shutil.unpack_archive":
        if keyword(call, "filter") is None:
            yield "archive-unpack", ARCHIVE, MEDIUM, "an archive is unpacked without a filter for names that lead out"
        return
    if not isinstance(call.func, ast.Attribute):
        return
    maker = place.made_by(call.func.value)
    if not maker.startswith("tarfile") and not (maker.endswith("TarFile.open") or maker == "tarfile.TarFile"):
        return
    wanted = keyword(call, "filter")
    if wanted is not None:
        if place.literal(wanted) == "fully_trusted":
            yield "tar-trusted", ARCHIVE, HIGH, "the tar archive is unpacked with all that its names and modes say"
        return
    if call.func.attr == "extract":
        yield "tar-extract", ARCHIVE, LOW, "a file of a tar archive is unpacked without a filter"
    elif argument(call, 1, "members") is None:
        yield "tar-extractall", ARCHIVE, HIGH, "a tar archive is unpacked without a filter for names that lead out"


@on_node(ast.For)
def zip_slip(place: Place, node: ast.AST) -> Found:
    """Files of a zip archive written by hand under the names that stand in it."""
    if not isinstance(node, ast.For) or not isinstance(node.iter, ast.Call):
        return
    if last_name(node.iter.func) not in ("infolist", "namelist", "getmembers", "getnames"):
        return
    targets = {inner.id for inner in ast.walk(node.target) if isinstance(inner, ast.Name)}
    text = ast.dump(ast.Module(node.body, []))
    if any(
        word in text
        for word in (
            "'basename'",
            "'is_relative_to'",
            "'startswith'",
            "'commonpath'",
            "'secure_filename'",
            "'safe_join'",
            "within",
            "is_safe",
            "valid",
        )
    ):
        return
    for part in (inner for statement in node.body for inner in ast.walk(statement)):
        if isinstance(part, ast.Call) and place.dotted(part.func) in ("open", "os.path.join"):
            used = {inner.id for item in part.args for inner in ast.walk(item) if isinstance(inner, ast.Name)}
            if place.dotted(part.func) == "os.path.join" and used & targets and "'open'" in text and "'w" in text:
                yield "zip-slip", ARCHIVE, HIGH, "files of an archive are written under the names that stand in it"
                return
