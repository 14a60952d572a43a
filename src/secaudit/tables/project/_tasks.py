"""What a command or an action of a CI job is for: testing, searching for faults, publishing."""

from __future__ import annotations

from secaudit.tables.project._commands import Simple

_TEST_PROGRAMS = frozenset(
    "pytest py.test tox nox jest vitest mocha ava karma phpunit pest rspec minitest ctest bats cypress playwright"
    " codecept behat ginkgo gotestsum"
    " nosetests stestr unittest cargo-nextest hypothesis runtests".split()
)
_SCAN_PROGRAMS = frozenset(
    "bandit semgrep opengrep trivy grype snyk pip-audit safety gitleaks trufflehog detect-secrets zizmor osv-scanner"
    " govulncheck brakeman"
    " bundle-audit bundler-audit gosec checkov tfsec kics terrascan hadolint dockle retire njsscan nodejsscan"
    " secaudit secaudit kingfisher"
    " betterleaks sonar-scanner dependency-check psalm phpcs-security-audit kube-score kubesec cargo-audit"
    " cargo-deny spectral nancy scorecard"
    " local-php-security-checker codeql prowler ggshield actionlint poutine".split()
)
_SCAN_ACTIONS = (
    "github/codeql-action", "aquasecurity/", "gitleaks/", "snyk/", "actions/dependency-review-action",
    "ossf/scorecard-action",
    "zizmorcore/", "trufflesecurity/", "anchore/", "semgrep/", "returntocorp/", "pypa/gh-action-pip-audit",
    "google/osv-scanner",
    "bridgecrewio/", "sonarsource/", "sonarqube", "checkmarx/", "step-security/", "golang/govulncheck-action",
    "rustsec/", "actions-rs/audit-check",
    "embarkstudios/cargo-deny-action", "hadolint/", "securego/", "docker/scout-action", "gitguardian/", "veracode/",
    "fossas/", "pyupio/",
)  # fmt: skip
_PUBLISH_ACTIONS = (
    "pypa/gh-action-pypi-publish", "softprops/action-gh-release", "goreleaser/goreleaser-action",
    "js-devtools/npm-publish",
    "rubygems/release-gem", "ncipollo/release-action", "changesets/action", "actions/create-release",
    "cycjimmy/semantic-release-action",
    "katyo/publish-crates", "pypa/pypi-publish",
)  # fmt: skip


def task_of_command(command: Simple) -> str:
    """`test`, `scan`, `publish`, or empty."""
    words = command.arguments_from_program
    program = command.program
    rest = [word for word in words[1:] if not word.startswith("-")]
    if (
        program
        in (
            "uv",
            "poetry",
            "pipenv",
            "hatch",
            "pdm",
            "rye",
            "npx",
            "bunx",
            "uvx",
            "pipx",
            "pnpx",
            "bundle",
            "coverage",
            "xvfb-run",
        )
        and rest
    ):
        position = 1 if rest[0] in ("run", "exec", "dlx", "tool") and len(rest) > 1 else 0
        if program == "bundle" and rest[:1] == ["audit"]:
            return "scan"
        if program in ("uv", "hatch", "pdm") and rest[0] in ("audit",):
            return "scan"
        if program in ("uv", "poetry", "hatch", "flit", "pdm") and rest[0] == "publish":
            return "publish"
        program = rest[position].rpartition("/")[2].partition("@")[0].lower()
        rest = rest[position + 1 :]
    if program.startswith("python") and "-m" in words:
        place = words.index("-m") + 1
        program = words[place].lower() if place < len(words) else ""
        rest = list(words[place + 1 :])
    if program in _TEST_PROGRAMS:
        return "test"
    if program in _SCAN_PROGRAMS:
        return "scan"
    first = rest[0] if rest else ""
    if program in ("npm", "yarn", "pnpm", "bun"):
        script = rest[1] if first == "run" and len(rest) > 1 else first
        if script == "audit":
            return "scan"
        if script == "publish":
            return "publish"
        return "test" if script in ("t", "tst") or script.startswith("test") or script.endswith(":test") else ""
    if program in ("go", "cargo", "dotnet", "mvn", "mvnw", "gradle", "gradlew", "make", "just", "task", "composer",
        "mix", "rake", "rails", "sbt", "swift",
                   "deno", "zig", "bazel", "ng", "php", "artisan", "invoke", "meson", "ninja", "node"):  # fmt: skip
        joined = " ".join(words[1:8])
        if program in ("cargo", "composer") and first in ("audit", "deny"):
            return "scan"
        if program == "cargo" and first == "publish":
            return "publish"
        if (
            "test" in joined
            or (program in ("mvn", "mvnw") and ("verify" in rest or "install" in rest))
            or "check" in rest
        ):
            return "test"
    if program.endswith("manage.py") or (first.endswith("manage.py")):
        return "test" if "test" in rest else ""
    if program in ("rake", "prove", "runtests.sh"):
        return "test"
    if program in ("twine", "gem") and first in ("upload", "push"):
        return "publish"
    return "test" if any(_speaks_of_tests(word) for word in words[:3]) else ""


def _speaks_of_tests(word: str) -> bool:
    """`./run-tests.sh`, `test/all.pl`: a program that is named so."""
    name = word.rpartition("/")[2].lower()
    plain = "".join(char if char.isalnum() else " " for char in name)
    return ("/" in word or "." in name) and not {"test", "tests", "unittest", "unittests"}.isdisjoint(plain.split())


def task_of_action(uses: str) -> str:
    """The same for an action."""
    low = uses.lower()
    if low.startswith(_SCAN_ACTIONS):
        return "scan"
    if low.startswith(_PUBLISH_ACTIONS):
        return "publish"
    return ""
