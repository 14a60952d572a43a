"""Queries that are put together from values: SQL, LDAP, XPath, MongoDB."""

from __future__ import annotations

import ast
import re

from secaudit.tables.project._py_origin import LOCAL, REQUEST, UNKNOWN
from secaudit.tables.project._py_reader import Kind, Place, argument, keyword
from secaudit.tables.project._py_rules import HIGH, MEDIUM, Found, on_call, on_node, sure
from secaudit.tables.project._py_values import Hole, Part, last_name

SQL = Kind("sql-injection", 89, "high")
NOSQL = Kind("nosql-injection", 943, "high")
LDAP = Kind("ldap-injection", 90, "high")
XPATH = Kind("xpath-injection", 643, "high")

_VERB = re.compile(
    r"\s*\(?\s*(select|insert|update|delete|replace|merge|with|create|drop|alter|truncate|call|exec|grant)\s", re.I
)
_VALUE_BEFORE = re.compile(
    r"(?:['\"%]|(?:=|<|>|\blike|\bin\s?\(|\bvalues\s?\(|\blimit|\boffset|\bbetween|\bilike|\bregexp)\s*['\"%]?)$", re.I
)
_NAME_BEFORE = re.compile(
    r"(?:\b(?:from|into|table|update|join|view|index|exists|on|column|schema|database|trigger|references)\s+"
    r"|\b(?:table|into)\s[^()]{1,200}\((?:[^()]{0,200},)?\s*)[\"`\[]$",
    re.IGNORECASE,
)
"""Behind these words, and in the list of columns, a double quote begins a name by the SQL standard, not a value."""

_IN_LIST = re.compile(r"\bvalues\s?\([^()]*,\s*['\"]?$", re.I)


@on_call(
    *(
        "execute executemany executescript mogrify raw exec_driver_sql read_sql read_sql_query fetchrow fetchval"
        " fetch_all fetch_one fetch_val query run_query execute_query run_sql execute_sql RawSQL text TextClause"
        " prepare scalar scalars copy_expert queryset_raw sql query_db execute_sync cursor_execute db_query select_all"
        " fetchone_query execute_read_query"
    ).split()
)
def sql_text(place: Place, call: ast.Call) -> Found:
    """SQL as text with values inside it."""
    statement = argument(
        call, 0, "sql", "text", "query", "statement", "operation", "raw_query", "sql_query", "querystring"
    )
    if statement is None or isinstance(statement, ast.Constant):
        return
    name = last_name(call.func)
    if name in ("text", "TextClause") and not (
        place.dotted(call.func).startswith("sqlalchemy") or place.dotted(call.func) == "db.text"
    ):
        return
    shape = place.shape(statement)
    if _is_call_of_text(statement):  # text(...) is looked at by itself
        return
    if name in ("text", "TextClause") and _asked_text(shape):
        yield "sql-value-of-request", SQL, HIGH, "a value out of a request is put into the text of an SQL statement"
        return
    if len(shape) == 1 and isinstance(shape[0], Hole):
        if shape[0].origin.sql >= REQUEST and name not in (
            "query",
            "sql",
            "scalar",
            "scalars",
            "prepare",
            "execute_query",
        ):
            yield "sql-from-request", SQL, HIGH, "a whole SQL statement comes out of a request"
        return
    yield from judge_sql(shape)


@on_call("extra")
def django_extra(place: Place, call: ast.Call) -> Found:
    """Django's extra() takes SQL."""
    for name in ("where", "select", "tables", "order_by"):
        given = place.given(keyword(call, name))
        items = (
            given.elts
            if isinstance(given, (ast.List, ast.Tuple))
            else given.values
            if isinstance(given, ast.Dict)
            else []
        )
        for item in items:
            worst = max((part.origin.sql for part in place.shape(item) if isinstance(part, Hole)), default=0)
            if worst >= UNKNOWN:
                yield (
                    "sql-extra",
                    SQL,
                    HIGH if worst >= LOCAL or name == "where" else MEDIUM,
                    "extra() gets SQL with a value inside the text",
                )


def judge_sql(shape: tuple[Part, ...]) -> Found:
    """One row at most: the worst hole of the text decides."""
    first = next((part for part in shape if isinstance(part, str) and part.strip()), "")
    if not _VERB.match(first):
        return
    worst, is_value = 0, False
    before = ""
    for part in shape:
        if isinstance(part, str):
            before = (before + part)[-400:]
            continue
        level = part.origin.sql
        if level >= UNKNOWN:
            stands_for_value = bool(_VALUE_BEFORE.search(before) or _IN_LIST.search(before))
            if _NAME_BEFORE.search(before):
                stands_for_value = False
            is_value = is_value or (stands_for_value and not _speaks_of_sql(part.name))
            worst = max(worst, level)
        before += "?"
    if worst >= LOCAL:
        yield "sql-value-of-request", SQL, HIGH, "a value from outside is put into the text of an SQL statement"
    elif worst >= UNKNOWN and is_value:
        yield "sql-value", SQL, HIGH, "a value is put into the text of an SQL statement, not passed beside it"
    elif worst >= UNKNOWN:
        yield "sql-name", SQL, MEDIUM, "an SQL statement is put together from parts that are not fixed"


