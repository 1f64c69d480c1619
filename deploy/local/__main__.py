"""``python -m deploy.local``: the same as ``wiredesk stack``."""

from __future__ import annotations

from deploy.local.cli import app

app()
