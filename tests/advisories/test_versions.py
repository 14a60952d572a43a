"""Versions are ordered as their package managers order them; what has no place in the order is said to have none."""

from __future__ import annotations

import itertools
import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from secaudit.advisories.versions import parse

RISING = {
    "PyPI": [
        "1.0.dev1 1.0a1 1.0b2 1.0rc1 1.0 1.0.post1 1.1.dev1 1.1 1.10 2!0.1",
        "2023.1 2023.10 2024.2",
    ],
    "npm": [
        "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0 1.0.1 1.2.0 1.10.0",
        "4.17.4 4.17.21 5.0.0-canary.0",
    ],
    "crates.io": ["0.1.0 0.1.9 0.1.10 0.2.0-pre 0.2.0 1.0.0"],
    "Go": [
        "0.0.0-20190308221718-c2843e01d9a2 0.0.0-20200622213623-75b288015ac9 0.1.0 1.2.3-0.20200101000000-abcdefabcdef 1.2.3",
        "v1.9.0 v1.10.0 2.0.0+incompatible 2.0.1+incompatible v3.0.0",
        "1.20 1.20.3 1.21.0-rc.1 1.21.0 go1.21.1",
    ],
    "Packagist": [
        "dev-less".replace("dev-less", "1.0.0-dev") + " 1.0.0-alpha1 1.0.0-beta2 1.0.0-beta10 1.0.0-RC1 v1.0.0 1.0.0.5 1.0.0.6 1.0.1",
        "5.4.0 v5.4.19 5.4.20 6.0",
        "7.0 7.0.0-p1 7.1",
    ],
    "RubyGems": ["1.0.0.a 1.0.0.b 1.0.0.rc1 1.0.0 1.0.0.1 1.0.1 1.10", "4.2.11.1 5.0.0.beta1 5.0.0.beta1.1 5.0.0.rc1 5.0.0"],
    "Maven": [
        "1.0-alpha-1 1.0-beta-1 1.0-M1 1.0-rc1 1.0-SNAPSHOT 1.0 1.0-sp 1.0.1 1.1",
        "2.13.4.1 2.13.4.2 2.13.5 2.14.0-rc1 2.14.0",
        "5.3.0.RC1 5.3.0.RELEASE 5.3.1.RELEASE 5.3.2",
        "9.4.43.v20210629 9.4.44.v20210927 9.4.44.1",
        "2.0-beta9 2.0-rc1 2.0 2.15.0 2.17.1",
    ],
    "NuGet": ["1.0.0-alpha 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc 1.0 1.0.0.1 1.0.0.2 1.0.1 4.3.1 4.10", "12.0.3 13.0.1-beta1 13.0.1"],
}  # fmt: skip
EQUAL = {
    "PyPI": ["1.0 1.0.0 v1.0 1.0+cu118", "1.0rc1 1.0.RC1 1.0c1"],
    "npm": ["1.0.0 v1.0.0 =1.0.0 1.0.0+build.5"],
    "Go": ["1.2.3 v1.2.3", "2.0.0 2.0.0+incompatible", "1.21.0 go1.21"],
    "Packagist": ["1.0 v1.0 1.0.0.0 1.0.0-stable", "1.0.0-beta1 1.0.0b1 1.0.0-BETA1", "1.0-RC2 1.0.0rc2"],
    "RubyGems": ["1 1.0 1.0.0", "1.16.2 1.16.2-x86_64-linux 1.16.2-java 1.16.2-arm64-darwin"],
    "Maven": ["1.0 1 1.0.0 1.0.Final 1.0-ga 1.0.RELEASE", "1.0-rc1 1.0-cr1 1.0RC1", "1-alpha-1 1-a1"],
    "NuGet": ["1.0 1.0.0 1.0.0.0 1.0.0+sha", "1.0.0-Beta 1.0.0-beta"],
}
NOWHERE = {
    "PyPI": ["", "latest", "1.0-final-final", "2004d-x", "1" * 500],
    "npm": ["", "latest", "1.x", "*", "^1.0.0", "1.0.0 || 2.0.0", "workspace:1.0.0"],
    "Go": ["", "master", "v1.x"],
    "Packagist": ["", "dev-main", "1.0.x", "1.0.*", "^1.0"],
    "RubyGems": ["", "1..0", "latest"],
    "Maven": ["", "LATEST", "${project.version}", "[1.0,2.0)"],
    "NuGet": ["", "1.0.0.0.0", "1.*", "[1.0,2.0)"],
    "Hex": ["1.0.0"],
}


def sign(one: object, other: object) -> int:
    return -1 if one < other else 1 if other < one else 0  # type: ignore[operator]


@pytest.mark.parametrize(("ecosystem", "line"), [(name, line) for name, lines in RISING.items() for line in lines])
def test_versions_rise_in_the_order_of_their_ecosystem(ecosystem: str, line: str) -> None:
    places = [parse(ecosystem, text) for text in line.split()]
    assert None not in places
    for low, high in itertools.combinations(places, 2):
        assert (sign(low, high), sign(high, low)) == (-1, 1)


@pytest.mark.parametrize(("ecosystem", "line"), [(name, line) for name, lines in EQUAL.items() for line in lines])
def test_two_spellings_of_one_version_are_equal(ecosystem: str, line: str) -> None:
    places = [parse(ecosystem, text) for text in line.split()]
    assert None not in places
    for one, other in itertools.permutations(places, 2):
        assert sign(one, other) == 0
        assert one == other


