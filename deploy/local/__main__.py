"""``python -m deploy.local``: the same as ``wiredesk stack``."""

from __future__ import annotations

import sys

from pipeline.cli import main

sys.argv[1:1] = ["stack"]
main()
