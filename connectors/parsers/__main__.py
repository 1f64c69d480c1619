"""Prints the table of formats and fields, from what the parsers declare: ``python -m connectors.parsers``."""

from __future__ import annotations

import sys

from connectors.parsers.table import fields_table

if __name__ == "__main__":
    sys.stdout.write(fields_table())
