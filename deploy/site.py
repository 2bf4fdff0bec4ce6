"""Builds the documentation into site/<version>/, and the page that leads to each version built: `make site`.

A link that leads nowhere, and a page that stands in no table of contents, ends the build.
"""

from __future__ import annotations

import argparse
import html
from pathlib import Path

from sphinx.cmd.build import build_main

from leadline import __version__

ROOT = Path(__file__).parents[1]
ENTRY = "docs/index.html"


def main() -> int:
    """Build, and return Sphinx's exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "site")
    into = parser.parse_args().into.resolve()
    strict = ["--quiet", "--fail-on-warning", "--keep-going", "--builder", "html", "--conf-dir", str(ROOT / "docs")]
    code = build_main([*strict, "--doctree-dir", str(into / ".doctrees"), str(ROOT), str(into / __version__)])
    if code == 0:
        (into / "index.html").write_text(entry(into), "utf-8")
        print(f"{into / 'index.html'} leads to the documentation.")
    return code


def entry(into: Path) -> str:
    """The page in front: it goes to the newest version, and lists all."""
    versions = sorted((each.parents[1].name for each in into.glob(f"*/{ENTRY}")), key=_parts, reverse=True)
    links = "".join(f'<li><a href="{html.escape(each)}/{ENTRY}">{html.escape(each)}</a></li>' for each in versions)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Leadline</title>'
        f'<meta http-equiv="refresh" content="0; url={html.escape(versions[0])}/{ENTRY}"><ul>{links}</ul></html>\n'
    )


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())


if __name__ == "__main__":
    raise SystemExit(main())
