"""The JSON Schemas: of every event on the topics, and of the files that people write."""

from __future__ import annotations

from typing import Any

from connectors.config import json_schema as connector_schema
from pipeline.alerts.config import json_schema as alert_schema
from pipeline.events import TOPIC_EVENTS
from pipeline.settings.reference import json_schema as settings_schema


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schema by name: event-raw, event-stories, …, wiredesk (the settings), connector, alert."""
    events = {f"event-{name}": event.model_json_schema() for name, event in TOPIC_EVENTS.items()}
    return events | {"wiredesk": settings_schema(), "connector": connector_schema(), "alert": alert_schema()}
