"""Package files of PHP, Ruby, Go, Rust, Java and .NET, each a small example of its documented form."""

from __future__ import annotations

import json
from pathlib import Path

from packagetest import only, read

COMMIT = "4f1c2a9be0d37c6a5588d1f2e3a4b5c6d7e8f901"
HASH = "a" * 64


def test_composer(tmp_path: Path) -> None:
    lock = {
        "packages": [
            {"name": "Vendor/Lib", "version": "v1.2.3", "license": ["MIT", "GPL-2.0-only"], "abandoned": "other/lib",
             "dist": {"type": "zip", "url": "https://api.github.com/repos/v/l/zipball/x", "reference": COMMIT, "shasum": ""},
             "require": {"php": ">=8", "vendor/inner": "^1"}},
            {"name": "vendor/branch", "version": "dev-main", "source": {"type": "git", "url": "https://git.example.org/b.git", "reference": COMMIT}},
        ],
        "packages-dev": [{"name": "phpunit/phpunit", "version": "10.0.0", "dist": {"type": "zip", "url": "http://files.example.org/p.zip"}}],
        "platform": {"php": "^8.1"},
    }  # fmt: skip
    manifest = {
        "name": "me/shop", "type": "project", "license": "proprietary", "config": {"secure-http": False},
        "require": {"php": "^8.1", "ext-json": "*", "Vendor/Lib": "^1.0", "vendor/branch": "dev-main"},
        "require-dev": {"phpunit/phpunit": "10.0.0"},
        "repositories": [{"type": "composer", "url": "https://packages.example.org", "canonical": False}],
    }  # fmt: skip
    found = read(
        tmp_path, {"composer.lock": json.dumps(lock, indent=1), "composer.json": json.dumps(manifest, indent=1)}
    )
    locked = {each.name: each for each in found.found if each.locked}
    assert {
        name: (each.version, each.direct, each.scope, each.hashed, each.source) for name, each in locked.items()
    } == {
        "vendor/lib": ("1.2.3", 1, "runtime", None, "registry"),
        "vendor/branch": ("", 1, "runtime", None, "git"),
        "phpunit/phpunit": ("10.0.0", 1, "dev", 0, "registry"),
    }
    assert (locked["vendor/lib"].licence, locked["vendor/lib"].deprecated) == (
        "MIT OR GPL-2.0-only",
        "abandoned, use other/lib",
    )
    assert locked["vendor/lib"].requires == ("vendor/inner",)
    assert locked["vendor/branch"].revision == COMMIT
    assert {each.name: each.version for each in found.found if not each.locked} == {
        "vendor/lib": "", "vendor/branch": "", "phpunit/phpunit": "10.0.0",
    }  # fmt: skip
    (asked,) = [each for each in found.manifests if each.kind == "manifest"]
    assert (asked.publishes, asked.runtime) == (0, "^8.1")
    assert [text.split()[0] for text in asked.registries] == ["extra-index", "no-tls"]


def test_ruby(tmp_path: Path) -> None:
    gemfile = f"""\
source "https://rubygems.org"
source 'https://gems.example.org' do
  gem "private"
end
ruby "2.7.4"
gem "rails", "~> 7.0", ">= 7.0.4" # comment
gem 'exact', '1.2.3', require: 'test_help'
gem "own", git: "https://git.example.org/own.git", ref: "{COMMIT}"
group :development, :test do
  gem "rspec"
end
gem "lint", groups: [:development, :test], require: false
if ENV["X"]
  gem "maybe"
end
"""
    lock = f"""\
GIT
  remote: https://git.example.org/own.git
  revision: {COMMIT}
  specs:
    own (0.1.0)

GEM
  remote: https://rubygems.org/
  specs:
    nokogiri (1.16.0-x86_64-linux)
      racc (~> 1.4)
    nokogiri (1.16.0-arm64-darwin)
      racc (~> 1.4)
    racc (1.7.3)
    rails (7.0.8)
      nokogiri (>= 1.8)
    rspec (3.12.0)

PLATFORMS
  x86_64-linux

DEPENDENCIES
  own!
  rails (~> 7.0, >= 7.0.4)
  rspec

CHECKSUMS
  rails (7.0.8) sha256={HASH}
  racc (1.7.3)

RUBY VERSION
   ruby 2.7.4p191

BUNDLED WITH
   2.5.0
"""
    found = read(tmp_path, {"Gemfile": gemfile, "Gemfile.lock": lock})
    asked = {each.name: each for each in found.found if not each.locked}
    assert {name: (each.version, each.scope, each.source, each.line) for name, each in asked.items()} == {
        "private": ("", "runtime", "registry", 3),
        "rails": ("", "runtime", "registry", 6),
        "exact": ("1.2.3", "runtime", "registry", 7),
        "own": ("", "runtime", "git", 8),
        "rspec": ("", "dev", "registry", 10),
        "lint": ("", "dev", "registry", 12),
        "maybe": ("", "runtime", "registry", 14),
    }
    locked = {each.name: each for each in found.found if each.locked}
    assert {
        name: (each.version, each.direct, each.scope, each.hashed, each.source) for name, each in locked.items()
    } == {
        "own": ("0.1.0", 1, "runtime", None, "git"),
        "nokogiri": ("1.16.0", 0, "runtime", 0, "registry"),
        "racc": ("1.7.3", 0, "runtime", 0, "registry"),
        "rails": ("7.0.8", 1, "runtime", 1, "registry"),
        "rspec": ("3.12.0", 1, "dev", 0, "registry"),
    }
    (manifest,) = [each for each in found.manifests if each.kind == "manifest"]
    assert [text.split()[0] for text in manifest.registries] == ["index", "scoped-index"]


