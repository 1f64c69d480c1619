"""One installation's settings: config/wiredesk.yaml, with environment variables over it.

Every key can be overridden by an environment variable: ``WIREDESK_`` and the path in upper case, its parts joined by
two underscores (``WIREDESK_KAFKA__BOOTSTRAP_SERVERS=a:9092,b:9092``). Secrets are never written in the file: a
setting that is one names an environment variable (``{env: NAME}``) or a file (``{file: PATH}``). An unknown key, a
wrong value or a missing secret is an error that names file, line, key and value.

The descriptions in these types are the only ones: the default file, its JSON Schema and docs/settings.md are
generated from them (``python -m pipeline.cli.generate``).
"""

from __future__ import annotations

from pydantic import Field

from pipeline.settings.outputs import AlertsSettings, DeskSettings, LogSettings, MonitoringSettings
from pipeline.settings.section import Section
from pipeline.settings.servers import ElasticsearchSettings, KafkaSettings
from pipeline.settings.stages import (
    ClusterSettings,
    ConnectorsSettings,
    EnrichSettings,
    IndexSettings,
    IntakeSettings,
    MeaningSettings,
    WorkerSettings,
)


class Settings(Section):
    """All settings of one installation."""

    kafka: KafkaSettings = Field(KafkaSettings(), description="The Kafka cluster.")
    elasticsearch: ElasticsearchSettings = Field(ElasticsearchSettings(), description="The Elasticsearch cluster.")
    connectors: ConnectorsSettings = Field(
        ConnectorsSettings(), description="All connectors; what one feed needs is in its own file."
    )
    intake: IntakeSettings = Field(
        IntakeSettings(), description="The stage that makes one story of all versions of an item."
    )
    cluster: ClusterSettings = Field(ClusterSettings(), description="The stage that groups copies of one text.")
    meaning: MeaningSettings = Field(
        MeaningSettings(), description="What stories say, whatever their language: the extra wiredesk[meaning]."
    )
    enrich: EnrichSettings = Field(EnrichSettings(), description="The stage that finds language, names and quotations.")
    index: IndexSettings = Field(IndexSettings(), description="The stage that writes to Elasticsearch.")
    worker: WorkerSettings = Field(WorkerSettings(), description="Every worker, whatever stages it runs.")
    desk: DeskSettings = Field(DeskSettings(), description="The search page.")
    alerts: AlertsSettings = Field(AlertsSettings(), description="Saved searches that send a message.")
    monitoring: MonitoringSettings = Field(
        MonitoringSettings(),
        description="What each long-lived process tells its operators: /livez, /readyz and /metrics.",
    )
    log: LogSettings = Field(LogSettings(), description="Log lines, on standard error.")
