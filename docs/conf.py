"""Settings of Sphinx for the documentation: ``make docs``. A broken link or anchor is an error there (-W)."""

# ruff: noqa: A001 - names and place are Sphinx's

from __future__ import annotations

import tomllib
from pathlib import Path

_PROJECT = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]

project = "Wiredesk"
author = "The Wiredesk authors"
copyright = "the Wiredesk authors, Apache-2.0"
release = version = _PROJECT["version"]

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
nitpicky = True

# Headings can be linked to by their text, as on a page of the repository: page.md#a-heading.
myst_heading_anchors = 4
myst_links_external_new_tab = False

html_theme = "furo"
html_title = f"Wiredesk {release}"
html_copy_source = False
html_show_sphinx = False
