"""What a file of a project is for, judged by its name and place alone."""

from __future__ import annotations

import posixpath

VENDORED = frozenset(
    "node_modules bower_components jspm_packages vendor _vendor vendored third_party thirdparty external extern"
    " site-packages dist-packages .venv venv virtualenv env .tox .nox .eggs Pods Carthage .yarn .pnpm-store".split()
)
"""Folders with code of others. `vendor` is Composer's and Go's own name for it; `env` counts only with pyvenv.cfg."""

BUILT = frozenset(
    "dist build out target .next .nuxt .svelte-kit .output coverage htmlcov __pycache__ .pytest_cache .mypy_cache"
    " .ruff_cache .gradle .terraform .serverless .parcel-cache .cache".split()
)
TESTS = frozenset("test tests testing __tests__ spec specs fixtures testdata __mocks__ mocks e2e cypress".split())
_SETTINGS_BY_STAGE = frozenset(("environments",))
"""Folders with one file of settings for each stage: `config/environments/test.rb` is for tests."""

DOCS = frozenset("doc docs docs_src documentation man javadoc".split())
EXAMPLES = frozenset("example examples sample samples demo demos tutorial tutorials".split())

LOCKS = frozenset(
    "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock composer.lock Gemfile.lock Pipfile.lock"
    " poetry.lock uv.lock pdm.lock go.sum Cargo.lock packages.lock.json gradle.lockfile mix.lock pubspec.lock"
    " flake.lock .terraform.lock.hcl".split()
)
BINARY_ENDINGS = frozenset(
    "png jpg jpeg gif bmp ico webp avif tif tiff psd ai eps pdf doc docx xls xlsx ppt pptx odt ods odp zip gz bz2 xz"
    " zst 7z rar tar jar war ear class so o a dll exe dylib bin pyc pyo whl egg woff woff2 ttf otf eot mp3 mp4 m4a ogg"
    " wav flac mov avi mkv webm db sqlite sqlite3 mo wasm node iso dmg deb rpm apk".split()
)
DOC_ENDINGS = frozenset("md rst adoc txt".split())
LANGUAGES = {
    "py": "python", "pyi": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript",
    "jsx": "javascript", "ts": "typescript", "tsx": "typescript", "mts": "typescript", "cts": "typescript",
    "php": "php", "phtml": "php", "inc": "php", "rb": "ruby", "rake": "ruby",
    "ru": "ruby", "gemspec": "ruby", "erb": "erb", "haml": "haml", "slim": "slim", "jsp": "jsp", "jspx": "jsp",
    "go": "go", "rs": "rust", "java": "java",
    "kt": "kotlin", "cs": "csharp", "cshtml": "razor",
    "c": "c", "h": "c", "cc": "cpp", "cpp": "cpp", "hpp": "cpp", "sh": "shell",
    "bash": "shell", "tf": "terraform", "html": "html", "htm": "html", "vue": "vue", "svelte": "svelte",
    "astro": "astro", "ejs": "ejs", "hbs": "handlebars", "handlebars": "handlebars", "mustache": "handlebars",
    "pug": "pug", "jade": "pug", "twig": "twig",
    "yml": "yaml", "yaml": "yaml", "json": "json", "toml": "toml", "ini": "ini", "cfg": "ini", "sql": "sql",
}  # fmt: skip


def role_of(path: str) -> str:
    """`vendored`, `built`, `lock`, `minified`, `test`, `example`, `docs` or `code`; the first that fits."""
    folder, name = posixpath.split(path)
    parts = frozenset(part for part in folder.split("/") if part)
    low = name.lower()
    if parts & (VENDORED - {"env"}):
        return "vendored"
    if parts & BUILT:
        return "built"
    if name in LOCKS:
        return "lock"
    if low.endswith((".min.js", ".min.css", ".bundle.js", "-min.js", ".js.map", ".css.map")):
        return "minified"
    if (
        parts & TESTS
        or _is_test_project(parts)
        or (parts & _SETTINGS_BY_STAGE and low.startswith("test."))
        or low.startswith(("test_", "conftest."))
        or _is_test_name(low)
    ):
        return "test"
    if parts & EXAMPLES or _is_example_name(low):
        return "example"
    if parts & DOCS or ending_of(low) in DOC_ENDINGS or low.startswith(("readme", "changelog", "license", "copying")):
        return "docs"
    return "code"


def _is_test_project(parts: frozenset[str]) -> bool:
    """Folders of .NET, where a project of tests has a name such as `Shop.Tests` or `Shop.UnitTests`."""
    return any(
        part == "Tests" or part.endswith((".Tests", ".Test", ".UnitTests", ".IntegrationTests")) for part in parts
    )


_PROGRAM_LANGUAGES = frozenset(
    "python javascript typescript php ruby go rust java kotlin csharp c cpp shell html vue svelte astro".split()
)


_SETTINGS = frozenset("config configuration settings env environment secrets credentials local parameters conf".split())


def _is_example_name(low: str) -> bool:
    """Of programs only settings to be copied: `wp-config-sample.php`. `email_template.php` and `demo.py` are code."""
    if LANGUAGES.get(ending_of(low), "") in _PROGRAM_LANGUAGES:
        words = set(low.replace("_", ".").replace("-", ".").split("."))
        return bool(words & {*EXAMPLES, "dist", "template"}) and bool(words & _SETTINGS)
    return any(word in low for word in ("example", "sample", ".dist", "template"))


def _is_test_name(low: str) -> bool:
    stem = low.rpartition(".")[0]
    return stem.endswith(("_test", ".test", "_spec", ".spec", "-test"))


def ending_of(name: str) -> str:
    """The last part after a dot, in lower case; empty for `Makefile` and `.env`."""
    stem, dot, ending = name.rpartition(".")
    return ending.lower() if dot and stem else ""


def language_of(path: str) -> str:
    """By the ending; empty when it is none that we know."""
    return LANGUAGES.get(ending_of(posixpath.basename(path)), "")


def is_binary_name(path: str) -> bool:
    """True when the ending says that there is no text in it."""
    return ending_of(posixpath.basename(path)) in BINARY_ENDINGS
