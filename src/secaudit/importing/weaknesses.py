"""Our words for weaknesses, by the number in the Common Weakness Enumeration (https://cwe.mitre.org, 4.18)."""

from __future__ import annotations

WORDS = {
    22: "path-traversal", 23: "path-traversal", 36: "path-traversal", 73: "path-traversal", 77: "command-injection",
    78: "command-injection", 79: "xss", 80: "xss", 83: "xss", 88: "command-injection", 89: "sql-injection",
    90: "ldap-injection", 91: "xml-injection", 94: "code-eval", 95: "code-eval", 96: "code-eval", 98: "file-inclusion",
    113: "header-injection", 117: "log-injection", 134: "format-string", 200: "information-leak", 208: "timing",
    209: "information-leak", 215: "debug-on", 250: "privileges", 256: "hardcoded-password", 259: "hardcoded-password",
    266: "privileges", 269: "privileges", 276: "permissions", 295: "tls-verify-off", 297: "tls-verify-off",
    306: "missing-login", 311: "cleartext", 312: "cleartext", 319: "cleartext", 321: "hardcoded-password",
    322: "host-key-off", 326: "weak-key", 327: "weak-cipher", 328: "weak-hash", 330: "weak-random", 331: "weak-random",
    338: "weak-random", 345: "jwt-unsafe", 346: "cors-open", 347: "jwt-unsafe", 352: "csrf-off",
    359: "information-leak",
    377: "temp-file", 379: "temp-file", 390: "silent-exception", 400: "no-timeout", 434: "upload-unchecked",
    470: "code-eval", 489: "debug-on", 502: "deserialization", 521: "weak-password", 522: "hardcoded-password",
    532: "secret-in-log", 547: "hardcoded-password", 564: "sql-injection", 601: "open-redirect", 605: "bind-all",
    611: "xxe", 614: "cookie-insecure", 639: "missing-access-check", 643: "xpath-injection", 668: "bind-all",
    693: "headers-missing", 703: "silent-exception", 706: "path-traversal", 732: "permissions", 757: "weak-tls",
    776: "xxe", 798: "hardcoded-password", 829: "untrusted-code", 915: "mass-assignment", 916: "weak-hash",
    917: "code-eval", 918: "ssrf", 942: "cors-open", 943: "nosql-injection", 1004: "cookie-insecure",
    1021: "headers-missing", 1275: "cookie-insecure", 1321: "prototype-pollution", 1333: "regex-dos",
    1336: "template-injection",
}  # fmt: skip

SECRETS = frozenset((256, 259, 312, 321, 522, 532, 540, 547, 798))
"""A message about these may quote the secret."""


def word_of(cwes: tuple[int, ...]) -> tuple[str, int]:
    """The word and the number of the first one that we know; else the first as `cwe-N`, or `other`."""
    for number in cwes:
        if number in WORDS:
            return WORDS[number], number
    return (f"cwe-{cwes[0]}", cwes[0]) if cwes else ("other", 0)