@pytest.mark.parametrize(("ecosystem", "text"), [(name, text) for name, texts in NOWHERE.items() for text in texts])
def test_what_is_no_version_has_no_place(ecosystem: str, text: str) -> None:
    assert parse(ecosystem, text) is None


def test_a_composer_branch_with_numbers_comes_after_all_its_versions() -> None:
    assert sign(parse("Packagist", "2.1.999"), parse("Packagist", "2.1.x-dev")) == -1
    assert sign(parse("Packagist", "2.1.x-dev"), parse("Packagist", "2.2.0")) == -1


@pytest.mark.parametrize("ecosystem", list(RISING))
def test_hostile_text_is_answered_at_once(ecosystem: str) -> None:
    for text in (
        "1" * 200,
        "1." * 100,
        "1-" * 100,
        "-" * 200,
        "a" * 200,
        "1a" * 100,
        "1.0-" + "a-" * 90,
        "٣.١",
        "1.0\x1b[2J",
    ):
        parse(ecosystem, text)


def test_npm_agrees_with_npm() -> None:
    library = next(
        (
            path
            for path in map(Path, ("/usr/share/nodejs/semver", "/usr/lib/node_modules/npm/node_modules/semver"))
            if path.is_dir()
        ),
        None,
    )
    if library is None or not shutil.which("node"):
        pytest.skip("npm's own semver is not installed")
    chance = random.Random(1)
    words = ["0", "1", "2", "10", "alpha", "beta", "rc", "rc1", "x-y", "A"]

    def make() -> str:
        text = ".".join(chance.choice(["0", "1", "2", "10"]) for _ in range(3))
        if chance.random() < 0.6:
            text += "-" + ".".join(chance.choice(words) for _ in range(chance.randint(1, 3)))
        return chance.choice(["", "v"]) + text + chance.choice(["", "", "+build.5"])

    versions = [make() for _ in range(1500)]
    script = f"const s=require({json.dumps(str(library))});const v=JSON.parse(require('fs').readFileSync(0));" \
             "console.log(JSON.stringify(v.slice(1).map((b,i)=>s.compare(v[i],b,true))))"  # fmt: skip
    done = subprocess.run(
        ["node", "-e", script], input=json.dumps(versions), capture_output=True, text=True, check=True
    )
    ours = [sign(parse("npm", one), parse("npm", other)) for one, other in itertools.pairwise(versions)]
    assert ours == json.loads(done.stdout)


def test_composer_agrees_with_php() -> None:
    if not shutil.which("php"):
        pytest.skip("php is not installed")
    chance = random.Random(2)
    stages = {
        "alpha": "alpha",
        "beta": "beta",
        "RC": "RC",
        "a": "alpha",
        "b": "beta",
        "rc": "rc",
        "patch": "patch",
        "pl": "pl",
        "p": "p",
    }
    shown, full = [], []
    for _ in range(1500):
        numbers = [str(chance.choice([0, 1, 2, 10])) for _ in range(chance.randint(1, 4))]
        stage = chance.choice(["", "", *stages])
        number = chance.choice(["", "1", "2", "10"]) if stage else ""
        shown.append(
            chance.choice(["", "v"]) + ".".join(numbers) + (chance.choice(["-", "."]) + stage + number if stage else "")
        )
        full.append(".".join(numbers + ["0"] * (4 - len(numbers))) + (f"-{stages[stage]}{number}" if stage else ""))
    script = "$v=json_decode(stream_get_contents(STDIN));$o=[];for($i=1;$i<count($v);$i++)$o[]=version_compare($v[$i-1],$v[$i]);echo json_encode($o);"
    done = subprocess.run(["php", "-r", script], input=json.dumps(full), capture_output=True, text=True, check=True)
    ours = [sign(parse("Packagist", one), parse("Packagist", other)) for one, other in itertools.pairwise(shown)]
    assert ours == json.loads(done.stdout)


def test_maven_agrees_with_maven() -> None:
    jars = [Path("/usr/share/java/maven-artifact-3.x.jar"), Path("/usr/share/java/commons-lang3.jar")]
    if not shutil.which("java") or not all(jar.exists() for jar in jars):
        pytest.skip("Maven's own comparison (libmaven3-core-java) is not installed")
    chance = random.Random(3)
    tails = [
        "", "", "-SNAPSHOT", ".Final", ".RELEASE", ".GA", "-rc1", "-RC2", ".RC1", "-M1", ".M3", "-alpha-1", "-beta-2",
        ".Beta1", ".CR1", "-jre", "-android", ".v20210629", ".SP1", "-b05", ".1-jre8", "-incubating",
    ]  # fmt: skip
    versions = [
        ".".join(chance.choice(["0", "1", "2", "10", "0"]) for _ in range(chance.randint(1, 4))) + chance.choice(tails)
        for _ in range(1200)
    ]
    done = subprocess.run(
        ["java", "-cp", ":".join(map(str, jars)), "org.apache.maven.artifact.versioning.ComparableVersion", *versions],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    theirs = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("   ")]
    ours = [sign(parse("Maven", one), parse("Maven", other)) for one, other in itertools.pairwise(versions)]
    pairs = list(itertools.pairwise(versions))
    wrong = [
        (pair, them)
        for pair, them, us in zip(pairs, theirs, ours, strict=True)
        if {"<": -1, "==": 0, ">": 1}[them] != us
    ]
    assert not wrong
