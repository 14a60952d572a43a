"""Connections: certificates, keys of servers, old protocols, and addresses out of requests."""

from __future__ import annotations

import ast
import re

from secaudit.tables.project._py_origin import REQUEST
from secaudit.tables.project._py_reader import Kind, Place, argument, keyword
from secaudit.tables.project._py_rules import HIGH, MEDIUM, Found, on_call, on_node
from secaudit.tables.project._py_values import Hole, last_name

VERIFY = Kind("tls-verify-off", 295, "high")
TLS = Kind("weak-tls", 327, "medium")
HOSTKEY = Kind("host-key-off", 295, "high")
CLEAR = Kind("cleartext", 319, "medium")
SSRF = Kind("ssrf", 918, "high")

_VERBS = tuple(
    "get post put patch delete head options request urlopen urlretrieve ws_connect stream send Client AsyncClient"
    " fetch Session TCPConnector PoolManager HTTPSConnectionPool ProxyManager Request".split()
)
_CLIENTS = ("requests", "httpx", "aiohttp", "urllib", "urllib2", "urllib3", "pycurl", "httplib2", "http", "tornado")


@on_call(*_VERBS)
def unverified(place: Place, call: ast.Call) -> Found:
    """Requests that take any certificate."""
    if not place.has_import(*_CLIENTS):
        return
    name = last_name(call.func)
    if place.literal(keyword(call, "verify")) is False and name != "PoolManager":
        yield (
            "verify-false",
            VERIFY,
            HIGH,
            "any certificate is taken, so anyone on the way can read and change what is sent",
        )
    for item in call.keywords:
        options = place.given(item.value) if item.arg is None else None
        for key, value in zip(options.keys, options.values) if isinstance(options, ast.Dict) else ():  # noqa: B905
            if key is not None and place.literal(key) == "verify" and place.literal(value) is False:
                yield "verify-false", VERIFY, HIGH, "any certificate is taken, so anyone on the way can read and change"
    for word in ("ssl", "verify_ssl", "ssl_context"):
        given = keyword(call, word)
        if (
            isinstance(given, ast.Constant)
            and given.value is False
            and place.has_import("aiohttp", "urllib3", "elasticsearch")
        ):
            yield (
                "verify-false",
                VERIFY,
                HIGH,
                "any certificate is taken, so anyone on the way can read and change what is sent",
            )
    mode = keyword(call, "cert_reqs")
    if mode is not None and (place.literal(mode) in ("CERT_NONE", "NONE") or last_name(mode) == "CERT_NONE"):
        yield (
            "cert-none",
            VERIFY,
            HIGH,
            "any certificate is taken, so anyone on the way can read and change what is sent",
        )


@on_call("_create_unverified_context", "_create_stdlib_context", "set_verify", "setopt", "set_option", "validate_cert")
def unverified_context(place: Place, call: ast.Call) -> Found:
    """Contexts and handles that take any certificate."""
    full = place.dotted(call.func)
    if full in ("ssl._create_unverified_context", "ssl._create_stdlib_context"):
        yield "unverified-context", VERIFY, MEDIUM if place.in_condition else HIGH, "certificates are not checked"
    elif full.endswith("set_verify") and call.args and last_name(call.args[0]) == "VERIFY_NONE":
        yield "verify-none", VERIFY, MEDIUM if place.in_condition else HIGH, "certificates are not checked"
    elif [last_name(item) for item in call.args[:1]] in (["SSL_VERIFYPEER"], ["OPT_X_TLS_REQUIRE_CERT"]):
        value = argument(call, 1)
        if place.literal(value) in (0, False) or (value is not None and last_name(value) == "OPT_X_TLS_NEVER"):
            yield "verify-option", VERIFY, HIGH, "certificates are not checked"


