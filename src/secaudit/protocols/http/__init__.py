"""HTTP/1.1 as an auditor needs it: one request on one connection, and every oddity of the answer kept.

Why not a library: `http.client` (so also requests and urllib3) drops all headers after one malformed line, raises
above 100 headers, takes 103 Early Hints for the answer and has no deadline for the whole; others rewrite the path.
"""

from secaudit.protocols.http.exchange import Exchange, exchange, path_of, user_agent
from secaudit.protocols.http.page import Page, read_page
from secaudit.protocols.http.reply import Defect, Header, Interim, Reply, read_reply
from secaudit.protocols.http.values import (
    Directive,
    SetCookie,
    is_nosniff,
    parse_csp,
    parse_frame_options,
    parse_hsts,
    parse_parameters,
    parse_referrer_policy,
    parse_set_cookie,
)

__all__ = [
    "Defect",
    "Directive",
    "Exchange",
    "Header",
    "Interim",
    "Page",
    "Reply",
    "SetCookie",
    "exchange",
    "is_nosniff",
    "parse_csp",
    "parse_frame_options",
    "parse_hsts",
    "parse_parameters",
    "parse_referrer_policy",
    "parse_set_cookie",
    "path_of",
    "read_page",
    "read_reply",
    "user_agent",
]
