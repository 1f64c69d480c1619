"""Prints the page of the index fields: ``python -m pipeline.index > docs/index-fields.md``."""

from __future__ import annotations

import sys

from pipeline.index.fields import fields_page

if __name__ == "__main__":
    sys.stdout.write(fields_page())
