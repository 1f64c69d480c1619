"""Settings of the connectors and the stages."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from pipeline.settings.cores import usable_cores
from pipeline.settings.section import Section

#: More analysis processes than these are asked for by number: each takes memory.
_MOST_PROCESSES = 8


class ConnectorsSettings(Section):
    """All connectors; what one feed needs is in its own file."""

    directory: Path = Field(Path("config/connectors"), description="Directory of the connectors: one YAML file a feed.")
    user_agent_contact: str = Field(
        "set connectors.user_agent_contact",
        description="Sent in the User-Agent so that a publisher can reach you: a web page or an e-mail address.",
    )
    max_body_bytes: int = Field(
        16 * 1024 * 1024, ge=1024, description="Longer answers and files are refused, in bytes after decompression."
    )
    max_original_bytes: int = Field(
        256 * 1024, ge=0, description="An item's original is kept with it up to this size in bytes."
    )
    parse_processes: int = Field(2, ge=1, description="Processes that parse what the connectors fetch.")
    parse_seconds: float = Field(
        20,
        gt=0,
        description=(
            "Seconds of processor time to parse one answer, file or mail. What takes more is an error of its feed or "
            "a dead letter."
        ),
    )
    parse_memory_megabytes: int = Field(
        1024, ge=64, description="Memory that a parsing process may take, in MB; what needs more is an error as well."
    )
    timeout_seconds: float = Field(30, gt=0, description="Seconds for one poll of one feed, from connect to last byte.")
    max_items_per_poll: int = Field(
        5000,
        ge=1,
        le=20_000,
        description="New items published by one poll; the next poll continues.",
    )
    requests_per_host: int = Field(2, ge=1, description="Requests to one host at the same time.")
    rescan_seconds: float = Field(
        5, gt=0, description="Seconds between two scans of the directory for files added, changed or removed."
    )
    webhook_host: str = Field(
        "127.0.0.1",
        description=(
            "Address on which pushes (webhook, WebSub) are received. Put a TLS proxy in front of it to listen on more "
            "than this machine."
        ),
    )
    webhook_port: int = Field(8125, ge=0, le=65535, description="Port on which pushes are received; 0: any free one.")
    trusted_proxies: tuple[str, ...] = Field(
        (),
        description="Addresses or networks of the proxies in front of webhook_port; their X-Forwarded-For is believed.",
    )
    pushes_per_minute: float = Field(
        600, gt=0, description="Authenticated pushes per minute and connector; more are answered with 429."
    )
    max_push_bytes: int = Field(
        64 * 1024 * 1024,
        ge=1024,
        description="Bytes of pushed bodies in memory at once, at least four times max_body_bytes; more get 503.",
    )

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for text in value:
            ip_network(text, strict=False)
        return value


class IntakeSettings(Section):
    """The stage that makes one story of all versions of an item."""

    max_text_chars: int = Field(500_000, ge=1000, description="Longer texts are cut to this many chars and marked.")
    max_versions: int = Field(100, ge=2, description="Versions remembered of one story: the first and the newest ones.")


class ClusterSettings(Section):
    """The stage that groups copies of one text."""

    renamed_keys: ClassVar[Mapping[str, str]] = {"events": "group_events"}

    window_days: float = Field(14, gt=0, description="Copies are searched among the stories of this many days.")
    window_items: int = Field(200_000, ge=1000, description="Copies are searched among at most this many stories.")
    jaccard_threshold: float = Field(
        0.5, gt=0, le=1, description="Share of common word 4-grams (0 to 1) from which on two texts are copies, or …"
    )
    containment_threshold: float = Field(
        0.8, gt=0, le=1, description="… share of the shorter text (0 to 1) that is found in the longer one."
    )
    group_events: bool = Field(
        True,
        description=(
            "Give different texts about one event a common event_id, by names and rare words, within four days and one "
            "language, for the desk's events. On labelled English news 86 % of what is grouped is right and 89 % of an "
            "event is found; takes about 2 ms and 14 KB a story of the last two days, at most some 500 MB."
        ),
    )


class MeaningSettings(Section):
    """What stories say, whatever their language: the extra ``wiredesk[meaning]``."""

    enabled: bool = Field(
        False,
        description=(
            "Compute a vector of each story's headline and first sentences in intake, in sixteen languages: stories of "
            "one event are then joined across languages, and search finds by meaning too. Needs pip install "
            "'wiredesk[meaning]' where intake and the desk run, and wiredesk index rebuild for indices made without. "
            "Some 4 ms and 700 bytes a story, 200 MB for each process."
        ),
    )


class EnrichSettings(Section):
    """The stage that finds language, names and quotations."""

    models: dict[str, str] = Field(
        default_factory=lambda: {"en": "en_wire"},
        description=(
            "Language → spaCy pipeline: en_wire is Wiredesk's own; any installed one can be named instead, such as "
            "en: en_core_web_trf. Stories in a language without one are indexed without names and quotations."
        ),
    )
    languages: tuple[Annotated[str, Field(pattern=r"^[a-z]{2,3}$")], ...] = Field(
        (),
        description=(
            "Languages that your feeds are written in (ISO 639-1). A headline or a flash is taken for one of these; "
            "empty: for one of thirty languages of the news wires."
        ),
        examples=[["en", "de"]],
    )
    default_language: str | None = Field(
        None,
        description="Assumed for stories that name no language and are too short to detect it.",
        examples=["en"],
    )
    namesakes: Path | None = Field(
        None,
        description=(
            "Table of names that several persons in your news bear, in addition to Wiredesk's own, so that one name "
            "alone gives no id; wiredesk index namesakes prints its rows. null: only Wiredesk's own."
        ),
        examples=["config/namesakes.tsv"],
    )
    processes: Annotated[int, Field(ge=1)] | Literal["auto"] = Field(
        "auto",
        description=(
            "Analysis processes of each worker, some 300 MB each. auto: one for each core that the process may use, "
            "eight at most."
        ),
    )
    batch_size: int = Field(16, ge=1, le=64, description="Stories analysed together at most.")
    batch_seconds: float = Field(0.1, gt=0, description="Seconds that a story waits for others of its batch at most.")
    story_timeout_seconds: float = Field(
        30, gt=0, description="A story whose analysis takes more seconds of processor time becomes a dead letter."
    )
    stories_per_process: int = Field(
        20_000, ge=1, description="A process is replaced after this many stories, which bounds its memory."
    )
    max_chars: int = Field(200_000, ge=1000, description="Of a longer text the first so many chars are analysed.")

    def process_count(self) -> int:
        """The number of analysis processes of a worker on this machine."""
        return min(usable_cores(), _MOST_PROCESSES) if self.processes == "auto" else self.processes


class IndexSettings(Section):
    """The stage that writes to Elasticsearch."""

    bulk_max_items: int = Field(500, ge=1, description="Documents in one bulk request at most.")
    bulk_max_bytes: int = Field(5 * 1024 * 1024, ge=10_000, description="Size of one bulk request in bytes at most.")
    bulk_seconds: float = Field(0.2, gt=0, description="Seconds that a bulk request waits for more at most.")


class WorkerSettings(Section):
    """Every worker, whatever stages it runs."""

    state_directory: Path | None = Field(
        None,
        description=(
            "Local copies of what the topics hold; null: in the user's data directory. It can be deleted while no "
            "worker runs."
        ),
    )
    retry_initial_seconds: float = Field(
        0.5,
        gt=0,
        description="Seconds until a server that does not answer is tried again; the wait then doubles up to …",
    )
    retry_max_seconds: float = Field(30, gt=0, description="… this many seconds.")
    reject_attempts: int = Field(
        2, ge=1, description="Attempts after which a message that cannot be processed becomes a dead letter."
    )
    max_equal_rejections: int = Field(
        10,
        ge=2,
        description=(
            "So many messages in a row that are rejected for the same reason end the worker (exit code 70): the fault "
            "is then more likely here than in the messages. Messages that cannot be decoded do not count."
        ),
    )
