"""From the content of a story to its enrichment: language, entities, quotations with their speakers.

Pure but for the models it loads: the same content gives the same enrichment, whatever was analysed before or next to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from pipeline.enrich.entities.descriptors import descriptors
from pipeline.enrich.entities.foreign import located, places_of
from pipeline.enrich.entities.recogniser import Labelled, Recogniser
from pipeline.enrich.entities.spans import FieldName, StoryText, story_text
from pipeline.enrich.entities.story import entities_of, read_entities
from pipeline.enrich.language import language_of
from pipeline.enrich.other_quotes import other_quotes
from pipeline.enrich.others.entities import with_titles
from pipeline.enrich.quoted import quotes_of
from pipeline.enrich.quotes.extract import find_quotes
from pipeline.enrich.speakers.resolve import Speakers
from pipeline.events import Content, Enrichment

#: Quotations and roles in this language are found by rules of its own; in French and German by those of others/.
_QUOTED_LANGUAGE = "en"


class Analyser:
    """Analyses stories in batches.

    Args:
        models: by language (ISO 639-1), the name of a spaCy pipeline: bundled, installed, or ``blank-gazetteer``.
        default_language: believed where a story's language cannot be told.
        max_chars: how much of each field is read, from its beginning.
        languages: that the feeds are in (ISO 639-1), for short texts; empty: any of the news wires.

    Raises:
        ConfigurationError: a pipeline is not there or has no entity recogniser.
    """

    def __init__(
        self,
        models: Mapping[str, str],
        default_language: str | None = None,
        max_chars: int = 200_000,
        languages: Sequence[str] = (),
    ) -> None:
        self._recognisers = {language: Recogniser(name, language) for language, name in models.items()}
        self._default_language = default_language
        self._max_chars = max_chars
        self._languages = frozenset(languages)

    def analyse(self, stories: Sequence[Content]) -> list[Enrichment]:
        """One enrichment for each story, in order."""
        results: list[Enrichment | None] = [None] * len(stories)
        batches: dict[str, list[tuple[int, StoryText, float | None]]] = defaultdict(list)
        for place, content in enumerate(stories):
            text = story_text(content, self._max_chars)
            if not text.parts:
                results[place] = Enrichment(status="empty")
                continue
            language, confidence = self._language(content, text)
            if language is None or language not in self._recognisers:
                results[place] = _unread(text, language, confidence)
            else:
                batches[language].append((place, text, confidence))
        for language, batch in batches.items():
            for (place, _, confidence), result in zip(batch, self._read(language, batch, stories), strict=True):
                results[place] = result.model_copy(update={"language_confidence": confidence})
        return [result for result in results if result is not None]

    def _language(self, content: Content, text: StoryText) -> tuple[str | None, float | None]:
        whole = "\n".join(part for _, part in text.parts)
        language, confidence = language_of(whole, content.language, frozenset(self._recognisers), self._languages)
        return (language, confidence) if language else (self._default_language, None)

    def _read(
        self, language: str, batch: Sequence[tuple[int, StoryText, float | None]], stories: Sequence[Content]
    ) -> list[Enrichment]:
        recogniser = self._recognisers[language]
        texts = [text for _, text, _ in batch]
        labelled = iter(recogniser.read([part for text in texts for _, part in text.parts]))
        results = []
        for place, text, _ in batch:
            found: dict[FieldName, Sequence[Labelled]] = {field: next(labelled) for field, _ in text.parts}
            nearby = [name for name in (stories[place].located, stories[place].source) if name]
            results.append(_enrichment(text, found, language, recogniser, nearby))
        return results


def _unread(text: StoryText, language: str | None, confidence: float | None) -> Enrichment:
    """What a text gets without a pipeline: places, people with titles, quotations."""
    entities = with_titles(places_of(text, language), text, language) if language else ()
    return Enrichment(
        status="unsupported_language",
        language=language,
        language_confidence=confidence,
        entities=entities,
        quotes=other_quotes(text.of("body"), language, entities) if language else (),
    )


def _enrichment(
    text: StoryText,
    labelled: Mapping[FieldName, Sequence[Labelled]],
    language: str,
    recogniser: Recogniser,
    nearby: Sequence[str],
) -> Enrichment:
    story, body = read_entities(text, labelled, learned=recogniser.learned), text.of("body")
    if language == _QUOTED_LANGUAGE:
        found = find_quotes(body)
        speakers = Speakers(story, found, descriptors(text))
        entities = located(entities_of(story, speakers.called, nearby))
        quotes = quotes_of(body, found, speakers)
    else:
        entities = with_titles(located(entities_of(story, {}, nearby)), text, language)
        quotes = other_quotes(body, language, entities)
    return Enrichment(language=language, model=recogniser.name, entities=entities, quotes=quotes)
