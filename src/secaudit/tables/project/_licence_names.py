"""Names of licences: as people write them, as SPDX writes them, and what kind of duties they bring."""

from __future__ import annotations

import re

PERMISSIVE, WEAK, STRONG, NETWORK, LIMITED, UNKNOWN = (
    "permissive", "weak copyleft", "strong copyleft", "network copyleft", "limited", "unknown",
)  # fmt: skip
ORDER = (PERMISSIVE, WEAK, STRONG, NETWORK, LIMITED, UNKNOWN)
"""From few duties to many; `limited` forbids some use, `unknown` gives no right at all."""

_KINDS = {
    PERMISSIVE: "MIT MIT-0 Apache-2.0 Apache-1.1 BSD-2-Clause BSD-3-Clause BSD-3-Clause-Clear BSD-4-Clause"
    " BSD-2-Clause-Patent BSD-1-Clause 0BSD ISC"
    " Zlib Unlicense CC0-1.0 WTFPL PSF-2.0 Python-2.0 Python-2.0.1 BSL-1.0 PostgreSQL X11 NCSA Artistic-2.0 HPND"
    " Unicode-DFS-2016 Unicode-3.0 Unicode-TOU curl libpng-2.0 Libpng zlib-acknowledgement MIT-CMU AFL-2.1 AFL-3.0"
    " CC-BY-3.0 CC-BY-4.0 BlueOak-1.0.0 OFL-1.1 Ruby PHP-3.01 PHP-3.0 UPL-1.0 ZPL-2.1 ZPL-2.0 W3C FTL OpenSSL"
    " NTP TCL JSON CNRI-Python Info-ZIP FSFAP ICU MS-PL ECL-2.0 CDLA-Permissive-2.0 Bitstream-Vera",
    WEAK: "LGPL-2.0-only LGPL-2.0-or-later LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later MPL-1.1"
    " MPL-2.0 EPL-1.0 EPL-2.0 CDDL-1.0 CDDL-1.1 MS-RL OSL-3.0 Artistic-1.0 Artistic-1.0-Perl CPL-1.0 APSL-2.0"
    " LGPL-2.0 LGPL-2.1 LGPL-3.0 LGPL-2.1+ LGPL-3.0+ CC-BY-SA-3.0 CC-BY-SA-4.0",
    STRONG: "GPL-1.0-or-later GPL-2.0-only GPL-2.0-or-later GPL-3.0-only GPL-3.0-or-later GPL-2.0 GPL-3.0 GPL-2.0+"
    " GPL-3.0+ EUPL-1.1 EUPL-1.2 CECILL-2.1 Sleepycat",
    NETWORK: "AGPL-3.0-only AGPL-3.0-or-later AGPL-3.0 AGPL-1.0 AGPL-1.0-only AGPL-1.0-or-later CPAL-1.0 RPL-1.5",
    LIMITED: "BUSL-1.1 SSPL-1.0 Elastic-2.0 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-SA-4.0 CC-BY-NC-ND-4.0 CC-BY-ND-4.0"
    " PolyForm-Noncommercial-1.0.0 PolyForm-Small-Business-1.0.0 FSL-1.1-MIT FSL-1.1-ALv2",
}
KIND_OF = {name.lower(): (name, kind) for kind, names in _KINDS.items() for name in names.split()}
_NAMES = {
    "mit license": "MIT", "the mit license": "MIT", "the mit license (mit)": "MIT", "mit license (mit)": "MIT",
    "mit licence": "MIT", "expat": "MIT", "expat license": "MIT", "mit/x11": "MIT", "x11/mit": "MIT",
    "apache": "Apache-2.0", "apache 2": "Apache-2.0", "apache 2.0": "Apache-2.0", "apache2": "Apache-2.0",
    "apache license 2.0": "Apache-2.0", "apache license, version 2.0": "Apache-2.0", "apache-2": "Apache-2.0",
    "apache license version 2.0": "Apache-2.0", "apache software license": "Apache-2.0", "asl 2.0": "Apache-2.0",
    "apache software license 2.0": "Apache-2.0", "the apache license, version 2.0": "Apache-2.0",
    "apache license 2": "Apache-2.0", "apache 2.0 license": "Apache-2.0", "apache license": "Apache-2.0",
    "the apache software license, version 2.0": "Apache-2.0",
    "bsd": "BSD-3-Clause", "bsd license": "BSD-3-Clause", "new bsd": "BSD-3-Clause", "bsd-3": "BSD-3-Clause",
    "new bsd license": "BSD-3-Clause", "modified bsd license": "BSD-3-Clause", "bsd 3-clause": "BSD-3-Clause",
    "bsd 3-clause license": "BSD-3-Clause", "3-clause bsd license": "BSD-3-Clause", "3-clause bsd": "BSD-3-Clause",
    "bsd 3 clause": "BSD-3-Clause", "simplified bsd": "BSD-2-Clause", "simplified bsd license": "BSD-2-Clause",
    "bsd 2-clause": "BSD-2-Clause", "bsd 2-clause license": "BSD-2-Clause", "2-clause bsd license": "BSD-2-Clause",
    "bsd-2": "BSD-2-Clause", "isc license": "ISC", "isc license (iscl)": "ISC", "iscl": "ISC",
    "gplv2": "GPL-2.0-only", "gpl v2": "GPL-2.0-only", "gpl-2": "GPL-2.0-only", "gpl2": "GPL-2.0-only",
    "gplv3": "GPL-3.0-only", "gpl v3": "GPL-3.0-only", "gpl-3": "GPL-3.0-only", "gpl3": "GPL-3.0-only",
    "gplv2+": "GPL-2.0-or-later", "gplv3+": "GPL-3.0-or-later", "gpl": "GPL-1.0-or-later",
    "gnu gpl": "GPL-1.0-or-later", "gnu gpl v3": "GPL-3.0-only", "gnu gplv3": "GPL-3.0-only",
    "gnu general public license v2 (gplv2)": "GPL-2.0-only", "gnu general public license": "GPL-1.0-or-later",
    "gnu general public license v3 (gplv3)": "GPL-3.0-only", "gnu general public license (gpl)": "GPL-1.0-or-later",
    "gnu general public license v2 or later (gplv2+)": "GPL-2.0-or-later",
    "gnu general public license v3 or later (gplv3+)": "GPL-3.0-or-later",
    "gnu lesser general public license v2 (lgplv2)": "LGPL-2.0-only", "lgpl": "LGPL-2.1-or-later",
    "gnu lesser general public license v3 (lgplv3)": "LGPL-3.0-only", "lgplv3": "LGPL-3.0-only",
    "gnu lesser general public license v2 or later (lgplv2+)": "LGPL-2.0-or-later", "lgplv3+": "LGPL-3.0-or-later",
    "gnu lesser general public license v3 or later (lgplv3+)": "LGPL-3.0-or-later", "lgplv2+": "LGPL-2.0-or-later",
    "gnu library or lesser general public license (lgpl)": "LGPL-2.1-or-later", "gnu lgpl": "LGPL-2.1-or-later",
    "lgpl with exceptions": "LGPL-2.1-or-later", "lgpl-3": "LGPL-3.0-only", "lgpl-2.1": "LGPL-2.1-only",
    "gnu affero general public license v3": "AGPL-3.0-only", "agplv3": "AGPL-3.0-only", "agpl": "AGPL-3.0-only",
    "gnu affero general public license v3 or later (agplv3+)": "AGPL-3.0-or-later", "agplv3+": "AGPL-3.0-or-later",
    "gnu agpl v3": "AGPL-3.0-only", "agpl-3": "AGPL-3.0-only",
    "mpl 2.0": "MPL-2.0", "mpl2": "MPL-2.0", "mpl-2": "MPL-2.0", "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "mozilla public license 2.0": "MPL-2.0", "mpl": "MPL-2.0", "python software foundation license": "PSF-2.0",
    "psf": "PSF-2.0", "psfl": "PSF-2.0", "psf license": "PSF-2.0", "public domain": "Unlicense",
    "the unlicense (unlicense)": "Unlicense", "the unlicense": "Unlicense", "cc0": "CC0-1.0", "zlib license": "Zlib",
    "zpl 2.1": "ZPL-2.1", "zope public license": "ZPL-2.1", "boost": "BSL-1.0", "zlib/libpng": "Zlib",
    "eclipse public license 2.0": "EPL-2.0", "eclipse public license - v 2.0": "EPL-2.0", "epl 2.0": "EPL-2.0",
    "historical permission notice and disclaimer (hpnd)": "HPND", "cc-by-4": "CC-BY-4.0",
}  # fmt: skip
_WORD = re.compile(r"[()]|[^\s()]+")
_CLASSIFIER = re.compile(r"^License :: (?:OSI Approved :: )?(.*)$")
_MAX = 300


