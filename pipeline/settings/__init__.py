"""The settings of one installation: types, reading them, logs."""

from __future__ import annotations

from pipeline.settings.loading import load_settings
from pipeline.settings.sections import (
    AlertsSettings,
    ClusterSettings,
    ConnectorsSettings,
    DeskSettings,
    ElasticsearchSettings,
    EnrichSettings,
    IndexSettings,
    IntakeSettings,
    KafkaSettings,
    LogSettings,
    Sasl,
    Secret,
    Section,
    Settings,
    Tls,
    WorkerSettings,
)

__all__ = [
    "AlertsSettings",
    "ClusterSettings",
    "ConnectorsSettings",
    "DeskSettings",
    "ElasticsearchSettings",
    "EnrichSettings",
    "IndexSettings",
    "IntakeSettings",
    "KafkaSettings",
    "LogSettings",
    "Sasl",
    "Secret",
    "Section",
    "Settings",
    "Tls",
    "WorkerSettings",
    "load_settings",
]
