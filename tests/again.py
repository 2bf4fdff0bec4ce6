"""Runs the few tests that failed beside the others once more, alone; `.ci/run` calls it after `make check` failed.

Fails where one of them fails again, where more than MOST failed, or where none did (then something else is wrong).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

LAST_FAILED = Path(__file__).parents[1] / ".pytest_cache/v/cache/lastfailed"
MOST = 8
ALONE = ["-n", "0", "-m", "not longest", "-q"]


def failed() -> list[str]:
    """What the last run of pytest left as failed."""
    return sorted(json.loads(LAST_FAILED.read_text("utf-8"))) if LAST_FAILED.exists() else []


def main() -> int:
    tests = failed()
    if not 0 < len(tests) <= MOST:
        print(f"{len(tests)} tests failed: only 1 to {MOST} are run again.")
        return 1
    print(f"Running {len(tests)} alone that failed beside the others:", *tests, sep="\n  ")
    if code := subprocess.run([sys.executable, "-m", "pytest", *ALONE, *tests], check=False).returncode:
        return code
    print("FAILED BESIDE OTHERS, PASSED ALONE. Each leans on the time that the machine gives it; repair it:")
    print(*tests, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
