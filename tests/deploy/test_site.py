"""The documentation as a site: every link leads somewhere, every page is found, and each version keeps its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from leadline import __version__
from tests.conftest import ROOT

BUILD = [sys.executable, str(ROOT / "deploy/site.py"), "--into"]


@pytest.mark.long
def test_the_site_is_built_with_a_search_and_beside_former_versions(tmp_path: Path) -> None:
    former = tmp_path / "0.0.9/docs"
    former.mkdir(parents=True)
    (former / "index.html").write_text("")
    built = subprocess.run([*BUILD, tmp_path], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    entry = (tmp_path / "index.html").read_text("utf-8")
    assert f"url={__version__}/docs/index.html" in entry
    assert "0.0.9/docs/index.html" in entry
    site = tmp_path / __version__
    assert "whatsapp" in (site / "searchindex.js").read_text("utf-8")
    pages = {path.relative_to(ROOT).with_suffix(".html") for path in ROOT.glob("docs/**/*.md")}
    assert [str(page) for page in pages if not (site / page).exists()] == []
    assert "http://" not in (site / "docs/index.html").read_text("utf-8").replace("http://www.w3.org", "")
