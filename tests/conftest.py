"""Fixtures shared by all tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import os
import pickle
from collections.abc import Callable
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings

from userview import NOBODY_UID

T = TypeVar("T")

settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, max_examples=1000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))  # the same examples each time; explore by hand


@pytest.fixture
def as_nobody() -> Callable[[Callable[[], T]], T]:
    """Run a function in a child process without rights, and give what it returned (it must be picklable)."""

    def run(function: Callable[[], T]) -> T:
        if os.geteuid() != 0:
            return function()
        read_end, write_end = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            try:
                os.close(read_end)
                os.setgroups([])
                os.setgid(NOBODY_UID)
                os.setuid(NOBODY_UID)
                payload = pickle.dumps(function())
                os.write(write_end, payload)
                code = 0
            finally:
                os._exit(code)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as stream:
            payload = stream.read()
        os.waitpid(child, 0)
        assert payload, "the function failed in the child"
        return pickle.loads(payload)

    return run