@on_node(ast.Return, ast.Assign, ast.AugAssign)
def sql_made(place: Place, node: ast.AST) -> Found:
    """SQL with a value between quotes, wherever it is run."""
    value = getattr(node, "value", None)
    if not isinstance(value, (ast.BinOp, ast.JoinedStr, ast.Call)):
        return
    shape = place.shape(value)
    first = next((part for part in shape if isinstance(part, str) and part.strip()), "")
    if len(shape) < 2 or not _VERB.match(first):
        return
    for before, hole, after in zip(shape, shape[1:], (*shape[2:], "")):  # noqa: B905  Python 3.9
        if not isinstance(hole, Hole) or not isinstance(before, str) or not isinstance(after, str):
            continue
        if hole.origin.sql >= UNKNOWN and before.endswith("'") and after.startswith("'"):
            yield "sql-text", SQL, MEDIUM, "a value is put between quotes into the text of an SQL statement"
            return


_SQL_WORDS = tuple(
    "placeholder marks params where column table clause sql quote field expr cond limit_ filter schema subquery"
    " select order lhs rhs operator compil ident types".split()
)


def _speaks_of_sql(name: str) -> bool:
    low = name.lower()
    return any(word in low for word in _SQL_WORDS)


def _asked_text(shape: tuple[Part, ...]) -> bool:
    """A part of SQL, which need not have a word of SQL in it: `text("'" + name + "'")`."""
    return len(shape) > 1 and any(isinstance(part, Hole) and part.origin.sql >= REQUEST for part in shape)


def _is_call_of_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) in ("text", "RawSQL")


@on_call(
    "find",
    "find_one",
    "find_one_and_update",
    "update_one",
    "update_many",
    "delete_one",
    "delete_many",
    "count_documents",
    "aggregate",
)
def mongo(place: Place, call: ast.Call) -> Found:
    """A filter of MongoDB made of request data: the other side may send operators in place of a value."""
    given = place.given(argument(call, 0, "filter"))
    if given is None or not place.has_import("pymongo", "flask_pymongo", "motor", "mongoengine", "bson"):
        return
    if isinstance(given, ast.Dict):
        for key, value in zip(given.keys, given.values):  # noqa: B905  Python 3.9
            level = place.origin(value).code
            if isinstance(key, ast.Constant) and key.value == "$where" and level >= UNKNOWN:
                yield (
                    "mongo-where",
                    NOSQL,
                    HIGH if level >= LOCAL else MEDIUM,
                    "$where runs JavaScript that is put together from values",
                )
            elif level >= REQUEST and _is_json(value, place):
                yield (
                    "mongo-json",
                    NOSQL,
                    HIGH,
                    "a value out of JSON is used in a filter as it came, so it may be an operator",
                )
    elif place.origin(given).code >= REQUEST:
        yield "mongo-filter", NOSQL, HIGH, "a whole filter comes out of a request"


def _is_json(node: ast.expr, place: Place) -> bool:
    """Only JSON brings dictionaries; form fields are texts."""
    if isinstance(node, ast.Call) and last_name(node.func) == "str":
        return False
    text = " ".join(place.dotted(part) for part in ast.walk(node) if isinstance(part, (ast.Attribute, ast.Name)))
    given = place.given(node)
    if given is not None and given is not node:
        text += " " + " ".join(
            place.dotted(part) for part in ast.walk(given) if isinstance(part, (ast.Attribute, ast.Name))
        )
    return any(word in text for word in ("json", "data", "body", "payload"))


@on_call("search", "search_s", "search_ext_s", "search_ext", "search_st")
def ldap(place: Place, call: ast.Call) -> Found:
    """A filter of LDAP with values inside."""
    if not place.has_import("ldap", "ldap3"):
        return
    for item in [*call.args, *(word.value for word in call.keywords)]:
        shape = place.shape(item)
        if any(isinstance(part, str) and ("(" in part or "=" in part) for part in shape):
            worst = max((part.origin.sql for part in shape if isinstance(part, Hole)), default=0)
            if worst >= UNKNOWN:
                yield "ldap-filter", LDAP, sure(worst), "a value is put into an LDAP filter without escape_filter_chars"
                return


@on_call("xpath", "XPath", "findall", "iterfind")
def xpath(place: Place, call: ast.Call) -> Found:
    """An XPath with values inside."""
    if not call.args or not place.has_import("lxml", "xml", "defusedxml", "parsel", "scrapy"):
        return
    shape = place.shape(call.args[0])
    worst = max((part.origin.sql for part in shape if isinstance(part, Hole)), default=0)
    quoted = any(isinstance(part, str) and part.rstrip().endswith(("'", '"', "=")) for part in shape)
    if worst >= REQUEST or (worst >= UNKNOWN and quoted):
        yield "xpath-value", XPATH, sure(worst), "a value is put into the text of an XPath"