def spdx_of(text: str) -> str:
    """The licence as an SPDX expression of names that we know; empty when some part is not known."""
    bare = _CLASSIFIER.sub(r"\1", text.strip())[:_MAX]
    bare = re.sub(r"\s+", " ", bare)
    known = KIND_OF.get(bare.lower()) or KIND_OF.get(_NAMES.get(bare.lower().rstrip("."), "").lower())
    if known:
        return known[0]
    if re.fullmatch(r"[\w.+-]+(/[\w.+-]+)+", bare):  # Cargo's old form, and npm's habit
        bare = bare.replace("/", " OR ")
    found: list[str] = []
    words = _WORD.findall(bare)
    after = ""
    for word in words:
        upper = word.upper()
        if word in "()" or upper in ("OR", "AND", "WITH"):
            found.append(upper)
        elif after == "WITH":
            found.append(word)
        else:
            known = KIND_OF.get(word.lower()) or KIND_OF.get(_NAMES.get(word.lower(), "").lower())
            if not known or (after and after not in ("OR", "AND", "(")):
                return ""
            found.append(known[0])
        after = upper
    return " ".join(found).replace("( ", "(").replace(" )", ")")


def kind_of(expression: str) -> str:
    """The kind of an SPDX expression: of OR the freest, of AND the strictest; `unknown` when it is empty."""
    words = _WORD.findall(expression)
    if not words:
        return UNKNOWN
    try:
        rank, rest = _any(words)
    except (IndexError, KeyError, RecursionError):
        return UNKNOWN
    return ORDER[rank] if not rest else UNKNOWN


def _any(words: list[str]) -> tuple[int, list[str]]:
    rank, rest = _all(words)
    while rest and rest[0] == "OR":
        other, rest = _all(rest[1:])
        rank = min(rank, other)
    return rank, rest


def _all(words: list[str]) -> tuple[int, list[str]]:
    rank, rest = _one(words)
    while rest and rest[0] == "AND":
        other, rest = _one(rest[1:])
        rank = max(rank, other)
    return rank, rest


def _one(words: list[str]) -> tuple[int, list[str]]:
    if words[0] == "(":
        rank, rest = _any(words[1:])
        return rank, rest[1:] if rest and rest[0] == ")" else [*rest, "?"]
    rank, rest = ORDER.index(KIND_OF[words[0].lower()][1]), words[1:]
    if rest and rest[0] == "WITH":  # an exception takes duties away
        rank, rest = min(rank, ORDER.index(WEAK)), rest[2:]
    return rank, rest
