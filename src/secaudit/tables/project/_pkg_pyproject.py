"""pyproject.toml (PEP 621, PEP 735 groups, Poetry, PDM, uv), Pipfile and setup.cfg."""

from __future__ import annotations

import configparser
from typing import Any

from secaudit.tables.project._package_model import Document, Format, Unreadable, normal_name
from secaudit.tables.project._package_text import line_of, load_toml, mapping, mappings, text_of, texts
from secaudit.tables.project._python_names import ask_for, exact_version


def _read_pyproject(document: Document) -> None:
    data = load_toml(document.text)
    project, tool = mapping(data.get("project")), mapping(data.get("tool"))
    poetry, pdm, uv = (mapping(tool.get(key)) for key in ("poetry", "pdm", "uv"))
    document.name = text_of(project.get("name") or poetry.get("name"))
    document.version = text_of(project.get("version") or poetry.get("version"))
    licence = project.get("license") or poetry.get("license")
    document.licence = text_of(mapping(licence).get("text") if isinstance(licence, dict) else licence)
    wanted = text_of(project.get("requires-python") or mapping(poetry.get("dependencies")).get("python"))
    document.runs("python", wanted, line_of(document, wanted))
    document.publishes = int(bool(document.name and "build-system" in data) and _is_library(project, poetry, tool))
    document.concerns = bool(project or poetry or pdm or uv or "dependency-groups" in data or "build-system" in data)
    for text in texts(project.get("dependencies")):
        _ask(document, text, "[project]", "runtime")
    for name, group in mapping(project.get("optional-dependencies")).items():
        for text in texts(group):
            _ask(document, text, "[project.optional-dependencies]", "dev" if _is_dev(name) else "optional")
    for section, groups in (
        ("[dependency-groups]", data.get("dependency-groups")),
        ("[tool.pdm.dev-dependencies]", pdm.get("dev-dependencies")),
        ("[tool.uv]", {"dev": uv.get("dev-dependencies")}),
        ("[tool.hatch.envs", {}),
    ):
        for group in mapping(groups).values():
            for text in texts(group):
                _ask(document, text, section, "dev")
    for text in texts(mapping(data.get("build-system")).get("requires")):
        _ask_build(document, text)
    _read_poetry(document, poetry)
    _apply_sources(document, mapping(uv.get("sources")))
    document.overridden = bool(uv.get("override-dependencies") or mapping(pdm.get("resolution")).get("overrides"))
    document.members.extend(texts(mapping(uv.get("workspace")).get("members")))
    for each in mappings(uv.get("index")):
        word = "index" if each.get("default") is True else "ordered-index"
        document.place(word, text_of(each.get("url")), line_of(document, text_of(each.get("url"))))
    for each in mappings(poetry.get("source")) + mappings(pdm.get("source")):
        kind = text_of(each.get("priority")) or "primary"
        words = {"explicit": "scoped-index", "supplemental": "ordered-index", "secondary": "extra-index"}
        document.place(words.get(kind, "index"), text_of(each.get("url")), line_of(document, text_of(each.get("url"))))


def _is_library(project: dict[str, Any], poetry: dict[str, Any], tool: dict[str, Any]) -> bool:
    """Whether this is made for a registry. Poetry writes `build-system` for everything, so that alone tells nothing."""
    if poetry.get("package-mode") is False or "Private :: Do Not Upload" in texts(project.get("classifiers")):
        return False
    signs = ("classifiers", "keywords", "urls", "homepage", "repository", "documentation", "scripts", "packages")
    if any(key in table for key in signs for table in (project, poetry)):
        return True
    return bool(project) and any(key in tool for key in ("hatch", "setuptools", "flit", "scikit-build", "maturin"))


def _is_dev(name: str) -> bool:
    return any(word in name.lower() for word in ("dev", "test", "lint", "doc", "typing"))


def _ask(document: Document, text: str, section: str, scope: str) -> None:
    ask_for(document, text, line_of(document, text, section), scope)


def _ask_build(document: Document, text: str) -> None:
    """What builds the project is no part of a lock file, so it is not compared with one."""
    before = dict(document.declared)
    _ask(document, text, "[build-system]", "build")
    document.declared = before


