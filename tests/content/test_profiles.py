"""Profiles: what fits a kind of machine is asked for, and the printed fixes still reach what is asked."""

from __future__ import annotations

import re

import pytest

from secaudit.content import library
from secaudit.content.select import matches, select

LOADED = library.load()
PROFILES = sorted(LOADED.profiles)
FOR_TAG = {"server": ("server", "container-host"), "desktop": ("freelancer", "workstation")}
NO_SETTING = {
    "accounts-unused",
    "backup-recent",
    "network-listeners-known",
    "services-own-not-root",
    "sudo-few-admins",
    "updates-release-ending",
}
"""Checks whose fix sets no number: somebody decides, or the profile itself names what is wanted."""


def chosen(profile: str) -> set[str]:
    return {entry.value.id for entry in select(LOADED, profile).checks}


@pytest.mark.parametrize(("tag", "profile"), [(tag, name) for tag, names in FOR_TAG.items() for name in names])
def test_a_check_made_for_such_machines_is_used(tag: str, profile: str) -> None:
    """What is left out all the same stands there by its own id, so that somebody meant it."""
    named = {item.pattern for item in select(LOADED, profile).excluded}
    for entry in LOADED.checks.values():
        check = entry.value
        if tag in check.tags and check.id not in chosen(profile):
            assert check.id in named, f"{check.id} has the tag {tag}, but {profile} leaves it out"


@pytest.mark.parametrize("profile", PROFILES)
def test_every_exclusion_says_why_and_hits_something(profile: str) -> None:
    """A pattern of a topic may wait for its first check; a pattern of ids may not."""
    for item in select(LOADED, profile).excluded:
        assert item.reason.endswith("."), item.pattern
        assert len(item.reason) >= 20, item.pattern
        if not item.pattern.startswith("topic:"):
            assert any(matches(LOADED, entry, item.pattern) for entry in LOADED.checks.values()), item.pattern


@pytest.mark.parametrize("profile", PROFILES)
def test_the_standards_of_a_profile_are_there(profile: str) -> None:
    assert LOADED.profiles[profile].value.standards
    assert set(LOADED.profiles[profile].value.standards) <= set(LOADED.standards)


def overridden() -> list[tuple[str, str, str]]:
    return [
        (profile, check, name)
        for profile in PROFILES
        for check, values in LOADED.profiles[profile].value.params.items()
        for name in values
    ]


@pytest.mark.parametrize(("profile", "check", "name"), overridden())
def test_the_printed_fix_reaches_what_a_profile_asks(profile: str, check: str, name: str) -> None:
    """A stricter number is of no use when the fix writes the number of another profile."""
    asked = LOADED.profiles[profile].value.params[check][name]
    entry = LOADED.checks[check].value
    default = entry.params[name].default
    assert type(asked) is type(default)
    if check in NO_SETTING:
        return
    for family, commands in entry.fix.items():
        if not re.search(r"\d", re.sub(r"#.*", "", commands)):
            continue  # it names the manual page
        assert re.search(rf"(?<!\d){asked}(?!\d)", commands), f"{check} {family}: the fix does not set {asked}"


def test_a_container_host_accepts_all_that_a_server_accepts_as_root() -> None:
    default = LOADED.checks["services-own-not-root"].value.params["allowed"].default
    asked = LOADED.profiles["container-host"].value.params["services-own-not-root"]["allowed"]
    assert isinstance(default, tuple)
    assert isinstance(asked, tuple)
    assert set(default) <= set(asked)


def test_a_workstation_is_asked_for_more_than_a_personal_computer() -> None:
    """Whatever a freelancer's computer is asked for is also asked of a company's."""
    assert chosen("freelancer") - chosen("workstation") == set()
    assert {"audit-accounts", "kernel-usb-storage-blocked", "su-restricted", "tmp-noexec"} <= chosen("workstation")
