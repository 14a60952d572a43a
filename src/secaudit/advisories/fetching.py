"""Fetch the public archives of OSV. The only place of advisories that uses the network, and only when asked."""

from __future__ import annotations

import os
import ssl
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlsplit

from secaudit import __version__
from secaudit.advisories.finding import MAX_ARCHIVE_BYTES, Group
from secaudit.advisories.writing import PREFIX
from secaudit.errors import TargetError, UsageError

PUBLIC_URL = "https://osv-vulnerabilities.storage.googleapis.com"
"""Where OSV publishes its data, as its documentation says ("Data dumps"); below it ECOSYSTEM/all.zip."""

URL_VARIABLE = "SECAUDIT_ADVISORIES_URL"
"""The environment variable that names a mirror."""

TIMEOUT_S = 30.0
"""Without a byte."""

PART_BYTES = 1 << 20
LOOPBACK = ("127.0.0.1", "::1", "localhost")

Observe = Callable[[str, int, int], None]
"""Told the address, how many bytes came, and how many there are (0: not known)."""


class _SameRules(urllib.request.HTTPRedirectHandler):
    """A redirect may not lead away from https."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):  # type: ignore[no-untyped-def]
        check_url(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def base_url(option: str | None) -> str:
    """The address of the archives: the option, else the environment, else the public one.

    Raises:
        UsageError: it is neither https nor this machine.
    """
    url = option or os.environ.get(URL_VARIABLE) or PUBLIC_URL
    check_url(url)
    return url.rstrip("/")


def check_url(url: str) -> None:
    """Do nothing for https, and for http on this machine.

    Raises:
        UsageError: anything else; data that somebody on the way can change would hide holes.
    """
    fix = ("fix", "name an https address, or fetch the zip yourself and: secaudit advisories import FILE")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise UsageError(f'"{url}" is no address', (fix,)) from None
    if parts.username or parts.password:
        raise UsageError("an address with a login is not used", (fix,))
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)):
        raise UsageError(f'"{url}" is not an https address', (fix,))


def archive_url(base: str, ecosystem: str) -> str:
    """The address of one archive."""
    return f"{base}/{quote(ecosystem)}/all.zip"


def fetch(url: str, ecosystem: str, folder: Path, observe: Observe | None = None) -> Group:
    """Fetch one archive into a private file of the folder; the caller removes it.

    Raises:
        TargetError: it did not come, or not whole.
    """
    handle, name = tempfile.mkstemp(prefix=PREFIX, suffix=".zip", dir=folder)
    try:
        with os.fdopen(handle, "wb") as stream:
            _copy(url, stream, observe)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Group(url, ecosystem, Path(name), True)


def _copy(url: str, stream: IO[bytes], observe: Observe | None) -> None:
    offline = ("fix", "try again later, or fetch the zip elsewhere and: secaudit advisories import FILE")
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context()), _SameRules()
    )
    request = urllib.request.Request(url, headers={"User-Agent": f"secaudit/{__version__}"})  # noqa: S310  checked
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            if total > MAX_ARCHIVE_BYTES:
                raise TargetError(f"{url}: larger than any list of advisories ({total} bytes)", (offline,))
            got = 0
            while part := answer.read(PART_BYTES):
                got += len(part)
                if got > MAX_ARCHIVE_BYTES:
                    raise TargetError(f"{url}: larger than any list of advisories", (offline,))
                stream.write(part)
                if observe is not None:
                    observe(url, got, total)
            if total and got != total:
                raise TargetError(f"{url}: only {got} of {total} bytes came", (offline,))
    except urllib.error.HTTPError as error:
        raise TargetError(f"{url}: the server answers {error.code} {error.reason}", (offline,)) from error
    except urllib.error.URLError as error:
        raise TargetError(f"{url}: {error.reason}", (offline,)) from error
    except (HTTPException, ValueError, TimeoutError, ConnectionError, ssl.SSLError) as error:
        raise TargetError(f"{url}: {error}", (offline,)) from error