def test_go(tmp_path: Path) -> None:
    mod = """\
module example.org/shop

go 1.22

require (
	example.org/a v1.2.3
	example.org/b v0.0.0-20240101000000-abcdefabcdef // indirect
	example.org/old v2.0.0+incompatible
)
require example.org/c v1.0.0 // a comment
replace example.org/a => example.org/fork v1.2.4
replace example.org/c => ../c
exclude example.org/z v1.0.0
"""
    sums = "example.org/fork v1.2.4 h1:x=\nexample.org/b v0.0.0-20240101000000-abcdefabcdef/go.mod h1:x=\n"
    found = read(tmp_path, {"go.mod": mod, "go.sum": sums})
    assert {each.name: (each.version, each.direct, each.source, each.line) for each in found.found} == {
        "example.org/fork": ("1.2.4", 1, "registry", 6),
        "example.org/b": ("0.0.0-20240101000000-abcdefabcdef", 0, "registry", 7),
        "example.org/old": ("2.0.0", 1, "registry", 8),
        "example.org/c": ("1.0.0", 1, "path", 10),
    }
    assert found.problem is None


def test_go_before_1_17_does_not_list_everything(tmp_path: Path) -> None:
    manifest, found = only(tmp_path, "go.mod", "module x\ngo 1.16\nrequire example.org/a v1.0.0\n")
    assert (manifest.status, set(found)) == ("partial", {"example.org/a"})


def test_rust(tmp_path: Path) -> None:
    toml = f"""\
[package]
name = "demo"
license = "MIT"
[dependencies]
serde = "1.0"
exact = "=1.2.3"
own = {{ git = "https://git.example.org/own.git", rev = "{COMMIT}" }}
renamed = {{ package = "real", version = "2" }}
opt = {{ version = "1", optional = true }}
[dev-dependencies]
test = "1"
[target.'cfg(unix)'.dependencies]
libc = "0.2"
"""
    lock = f"""\
version = 3
[[package]]
name = "demo"
version = "0.1.0"
dependencies = ["own", "serde 1.0.2"]
[[package]]
name = "own"
version = "0.1.0"
source = "git+https://git.example.org/own.git?rev=x#{COMMIT}"
[[package]]
name = "serde"
version = "1.0.2"
source = "registry+https://github.com/rust-lang/crates.io-index"
checksum = "{HASH}"
dependencies = ["inner"]
[[package]]
name = "inner"
version = "1.0.0"
source = "registry+https://github.com/rust-lang/crates.io-index"
"""
    found = read(tmp_path, {"Cargo.toml": toml, "Cargo.lock": lock})
    assert {each.name: (each.version, each.scope, each.source) for each in found.found if not each.locked} == {
        "serde": ("", "runtime", "registry"), "exact": ("1.2.3", "runtime", "registry"), "own": ("", "runtime", "git"),
        "real": ("", "runtime", "registry"), "opt": ("", "optional", "registry"), "test": ("", "dev", "registry"),
        "libc": ("", "runtime", "registry"),
    }  # fmt: skip
    assert {each.name: (each.version, each.direct, each.scope, each.hashed) for each in found.found if each.locked} == {
        "own": ("0.1.0", 1, "runtime", None), "serde": ("1.0.2", 1, "runtime", 1), "inner": ("1.0.0", 0, "runtime", 0),
    }  # fmt: skip


def test_maven(tmp_path: Path) -> None:
    pom = """\
<?xml version="1.0"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent><groupId>org.boot</groupId><artifactId>parent</artifactId><version>3.2.0</version></parent>
  <artifactId>shop</artifactId>
  <properties><lib.version>2.17.1</lib.version><same>${lib.version}</same></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>org.m</groupId><artifactId>managed</artifactId><version>1.1</version><scope>test</scope></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency><groupId>org.l</groupId><artifactId>core</artifactId><version>${same}</version></dependency>
    <dependency><groupId>org.m</groupId><artifactId>managed</artifactId></dependency>
    <dependency><groupId>org.p</groupId><artifactId>of-parent</artifactId></dependency>
    <dependency><groupId>org.r</groupId><artifactId>range</artifactId><version>[1.0,2.0)</version></dependency>
  </dependencies>
</project>
"""
    manifest, found = only(tmp_path, "pom.xml", pom)
    assert (manifest.name, manifest.version) == ("org.boot:shop", "3.2.0")
    assert {name: (each.version, each.scope, each.line) for name, each in found.items()} == {
        "org.boot:parent": ("3.2.0", "build", 3),
        "org.l:core": ("2.17.1", "runtime", 10),
        "org.m:managed": ("1.1", "dev", 11),
        "org.p:of-parent": ("", "runtime", 12),
        "org.r:range": ("", "runtime", 13),
    }


