"""The scripted attacker of `make attack`: nothing gets through."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.security.attack.tries import TRIES


@pytest.mark.long
def test_no_try_gets_through() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.security.attack.run"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines()[-1] == f"{len(TRIES)} tries, 0 got through.", done.stdout + done.stderr
    assert done.returncode == 0
