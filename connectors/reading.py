"""From the bytes of one payload to raw items: parser, mapping, identity. No network, no Kafka, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from connectors.archive_time import with_archive_time, with_printed_time
from connectors.config import ConnectorConfig
from connectors.headline import with_headline
from connectors.identity import stable_id
from connectors.mapping import AUTO, apply_mapping, load_mapping
from connectors.parsers import BUILT_IN, get_parser, guess_parser
from connectors.parsers.draft import zone_of
from connectors.parsers.figures import FIGURE
from connectors.parsers.rows import on_one_line
from connectors.recognition import SHARED, recognise
from connectors.rules import apply_rules
from connectors.transports.base import Payload
from connectors.wording.tidying import tidied
from pipeline.events import RawItem
from pipeline.events.errors import ParseError
from pipeline.events.item import FeedFacts, Item, ParseContext, PathFound, RejectedItem


@dataclass(frozen=True)
class DroppedItem:
    """An item that is not wanted.

    Attributes:
        raw: the item.
        rule: name of the rule.
    """

    raw: RawItem
    rule: str


@dataclass(frozen=True)
class Reading:
    """The content of one payload.

    Attributes:
        items: as they are published.
        rejected: parts that are not items.
        feed: what the feed says about itself.
        warnings: for whoever sets up the connector.
        parser: that read it.
        dropped: items that a rule drops.
        set_by: for each item the names of the rules that changed it; empty where there are no rules.
        paths: what each path found, where the connector names paths.
        seconds: of processor time that it took.
    """

    items: tuple[RawItem, ...]
    rejected: tuple[RejectedItem, ...]
    feed: FeedFacts
    warnings: tuple[str, ...]
    parser: str
    paths: tuple[PathFound, ...] = ()
    dropped: tuple[DroppedItem, ...] = ()
    set_by: tuple[tuple[str, ...], ...] = ()
    seconds: float = field(default=0.0, compare=False)


def read_payload(
    payload: Payload, config: ConnectorConfig, *, now: datetime, max_body_bytes: int, max_original_bytes: int
) -> Reading:
    """Parse a payload as the connector's file says.

    Args:
        payload: not split any further.
        config: the connector.
        now: the time of receipt.
        max_body_bytes: a larger payload is refused.
        max_original_bytes: up to this size the payload of a single item is kept with it.

    Raises:
        ParseError: it is not in the format; the message names the payload, what is wrong and where.
    """
    if len(payload.data) > max_body_bytes:
        raise ParseError(f"{payload.name} has more than {max_body_bytes:,} bytes (connectors.max_body_bytes).")
    recognised = config.mapping == AUTO
    mapping = load_mapping(SHARED if recognised else config.mapping)
    context = ParseContext(
        now=now,
        url=base_of_links(payload.url),
        content_type=payload.content_type,
        charset=payload.charset,
        language=config.language,
        timezone=config.timezone or mapping.timezone,
        max_bytes=max_body_bytes,
        options=config.parser_options,
    )
    parser = config.parser
    try:
        if parser == "auto":
            parser = guess_parser(payload.data, payload.content_type)
        parsed = get_parser(parser).parse(payload.data, context)
        if recognised and (mapping := load_mapping(recognise(parsed.items))).timezone and not config.timezone:
            parsed = get_parser(parser).parse(
                payload.data, context.model_copy(update={"timezone": mapping.timezone})
            )  # its times are those of the agency's city
    except ParseError as error:
        raise ParseError(f"{payload.name}: {error}") from error
    single = len(parsed.items) == 1 and not parsed.rejected and len(payload.data) <= max_original_bytes
    config = config.model_copy(update={"mapping": mapping.name}) if recognised else config
    items = tuple(_raw(item, config, parser, now, payload, single=single) for item in parsed.items)
    verdicts = [apply_rules(raw, config.rules) for raw in items] if config.rules else []
    if config.rules:
        items = tuple(verdict.raw for verdict in verdicts if verdict.dropped_by is None)
    return Reading(
        items, parsed.rejected, parsed.feed, parsed.warnings, parser, parsed.paths,
        dropped=tuple(DroppedItem(verdict.raw, verdict.dropped_by) for verdict in verdicts if verdict.dropped_by),
        set_by=tuple(verdict.set_by for verdict in verdicts if verdict.dropped_by is None),
    )  # fmt: skip


def _raw(item: Item, config: ConnectorConfig, parser: str, now: datetime, payload: Payload, *, single: bool) -> RawItem:
    mapping = load_mapping(config.mapping)
    mapped = apply_mapping(item, mapping)
    hashed = _before_tables_and_figures(mapped, parser)
    by_link = config.identify_by == "link" and mapped.link
    item_id, id_kind = stable_id(hashed.model_copy(update={"uri": None}) if by_link else hashed)
    mapped = with_headline(tidied(mapped, parser, before=item.body_text, datelines=mapping.body_dateline))
    mapped = with_printed_time(mapped, zone_of(config.timezone or mapping.timezone), now)
    if config.lane == "backfill":
        mapped = with_archive_time(mapped, payload.name, now)
    return RawItem(
        connector=config.name,
        provider=mapping.provider or config.provider,
        item_id=item_id,
        id_kind=id_kind,
        lane=config.lane,
        received=now,
        item=mapped,
        parser=parser,
        mapping=config.mapping,
        version_order=config.version_order or mapping.version_order,
        language=config.language or mapping.language,
        rights=config.rights,
        priority=config.priority,
        tags=config.tags,
        original=payload.data if single else None,
        original_type=payload.content_type if single else None,
    )


def _before_tables_and_figures(item: Item, parser: str) -> Item:
    """The item as it was read before tables kept their rows and figures became media: for ids that are a hash."""
    if parser not in BUILT_IN:
        return item
    return item.model_copy(update={
        "body_text": on_one_line(item.body_text, as_written=parser in {"text", "email"}),
        "media": tuple(medium for medium in item.media if medium.rendition != FIGURE),
    })  # fmt: skip


def base_of_links(url: str | None) -> str | None:
    """The address that relative links are resolved with: without query, in which keys are found, and user name.

    A relative link replaces the query anyway (RFC 3986, 5.2.2), except one that is only a fragment.
    """
    if url is None:
        return None
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
