"""Prints the tables of the documentation: ``python -m connectors.parsers [names]``."""

from __future__ import annotations

import sys

from connectors.parsers.table import fields_table, names_table

if __name__ == "__main__":
    sys.stdout.write(names_table() if sys.argv[1:] == ["names"] else fields_table())