@on_node(ast.Assign)
def switched_off(place: Place, node: ast.AST) -> Found:
    """`context.verify_mode = ssl.CERT_NONE`, `session.verify = False`."""
    if not isinstance(node, ast.Assign):
        return
    for target in node.targets:
        if not isinstance(target, ast.Attribute):
            continue
        value = node.value
        sure = MEDIUM if place.in_condition else HIGH
        if target.attr == "verify_mode" and last_name(value) == "CERT_NONE":
            yield "context-none", VERIFY, sure, "certificates are not checked"
        elif target.attr == "check_hostname" and isinstance(value, ast.Constant) and value.value is False:
            yield "context-hostname", VERIFY, MEDIUM, "the name in the certificate is not checked"
        elif (
            target.attr == "verify"
            and isinstance(value, ast.Constant)
            and value.value is False
            and place.has_import("requests")
        ):
            yield "session-verify", VERIFY, sure, "any certificate is taken in this session"
        elif place.dotted(target) == "ssl._create_default_https_context" and "unverified" in last_name(value):
            yield "default-context", VERIFY, HIGH, "certificates are checked nowhere in this program"
        elif target.attr == "minimum_version" and last_name(value) in ("SSLv2", "SSLv3", "TLSv1", "TLSv1_1"):
            yield "tls-old", TLS, sure, "an old version of TLS is allowed"


_OLD = frozenset(
    "PROTOCOL_SSLv2 PROTOCOL_SSLv3 PROTOCOL_TLSv1 PROTOCOL_TLSv1_1 SSLv2_METHOD SSLv3_METHOD TLSv1_METHOD"
    " TLSv1_1_METHOD".split()
)


@on_call("SSLContext", "wrap_socket", "Context", "get_server_certificate", "create_urllib3_context")
def old_tls(place: Place, call: ast.Call) -> Found:
    """Old versions of TLS."""
    name = last_name(call.func)
    version = argument(call, 0 if name in ("SSLContext", "Context") else 9, "protocol", "ssl_version", "method")
    if version is not None and last_name(version) in _OLD:
        yield "tls-old", TLS, HIGH, "an old version of TLS is used"
    if place.dotted(call.func) == "ssl.wrap_socket":
        mode = keyword(call, "cert_reqs")
        if mode is None or last_name(mode) == "CERT_NONE":
            yield "socket-cert-none", VERIFY, HIGH, "certificates are not checked"


@on_call("set_missing_host_key_policy", "connect", "AutoAddPolicy")
def host_keys(place: Place, call: ast.Call) -> Found:
    """SSH without looking at the server's key."""
    name = last_name(call.func)
    if name == "set_missing_host_key_policy" and call.args:
        policy = call.args[0].func if isinstance(call.args[0], ast.Call) else call.args[0]
        if last_name(policy) in ("AutoAddPolicy", "WarningPolicy"):
            yield "ssh-any-host", HOSTKEY, HIGH, "any SSH server is believed to be the right one"
    elif place.dotted(call.func) == "asyncssh.connect":
        given = keyword(call, "known_hosts")
        if isinstance(given, ast.Constant) and given.value is None:
            yield "ssh-any-host", HOSTKEY, HIGH, "any SSH server is believed to be the right one"


@on_call("FTP", "Telnet")
def clear_protocols(place: Place, call: ast.Call) -> Found:
    """Logins that everyone on the way can read."""
    full = place.dotted(call.func)
    if full in ("ftplib.FTP", "telnetlib.Telnet"):
        yield (
            "clear-" + full.rpartition(".")[2].lower(),
            CLEAR,
            HIGH,
            "the login and all that is sent can be read on the way",
        )


@on_call(
    *(
        "get post put patch delete head options request urlopen urlretrieve stream fetch Request ws_connect"
        " create_connection"
    ).split()
)
def asked_address(place: Place, call: ast.Call) -> Found:
    """The server opens an address that a request names: also one inside its own network."""
    full = place.dotted(call.func)
    name = last_name(call.func)
    top = full.partition(".")[0]
    owner = place.made_by(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    is_client = top in ("requests", "httpx", "urllib", "urllib2", "urllib3", "aiohttp") or owner.startswith(
        ("requests.", "httpx.", "aiohttp.", "urllib3.")
    )
    if not is_client and not (name == "fetch" and "Client" in owner):
        return
    address = argument(call, 1 if name in ("request", "stream") and len(call.args) > 1 else 0, "url", "fullurl")
    if address is None:
        return
    shape = place.shape(address)
    first = next((part for part in shape if isinstance(part, Hole)), None)
    if first is None:
        return
    before = shape[0] if isinstance(shape[0], str) else ""
    if re.match(r"[a-z+]+://[^/?#]+[/?#]", before, re.I):
        return  # the host is fixed
    if first.origin.url >= REQUEST:
        yield (
            "address-from-request",
            SSRF,
            HIGH,
            "a request says which address this server opens, also inside its own network",
        )
