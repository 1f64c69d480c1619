"""From the content of a story to its enrichment: language, entities, quotations with their speakers.

Pure but for the models it loads: the same content gives the same enrichment, whatever was analysed before or next to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pipeline.enrich.entities.identity import add_namesakes
from pipeline.enrich.entities.spans import StoryText, story_text
from pipeline.enrich.language import language_of
from pipeline.events import Content, Enrichment

if TYPE_CHECKING:
    from spacy.language import Language


class _Story(NamedTuple):
    """A story of a batch: ``place`` is where its result goes, ``confidence`` that of its language."""

    place: int
    text: StoryText
    nearby: tuple[str, ...]
    confidence: float | None


class Analyser:
    """Analyses stories in batches.

    Args:
        models: by language (ISO 639-1), the name of a spaCy pipeline: bundled, installed, or ``blank-gazetteer``.
        default_language: believed where a story's language cannot be told.
        max_chars: how much of each field is read, from its beginning.
        languages: that the feeds are in (ISO 639-1), for short texts; empty: any of the news wires.
        namesakes: of the installation, kept apart as well by every analyser of this process: by key, ``middle`` or ``country``.

    Raises:
        ConfigurationError: a pipeline is not there or has no entity recogniser.
    """

    def __init__(
        self,
        models: Mapping[str, str],
        default_language: str | None = None,
        max_chars: int = 200_000,
        languages: Sequence[str] = (),
        namesakes: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        add_namesakes(namesakes)
        self._models = dict(models)
        self._pipelines: dict[str, Language] = {}
        self._default_language = default_language
        self._max_chars = max_chars
        self._languages = frozenset(languages)
        for language in models:
            self.pipeline(language)

    def pipeline(self, language: str) -> Language:
        """The pipeline that reads stories in a language; made when it is first asked for."""
        from pipeline.enrich.components import language_pipeline  # noqa: PLC0415 - only the process that reads pays for it

        if language not in self._pipelines:
            self._pipelines[language] = language_pipeline(language, self._models.get(language))
        return self._pipelines[language]

    def analyse(self, stories: Sequence[Content]) -> list[Enrichment]:
        """One enrichment for each story, in order."""
        results: list[Enrichment | None] = [None] * len(stories)
        batches: dict[str, list[_Story]] = defaultdict(list)
        for place, content in enumerate(stories):
            text = story_text(content, self._max_chars)
            if not text.parts:
                results[place] = Enrichment(status="empty")
                continue
            language, confidence = self._language(content, text)
            if language is None:
                results[place] = Enrichment(status="unsupported_language", language_confidence=confidence)
                continue
            nearby = tuple(name for name in (content.located, content.source) if name)
            batches[language].append(_Story(place, text, nearby, confidence))
        for language, batch in batches.items():
            for story, result in zip(batch, self._read(language, batch), strict=True):
                results[story.place] = result
        return [result for result in results if result is not None]

    def _language(self, content: Content, text: StoryText) -> tuple[str | None, float | None]:
        whole = "\n".join(part for _, part in text.parts)
        language, confidence = language_of(whole, content.language, frozenset(self._models), self._languages)
        return (language, confidence) if language else (self._default_language, None)

    def _read(self, language: str, batch: Sequence[_Story]) -> list[Enrichment]:
        from pipeline.enrich.components import model_name, quotes_of, story_doc  # noqa: PLC0415

        nlp = self.pipeline(language)
        supported = language in self._models
        docs = nlp.pipe([story_doc(nlp.vocab, story.text, story.nearby) for story in batch], batch_size=len(batch))
        return [
            Enrichment(
                status="done" if supported else "unsupported_language",
                language=language,
                language_confidence=story.confidence,
                model=model_name(nlp) if supported else None,
                entities=doc._.entities,
                quotes=quotes_of(doc),
            )
            for story, doc in zip(batch, docs, strict=True)
        ]
