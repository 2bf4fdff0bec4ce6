"""The documentation as a site, by Sphinx: `make site`. Its pages are the repository's own, so nothing stands twice."""

from __future__ import annotations

from leadline import __version__

project = "Leadline"
version = release = __version__
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
include_patterns = ["*.md", "docs/*.md", "docs/**/*.md", "benchmarks/**/*.md"]
exclude_patterns = ["site", "dist", ".venv", "test-results"]
root_doc = "docs/index"
myst_heading_anchors = 4
nitpicky = True
suppress_warnings = ["misc.highlighting_failure"]  # mermaid is drawn where the repository is shown, and is text here
html_theme = "furo"
html_title = f"Leadline {release}"
html_show_sourcelink = False
html_copy_source = False