def test_gradle(tmp_path: Path) -> None:
    lock = "# c\norg.a:b:1.0=compileClasspath,runtimeClasspath\norg.t:t:2.0=testCompileClasspath\nempty=annotationProcessor\n"
    catalogue = '[versions]\nk = "1.9"\n[libraries]\na = { module = "org.a:b", version.ref = "k" }\nb = "org.c:d:2.0"\nc = { group = "org.e", name = "f", version = { strictly = "[1,2)" } }\n'
    found = read(tmp_path, {"gradle.lockfile": lock, "gradle/libs.versions.toml": catalogue})
    assert {(each.name, each.locked): (each.version, each.scope) for each in found.found} == {
        ("org.a:b", 1): ("1.0", "runtime"), ("org.t:t", 1): ("2.0", "dev"), ("org.a:b", 0): ("1.9", "runtime"),
        ("org.c:d", 0): ("2.0", "runtime"), ("org.e:f", 0): ("", "runtime"),
    }  # fmt: skip


def test_nuget(tmp_path: Path) -> None:
    project = """\
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net6.0</TargetFramework><V>3.1.0</V></PropertyGroup>
  <ItemGroup>
    <PackageReference Include="A.Lib" Version="1.2.3" />
    <PackageReference Include="B.Lib"><Version>$(V)</Version></PackageReference>
    <PackageReference Include="C.Lib" Version="[2.0.0]" PrivateAssets="all" />
    <PackageReference Include="D.Lib" Version="2.*" />
  </ItemGroup>
</Project>
"""
    config = '<packages><package id="E.Lib" version="5.0.0" targetFramework="net48" developmentDependency="true" /></packages>'
    lock = {"version": 1, "dependencies": {"net6.0": {
        "A.Lib": {"type": "Direct", "requested": "[1.2.3, )", "resolved": "1.2.3", "contentHash": "abc", "dependencies": {"Z.Lib": "1.0.0"}},
        "Z.Lib": {"type": "Transitive", "resolved": "1.0.0"},
        "Own": {"type": "Project"}}}}  # fmt: skip
    found = read(
        tmp_path, {"x/App.csproj": project, "y/packages.config": config, "x/packages.lock.json": json.dumps(lock)}
    )
    assert {(each.name, each.locked): (each.version, each.scope, each.direct) for each in found.found} == {
        ("A.Lib", 0): ("1.2.3", "runtime", 1), ("B.Lib", 0): ("3.1.0", "runtime", 1), ("C.Lib", 0): ("2.0.0", "dev", 1),
        ("D.Lib", 0): ("", "runtime", 1), ("E.Lib", 0): ("5.0.0", "dev", 1),
        ("A.Lib", 1): ("1.2.3", "runtime", 1), ("Z.Lib", 1): ("1.0.0", "runtime", 0),
    }  # fmt: skip


def test_build_gradle(tmp_path: Path) -> None:
    text = """\
plugins { id 'java' }
buildscript { dependencies {
    classpath 'org.plug:in:1.0'
} }
dependencies {
    implementation 'org.a:b:1.2.3'  // a comment
    api("org.c:d:$version")
    testImplementation(platform("org.junit:bom:5.10.0"))
    implementation libs.guava
    implementation project(':core')
    runtimeOnly group: 'org.e', name: 'f', version: '2.0'
    implementation "org.g:h:2.+"
    implementation(computed())
}
implementation 'org.outside:x:1'
"""
    manifest, found = only(tmp_path, "build.gradle", text)
    assert {name: (each.version, each.scope, each.line) for name, each in found.items()} == {
        "org.plug:in": ("1.0", "build", 3), "org.a:b": ("1.2.3", "runtime", 6), "org.c:d": ("", "runtime", 7),
        "org.junit:bom": ("5.10.0", "dev", 8), "org.e:f": ("2.0", "runtime", 11), "org.g:h": ("", "runtime", 12),
    }  # fmt: skip
    assert (manifest.status, manifest.reason) == (
        "partial",
        "line 13 names a package in a form that we do not understand",
    )


def test_kinds_that_are_not_read_do_not_look_like_no_packages(tmp_path: Path) -> None:
    found = read(
        tmp_path, {"pubspec.lock": "packages: {}\n", "ios/Podfile.lock": "PODS:\n", "go.mod": "module x\ngo 1.22\n"}
    )
    assert {each.path: each.status for each in found.manifests} == {
        "pubspec.lock": "not read", "ios/Podfile.lock": "not read", "go.mod": "ok",
    }  # fmt: skip
    assert found.problem is not None
    assert "cannot read this kind of file" in found.problem.reason