def _read_poetry(document: Document, poetry: dict[str, Any]) -> None:
    sections = [("[tool.poetry.dependencies]", poetry.get("dependencies"), "runtime"),
                ("[tool.poetry.dev-dependencies]", poetry.get("dev-dependencies"), "dev")]  # fmt: skip
    for name, group in mapping(poetry.get("group")).items():
        sections.append((f"[tool.poetry.group.{name}.dependencies]", mapping(group).get("dependencies"), "dev"))
    for section, asked, scope in sections:
        for name, value in mapping(asked).items():
            if name.lower() == "python":
                continue
            several = mappings(value)  # one requirement for each platform
            entry = several[0] if several else mapping(value)
            version = text_of(value) or text_of(entry.get("version"))
            optional = "optional" if entry.get("optional") is True else scope
            _ask_named(document, name, version, entry, line_of(document, name, section), optional, caret=True)


def _ask_named(
    document: Document, name: str, version: str, entry: dict[str, Any], line: int, scope: str, *, caret: bool
) -> None:
    """`name = "version"` or a table, as Poetry and Pipfile write it."""
    place = text_of(entry.get("git") or entry.get("url") or entry.get("path") or entry.get("file"))
    where = "git" if "git" in entry else "registry"
    if "git" not in entry and place:
        where = "url" if "://" in place else "path"
    revision = text_of(entry.get("rev") or entry.get("tag") or entry.get("branch") or entry.get("ref"))
    bare = version[:1].isdigit() and caret and "," not in version and "*" not in version
    document.ask(name, version, line, scope, version=version if bare else exact_version(version), source=where,
                 location=place, revision=revision)  # fmt: skip


def _apply_sources(document: Document, sources: dict[str, Any]) -> None:
    """Uv says in a table of its own where a package comes from."""
    for name, value in sources.items():
        entry = mappings(value)[0] if mappings(value) else mapping(value)
        wanted = normal_name("PyPI", name)
        where = next((kind for key, kind in (("git", "git"), ("url", "url"), ("path", "path")) if key in entry), "")
        if entry.get("workspace") is True:
            where = "path"
        if not where:
            continue
        place = text_of(entry.get("git") or entry.get("url") or entry.get("path"))
        revision = text_of(entry.get("rev") or entry.get("tag") or entry.get("branch"))
        document.packages = [
            each._replace(source=where, location=place, revision=revision) if each.name == wanted else each
            for each in document.packages
        ]


def _read_pipfile(document: Document) -> None:
    data = load_toml(document.text)
    document.runs(
        "python", text_of(mapping(data.get("requires")).get("python_version")), line_of(document, "python_version")
    )
    for section, scope in (("packages", "runtime"), ("dev-packages", "dev")):
        for name, value in mapping(data.get(section)).items():
            version = text_of(value) or text_of(mapping(value).get("version"))
            line = line_of(document, name, f"[{section}]")
            _ask_named(document, name, version, mapping(value), line, scope, caret=False)
    for number, each in enumerate(mappings(data.get("source"))):
        url = text_of(each.get("url"))
        line = line_of(document, url)
        document.place("scoped-index" if number else "index", url, line)
        if each.get("verify_ssl") is False:
            document.place("trusted-host", url, line)


def _read_setup_cfg(document: Document) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None, empty_lines_in_values=True)
    try:
        parser.read_string(document.text)
    except configparser.Error as problem:
        raise Unreadable(f"it is no INI file: {str(problem).splitlines()[0][:100]}") from None
    get = parser.get
    document.concerns = any(section == "metadata" or section.startswith("options") for section in parser.sections())
    if parser.has_section("metadata"):
        document.name, document.version = get("metadata", "name", fallback=""), get("metadata", "version", fallback="")
        document.licence = get("metadata", "license", fallback="")
        document.publishes = int(bool(document.name))
    wanted = get("options", "python_requires", fallback="")
    document.runs("python", wanted, line_of(document, "python_requires"))
    for key, scope in (("install_requires", "runtime"), ("setup_requires", "build"), ("tests_require", "dev")):
        _ask_lines(document, get("options", key, fallback=""), scope)
    if parser.has_section("options.extras_require"):
        for name, value in parser.items("options.extras_require"):
            _ask_lines(document, value, "dev" if _is_dev(name) else "optional")


def _ask_lines(document: Document, value: str, scope: str) -> None:
    for line in value.splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith(("file:", "attr:")):
            document.note(f"requirements are taken from {text}, which is not followed")
        elif text:
            ask_for(document, text, line_of(document, text), scope)


FORMATS = (
    Format("pyproject.toml", "PyPI", "manifest", ("pyproject.toml",), _read_pyproject),
    Format("Pipfile", "PyPI", "manifest", ("Pipfile",), _read_pipfile),
    Format("setup.cfg", "PyPI", "manifest", ("setup.cfg",), _read_setup_cfg),
)
