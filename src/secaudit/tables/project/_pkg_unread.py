"""Lock files of kinds that are not read yet. They get a row that says so: their packages must not look like none."""

from __future__ import annotations

from secaudit.tables.project._package_model import Document, Format, NotRead

_KINDS = (
    ("bun.lockb", "npm", "it is binary; `bun install --save-text-lockfile` writes the readable bun.lock"),
    ("deno.lock", "JSR", ""), ("pubspec.lock", "Pub", ""), ("mix.lock", "Hex", ""), ("rebar.lock", "Hex", ""),
    ("Podfile.lock", "CocoaPods", ""), ("Cartfile.resolved", "Carthage", ""), ("Package.resolved", "SwiftURL", ""),
    ("conan.lock", "ConanCenter", ""), ("environment.yml", "conda", ""), ("environment.yaml", "conda", ""),
    ("conda-lock.yml", "conda", ""), ("pixi.lock", "conda", ""), ("stack.yaml.lock", "Hackage", ""),
    ("build.sbt", "Maven", ""), ("shard.lock", "Shards", ""), ("renv.lock", "CRAN", ""), ("Manifest.toml", "Julia", ""),
)  # fmt: skip


def _refuse(document: Document) -> None:
    name = document.path.rpartition("/")[2]
    reason = next(reason for each, _, reason in _KINDS if each == name)
    raise NotRead(reason or "this program cannot read this kind of file, so its packages are not looked at")


FORMATS = tuple(Format(name, ecosystem, "lock", (name,), _refuse) for name, ecosystem, _ in _KINDS)
