"""Every metric of Wiredesk in one table, named and typed as Prometheus' conventions ask.

Label values are bounded: stages, partitions, connectors and alerts of the installation, and classes of errors that the
code knows. Nothing that comes from a feed is ever a label.

Reference: Prometheus, "Metric and label naming" and "Instrumentation" (practices).
"""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, Info

#: Seconds, for work on a batch of messages: from a millisecond to the longest wait for a server.
_HANDLING_BUCKETS = (0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
#: Seconds from the moment a connector had an item until it can be found.
_SEARCHABLE_BUCKETS = (0.25, 0.5, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 1800, 3600)
_BULK_BUCKETS = (1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500)


def start_at_zero(counter: Counter, *values: tuple[str, ...]) -> None:
    """Make these series of a counter exist before the first event: rates do not see a counter that begins at one."""
    for labels in values:
        counter.labels(*labels)


BUILD = Info("wiredesk_build", "Version of the running code.")
PROCESS = Gauge(
    "wiredesk_process_info", "1 for what this process does: connectors, worker, desk, alerts, up.", ["role"]
)

# Stages. For each stage: received = finished (passed + dropped + rejected) + wiredesk_messages_waiting, once a batch is
# acknowledged; what is read at the moment of a scrape is in process.py.
RECEIVED = Counter("wiredesk_messages_received", "Messages that a stage took from its topic.", ["stage"])
FINISHED = Counter(
    "wiredesk_messages_finished",
    "Messages that a stage finished, by outcome: passed, dropped (nothing new) or rejected (dead letter).",
    ["stage", "outcome"],
)
ACKNOWLEDGED = Counter("wiredesk_messages_acknowledged", "Messages acknowledged to Kafka.", ["stage"])
SENT = Counter("wiredesk_messages_sent", "Messages that a stage made durable.", ["stage"])
REJECTED = Counter("wiredesk_messages_rejected", "Messages sent to the dead letters, by error.", ["stage", "error"])
RETRIES = Counter("wiredesk_retries", "Attempts repeated because a server could not be reached.", ["stage"])
HANDLING = Histogram(
    "wiredesk_handling_seconds",
    "Time from taking a batch to its acknowledgement, waits for servers included.",
    ["stage"],
    buckets=_HANDLING_BUCKETS,
)
LAST_PROGRESS = Gauge(
    "wiredesk_last_progress_timestamp_seconds", "When a stage last acknowledged a message, Unix time.", ["stage"]
)
RESTORE_SECONDS = Gauge("wiredesk_restore_seconds", "How long the last restore of a stage's state took.", ["stage"])
RESTORES = Counter("wiredesk_restores", "Restores of a stage's state from a topic.", ["stage"])
SEARCHABLE = Histogram(
    "wiredesk_searchable_seconds",
    "Time from an item's arrival at a connector to its acknowledged write to the index; backfill is not counted.",
    buckets=_SEARCHABLE_BUCKETS,
)

# The installation as a whole, read from the brokers by every worker and connectors process.
STAGE_LAG = Gauge("wiredesk_stage_lag_messages", "Messages that wait for a stage, over all partitions.", ["stage"])
STAGE_MEMBERS = Gauge("wiredesk_stage_members", "Processes in a stage's consumer group.", ["stage"])
DEAD_LETTERS = Gauge("wiredesk_dead_letters_open", "Dead letters that were neither replayed nor dropped.")
DOCUMENTS = Gauge("wiredesk_documents", "Documents in an index.", ["index"])
SERVER_UP = Gauge("wiredesk_server_up", "Whether a server answered when it was last asked.", ["server"])

# Connectors.
POLLS = Counter("wiredesk_connector_polls", "Polls, by outcome: ok, unchanged or failed.", ["connector", "outcome"])
ITEMS = Counter(
    "wiredesk_connector_items", "Items that a connector read, by outcome: published, seen or rejected.",
    ["connector", "outcome"],
)  # fmt: skip
RULE_ITEMS = Counter(
    "wiredesk_connector_rule_items",
    "New items that a rule of a connector dropped or changed, or from whose text notes were taken out.",
    ["connector", "rule"],
)
FULL_TEXTS = Counter(
    "wiredesk_connector_full_texts",
    "New items of connectors with full_text. taken: the page's text is the body. Others keep the feed's: not_longer, "
    "no_article, no_page, failed; robots: not allowed by the site; limit: too many pages, or the host asks to wait.",
    ["connector", "outcome"],
)
LAST_SUCCESS = Gauge(
    "wiredesk_connector_last_success_timestamp_seconds", "When a connector last polled well, Unix time.", ["connector"]
)
LAST_NEW_ITEM = Gauge(
    "wiredesk_connector_last_new_item_timestamp_seconds", "When a connector last published an item, Unix time.",
    ["connector"],
)  # fmt: skip
EXPECTED_ITEMS = Gauge(
    "wiredesk_connector_expected_items",
    "Items that a connector would usually have brought since its last one, from its rate by hour of the week.",
    ["connector"],
)
DAY_ITEMS = Gauge(
    "wiredesk_connector_items_last_day", "New items of a connector in the hour of its last poll and the 23 before it.",
    ["connector"],
)  # fmt: skip
USUAL_DAY_ITEMS = Gauge(
    "wiredesk_connector_usual_items_last_day", "New items that a connector usually brings in that time, once known.",
    ["connector"],
)  # fmt: skip
CONNECTOR_STATE = Gauge(
    "wiredesk_connector_state", "1 for the state that a connector is in: ok, failing, quiet, disabled, gone.",
    ["connector", "state"],
)  # fmt: skip
FAILURES = Gauge("wiredesk_connector_failures", "Failed polls in a row, weighted by kind.", ["connector"])

# Intake, language work, index, alerts.
PARTS_NOT_JOINED = Counter(
    "wiredesk_intake_parts_not_joined",
    "Changes of stories that are shown without some of their parts, by reason: no_place (a sub does not say which "
    "paragraphs it replaces), too_long (too many or too long). They are in the history.",
    ["reason"],
)
start_at_zero(PARTS_NOT_JOINED, ("no_place",), ("too_long",))
ANALYSIS_RESTARTS = Counter(
    "wiredesk_analysis_process_restarts",
    "Analysis processes replaced, by reason: planned, crashed or timeout.",
    ["reason"],
)
ANALYSIS_MEMORY = Gauge(
    "wiredesk_analysis_memory_bytes", "Memory that the analysis processes of this worker have, together."
)
BETWEEN_EVENTS = Counter(
    "wiredesk_stories_between_events",
    "Stories that were like two events and joined the one that they are more like; the two stay apart.",
)
BULK_DOCUMENTS = Histogram("wiredesk_bulk_documents", "Documents in a bulk request.", buckets=_BULK_BUCKETS)
BULK_ERRORS = Counter("wiredesk_bulk_errors", "Documents of a bulk request that failed, by HTTP status.", ["status"])
start_at_zero(ANALYSIS_RESTARTS, ("planned",), ("crashed",), ("timeout",))
start_at_zero(BULK_ERRORS, ("400",), ("403",), ("404",), ("413",), ("429",), ("500",), ("503",))
ALERT_DELIVERIES = Counter(
    "wiredesk_alert_deliveries", "Alerts sent, by outcome: sent or failed.", ["alert", "outcome"]
)
