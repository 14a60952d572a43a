"""How a name is given a value in code and configuration: the patterns, RE2's syntax, over the bytes of a line."""

from __future__ import annotations

NAME = r"[A-Za-z0-9_.$@\-]{2,80}"
QUOTED = r"(?:\"((?:[^\"\\\r\n]|\\.){0,400})\"|'((?:[^'\\\r\n]|\\.){0,400})'|`([^`\r\n]{0,400})`)"
_TYPE = r"[A-Za-z_][A-Za-z0-9_.<>\[\]|, ?&]{0,40}?"
_PLAIN = r"[^\s\"'#,{}\[\]()<>|&`][^\s\"'`]{2,300}"
_HOST = r"(?:server|host|data source|addr|address|user id|uid|user|username|database|initial catalog|endpoint|dbname)"
_VALUE_KEY = r"[\"']?(?:value|val|content|default)[\"']?\s{0,3}[=:]\s{0,3}"

SHAPES = {
    # password = "..."   "password": "..."   password: str = "..."   password => '...'   if password == "..."
    "assigned": rf"({NAME})[\"']?[ ]{{0,3}}[\"'\])}}]{{0,3}}\s{{0,8}}(?::\s{{0,3}}{_TYPE}\s{{0,2}})?"
    r"(=>|:{1,3}=|[?.+|]{1,2}=|={1,3}|!==?|:|,|\()\s{0,8}(?:[a-zA-Z]{1,2}|@|new String\(|\()?" + QUOTED,
    # var password string = "..."
    "typed": rf"({NAME})[ \t]{{1,3}}[*&]?[A-Za-z_][A-Za-z0-9_.<>\[\]]{{0,40}}[ \t]{{0,3}}(=)[ \t]{{0,8}}" + QUOTED,
    # password: ...   export PASSWORD=...   ENV PASSWORD=...
    "bare": r"(?m)^[ \t]{0,40}(?:-[ \t]{1,4}|(?:export|set|setx|ENV|ARG|SetEnv)\s{1,3}|#\s{0,2})?"
    rf"[\"']?({NAME})[\"']?[ \t]{{0,20}}(=|:)[ \t]{{0,20}}({_PLAIN})[ \t]{{0,20}}(?:\r?$|[ \t]#|;\s|\\)",
    # docker run -e PASSWORD=...   "PASSWORD=...\n"
    "inside": r"(?:[\"'`]|\\n|-e\s{1,3}|--env\s{1,3}|\s-D)([A-Za-z][A-Za-z0-9_.\-]{2,60})(=)"
    r"([^\s\"'`\\,;(){}<>$&|\[\]]{4,300})(?:[\"'`\s]|\\n|\\r|$)",
    # "X-Api-Key: ..."
    "sent": r"[\"']([A-Za-z][A-Za-z\-]{2,40}):\s{1,2}(?:[A-Za-z\-]{2,10}\s)?([A-Za-z0-9+/=._~@\-]{8,})[\"']",
    # requirepass ...   password "..."
    "spaced": rf"(?m)^[ \t]{{0,20}}({NAME})[ \t]{{1,20}}"
    r"[\"']?([^\s\"'=:#(){}][^\s\"']{3,200})[\"']?;?[ \t]{0,20}\r?$",
    # --password=...   --api-key "..."
    "flag": r"--([a-z][a-z0-9\-]{2,40})(?:=|\s{1,3})"
    r"(?:\"([^\"\r\n]{3,200})\"|'([^'\r\n]{3,200})'|([^\s\"'`|;&<>()$\[\]{}\\,]{3,200}))",
    # <password>...</password>
    "element": r"<([A-Za-z0-9_.:\-]{2,60})(?:\s[^<>]{0,200})?>\s{0,40}([^<>\s][^<>\r\n]{2,300}?)\s{0,40}</",
    # <add key="password" value="..."/>   - name: PASSWORD, value: ...   <key>password</key><string>...</string>
    "pair": r"(?i)(?:key|name|id|property)[\"']?\s{0,3}[=:>]\s{0,3}[\"']?([A-Za-z0-9_.$@:\-]{2,80})[\"']?(?:</key>)?"
    rf"[\s,]{{1,60}}(?:{_VALUE_KEY}(?:\"([^\"\r\n]{{1,300}})\"|'([^'\r\n]{{1,300}})'|([^\s\"',{{}}<>]{{4,200}}))"
    r"|<string>([^<>\r\n]{3,300})</string>)",
    # IDENTIFIED BY '...'   WITH PASSWORD '...'
    "sql": r"(?i)(?:identified\s{1,3}by(?:\s{1,3}password)?|(?:with|encrypted|login|set)\s{1,3}password\s{0,3}=?)"
    r"\s{1,3}[\"']([^\"'\r\n]{3,200})[\"']",
    # client.login(user, "...")
    "call": r"(?i)\.(?:login|log_in|authenticate|basic_?auth|set_?credentials)\s{0,3}\(\s{0,8}"
    r"(?:\"[^\"\r\n]{0,100}\"|'[^'\r\n]{0,100}'|[A-Za-z_][\w.]{0,60})\s{0,4},\s{0,8}" + QUOTED + r"\s{0,4}[,)]",
    # Server=...;Password=...;
    "connection": rf"(?i){_HOST}\s{{0,2}}="
    r"[^\r\n\"]{0,300}?[;\s](?:password|pwd)\s{0,2}=\s{0,2}([^;\"'\s<>]{3,200})",
    "connection_before": r"(?i)[;\"'\s](?:password|pwd)\s{0,2}=\s{0,2}([^;\"'\s<>]{3,200});"
    rf"[^\r\n\"]{{0,200}}?{_HOST}\s{{0,2}}=",
    # Authorization: Bearer ...
    "header": r"(?i)authorization[\"']?\]?\s{0,3}[:=,]\s{0,3}(?:[a-z]{0,2}[\"'`])?\s{0,3}"
    r"(bearer|basic|token|api-?token|apikey|key)\s{1,3}([A-Za-z0-9+/=._~\-]{8,})",
}
URL = r"://[^\s/:@\"'`<>\\(){}|,]{0,100}:([^\s/@\"'`<>\\]{1,200})@([A-Za-z0-9\[{$%_<.\-]{1,100})"
COMMAND = (
    r"(?:(?:mysql|mariadb)[a-z]{0,8}\s[^\r\n|;&]{0,200}?\s-p[\"']?([^\s\"'$|;&<>\\`()]{3,100})"
    r"|sshpass\s{1,3}-p\s{0,3}[\"']?([^\s\"'$|;&<>\\`]{3,100})"
    r"|curl(?:[^\r\n|;&\\]|\\\r?\n|\\.){0,400}?\s(?:-u|--user)[\s=]{1,3}[\"']?[A-Za-z0-9_.@\-{}]{0,80}[\"']?:[\"']?"
    r"([^\s\"'$|;&<>\\`]{3,200}))"
)
