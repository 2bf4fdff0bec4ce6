"""The list of components names everything that is locked, and the audit tells an answer from silence."""

from __future__ import annotations

import json
import re

import pytest
from cyclonedx.output.json import JsonV1Dot6

from tests.security.advisories import verdict
from tests.security.sbom import ROOT, bom, components

LOCK = (ROOT / "requirements-run.lock").read_text("utf-8")


def test_every_locked_package_is_a_component_with_its_hashes() -> None:
    document = json.loads(JsonV1Dot6(bom()).output_as_string())
    assert (document["bomFormat"], document["metadata"]["component"]["name"]) == ("CycloneDX", "leadline")
    listed = {(each["name"], each["version"]) for each in document["components"]}
    assert listed == set(re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", LOCK, re.MULTILINE))
    assert sum(len(each["hashes"]) for each in document["components"]) == LOCK.count("--hash=sha256:")
    assert all(each["purl"].startswith("pkg:pypi/") for each in document["components"])


def test_a_line_that_is_no_package_is_not_passed_over() -> None:
    with pytest.raises(ValueError, match="names no package: -e"):
        [*components("aiohttp==1.0 \\\n    --hash=sha256:aa\n-e ./other\n")]


@pytest.mark.parametrize(
    ("answer", "well", "said"),
    [
        ("", None, "nothing was checked (connection refused)"),
        ("not json", None, "nothing was checked"),
        ("[]", None, "nothing was checked"),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}', True, "1 packages were checked"),
        ('{"dependencies": [{"name": "a", "skip_reason": "unknown"}]}', True, "1 could not be: a"),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1"}]}]}', False, "a 1: PYSEC-1"),
    ],
)
def test_silence_is_not_taken_for_a_good_answer(answer: str, well: bool | None, said: str) -> None:
    told, fine = verdict(answer, "Traceback\nconnection refused")
    assert (fine, said in told) == (well, True), told
