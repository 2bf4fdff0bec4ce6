"""`make audit`: whether anything in the lock has a known weakness, as pip-audit finds it in a source of advisories.

Where no source can be reached it says so and passes; LEADLINE_REQUIRE_ADVISORIES=1 makes that a failure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"
ASK = ["-m", "pip_audit", "--disable-pip", "--require-hashes", "--progress-spinner=off", "-f", "json", "-r", str(LOCK)]


def verdict(answer: str, complaint: str) -> tuple[str, bool | None]:
    """A sentence, and whether all is well; None where nobody could be asked."""
    try:
        asked = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        why = (complaint.strip().splitlines() or ["no answer"])[-1]
        return f"No source of advisories can be reached, so nothing was checked ({why[:200]})", None
    weak = [f"{each['name']} {each['version']}: {one['id']}" for each in asked for one in each.get("vulns", ())]
    skipped = [each["name"] for each in asked if "skip_reason" in each]
    if weak:
        return "\n".join(["Known weaknesses:", *weak]), False
    passed_over = f", {len(skipped)} could not be: {', '.join(skipped)}" if skipped else ""
    return f"{len(asked) - len(skipped)} packages were checked, none has a known weakness{passed_over}", True


def main() -> int:
    """The exit code."""
    ran = subprocess.run([sys.executable, *ASK], capture_output=True, text=True, check=False)
    said, well = verdict(ran.stdout, ran.stderr)
    sys.stdout.write(said + "\n")
    return int(well is False or (well is None and bool(os.environ.get("LEADLINE_REQUIRE_ADVISORIES"))))


if __name__ == "__main__":
    sys.exit(main())
