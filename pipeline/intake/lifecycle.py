"""The life of a story as a pure function of the set of its versions.

Intake keeps the set of versions seen of each item; every document it sends is computed from that set. A set has no
order of arrival, so late, repeated and shuffled items end in the same story: late lower versions never revive or
overwrite a story, and a kill that arrives first is a tombstone until the story arrives below it.

Versions are ordered as NewsML-G2 and ninjs define them: by version time, then by the provider's version number,
because some agencies' numbers are not counters. Where some versions have no time but all have numbers, the numbers
alone decide. Transmission time never counts. A kill with neither time nor number is above all other versions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.events import Content, ItemState, KnownVersion, MessageRef, RawItem, StoryVersion, VersionKind
from pipeline.events.errors import RejectError
from pipeline.events.item import Item, Signal
from pipeline.events.story import VersionText
from pipeline.intake.bounds import text_of, within_bytes, without_old_texts, without_text
from pipeline.intake.identity import known_version, version_id
from pipeline.intake.story import embargo_after, index_version_of, says_of_embargo, shared, story_of
from pipeline.intake.takes import current_of, parts_of
from pipeline.intake.versions import bounded, effective, ordered, union

#: Bytes of the largest message, unless the settings say otherwise.
MAX_BYTES = 8_000_000


@dataclass(frozen=True)
class Transition:
    """The result of taking in one item.

    Attributes:
        state: what intake remembers from now on.
        story: the document to pass on; ``None``: nothing is passed on.
        reason: ``new``, ``version``, ``late`` (below the current version), ``again`` (the same message, delivered
            again), ``unchanged`` or ``resend``; the last two are dropped and counted.
        changed: whether ``state`` must be made durable.
        texts: texts of versions to be made durable with it.
    """

    state: ItemState
    story: StoryVersion | None
    reason: str
    changed: bool
    texts: tuple[VersionText, ...] = ()


def kind_of(item: Item) -> VersionKind:
    """The kind of a version by itself, without regard to the other versions (``new``: none of the special kinds)."""
    signals = set(item.signals)
    if item.pubstatus == "canceled" or Signal.KILL in signals:
        return "kill"
    if item.pubstatus == "withheld" or Signal.WITHHOLD in signals:
        return "withhold"
    if Signal.TEST in signals:
        return "test"
    if Signal.ADVISORY in signals:
        return "advisory"
    if Signal.CORRECTION in signals:
        return "correction"
    if Signal.REFILE in signals:
        return "refile"
    return "new"


def receive(
    state: ItemState | None,
    raw: RawItem,
    content: Content,
    message: MessageRef,
    story_id: str,
    *,
    max_versions: int,
    max_bytes: int = MAX_BYTES,
    acknowledged: MessageRef | None = None,
) -> Transition:
    """Take one item into the story it belongs to.

    Args:
        state: what is remembered of the item; ``None``: it was never seen.
        raw: the item.
        content: its cleaned content.
        message: the delivery; the same delivery again has the same result and is passed on again.
        story_id: id of the item's story.
        max_versions: how many versions are remembered: the first and the newest ones.
        max_bytes: of the largest message; state and document stay well below it.
        acknowledged: all messages of its partition before this one are acknowledged.

    Returns:
        The new state, the document and the texts to pass on.

    Raises:
        RejectError: an old version becomes current again whose text is no longer remembered.
    """
    before = state or ItemState(provider=raw.provider, item_id=raw.item_id, story_id=story_id)
    order = raw.version_order
    if message == before.last_message:
        texts = _texts(before, content, message)
        return Transition(before, story_of(before, message, order, max_bytes), "again", changed=False, texts=texts)
    version = known_version(raw, content, kind_of(raw.item), message)
    together = union(before.versions, (version,))
    versions = bounded(together, within_bytes(together, max_versions, max_bytes), order)
    in_order = effective(together, order)
    parts_dropped = _parts_dropped(before, in_order, versions)
    embargo = _embargo_of_dropped(before, in_order, versions, order)
    same_dropped = parts_dropped == before.parts_dropped and embargo["embargo_said"] == before.embargo_said
    if versions == before.versions and same_dropped:
        return Transition(before, None, "unchanged", changed=False, texts=_texts(before, content, message))
    was, is_now = effective(before.versions, order), effective(versions, order)
    _require_text(is_now, versions, story_id)
    versions = _marked(versions, is_now, message)
    forgotten = before.dropped + len(in_order) - len(is_now)
    after = before.model_copy(update={
        "versions": versions, "changes": before.changes + 1, "dropped": forgotten, "parts_dropped": parts_dropped,
        "last_message": message, **embargo,
    })  # fmt: skip
    texts = _texts(after, content, message)
    kept = without_old_texts(versions, effective(versions, order), acknowledged, max_bytes)
    after = after.model_copy(update={"versions": kept, "index_version": index_version_of(after, before)})
    same = _facts(was) == _facts(is_now) and shared(before.versions) == shared(versions)
    if same and same_dropped:
        reason = "resend" if Signal.RESEND in version.signals else "unchanged"
        return Transition(after, None, reason, changed=True, texts=texts)
    reason = "new" if not was else "version" if is_now[-1] is version else "late"
    return Transition(after, story_of(after, message, order, max_bytes), reason, changed=True, texts=texts)


def _facts(versions: Sequence[KnownVersion]) -> list[tuple[object, ...]]:
    """What of the versions a document depends on, without where their texts are."""
    return [
        (version_id(known), known.received, known.connectors, known.tags, known.take, known.keeps_parts, known.replaces)
        for known in versions
    ]


def _embargo_of_dropped(
    before: ItemState, in_order: Sequence[KnownVersion], kept: Sequence[KnownVersion], version_order: str
) -> dict[str, object]:
    """What the versions that are no longer remembered say of the embargo: it holds until a later one says otherwise.

    The last of them is kept by its facts: it may be above a version that arrives late, or that another state remembers.

    Args:
        before: the state, with what those say that were dropped earlier.
        in_order: the effective versions, lowest first, with those that are dropped now.
        kept: the versions without those.
        version_order: of the connector.
    """
    ids = {version_id(known) for known in kept}
    dropped = [known for known in in_order if version_id(known) not in ids]
    released = before.released or any(Signal.RELEASE in known.signals for known in dropped)
    new = [without_text(known) for known in dropped if says_of_embargo(known)]
    said = ordered(union(before.embargo_said, new), version_order)
    return {
        "embargoed": embargo_after(said, before.embargoed),
        "released": released,
        "embargo_said": tuple(said[-1:]),
    }


def _parts_dropped(before: ItemState, in_order: Sequence[KnownVersion], kept: Sequence[KnownVersion]) -> str | None:
    """The version whose parts are not all remembered. For the arguments see :func:`_embargo_of_dropped`."""
    ids = {version_id(known) for known in kept}
    parts = parts_of(in_order)
    missing = any(version_id(known) not in ids for known in parts.all)
    return version_id(parts.base) if missing else before.parts_dropped


def _require_text(in_order: Sequence[KnownVersion], versions: Sequence[KnownVersion], story_id: str) -> None:
    current = current_of(in_order)
    whole = parts_of(in_order).base
    if text_of(current, versions) is None or text_of(whole, versions) is None:
        raise RejectError(
            f"{story_id}: version {version_id(current)} becomes the current one again, but its text is not remembered.",
            hint="The story stays as it was. Have its agency send it again.",
        )


def _marked(
    versions: Sequence[KnownVersion], in_order: Sequence[KnownVersion], message: MessageRef
) -> tuple[KnownVersion, ...]:
    """The versions, with the effective ones that are not in ``wire.versions`` marked to go there with this message."""
    new = {version_id(known) for known in in_order if known.stored is None}
    return tuple(
        known.model_copy(update={"stored": message}) if version_id(known) in new else known for known in versions
    )


def _texts(state: ItemState, content: Content, message: MessageRef) -> tuple[VersionText, ...]:
    """The texts that go to ``wire.versions`` with a message; the same again when it is delivered again.

    Args:
        state: with the versions.
        content: of the message's item.
        message: the delivery.
    """
    texts = []
    for known in state.versions:
        if known.stored != message:
            continue
        text = content if known.first_message == message else text_of(known, state.versions)
        if text is not None:
            texts.append(_version_text(state, known, text))
    return tuple(texts)


def _version_text(state: ItemState, known: KnownVersion, content: Content) -> VersionText:
    return VersionText(
        story_id=state.story_id,
        provider=state.provider,
        version_id=version_id(known),
        version_rank=known.rank,
        version=known.version,
        pubstatus=known.pubstatus,
        signals=known.signals,
        versioncreated=known.versioncreated,
        received=known.received,
        headline=content.headline,
        body=content.body,
        ednote=content.ednote,
    )
