"""``wire_speakers``: from the words that name a source to a person or body of the text."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.names import story_of
from pipeline.enrich.components.quotes import found_of
from pipeline.enrich.entities.descriptors import descriptors
from pipeline.enrich.quoted import quotes_of
from pipeline.enrich.speakers.resolve import Speakers


@Language.component(
    "wire_speakers",
    requires=["doc.ents", "doc.spans", "span._.source", "span._.cue"],
    assigns=["span._.speaker", "span._.speaker_id", "span._.role", "span._.confidence"],
)
def wire_speakers(doc: Doc) -> Doc:
    """Set the speaker of each span in ``doc.spans["quotes"]``, those that another component added too."""
    spans = sorted(doc.spans.get("quotes", ()), key=lambda span: span.start)
    story = story_of(doc, learned=True)
    found = [found_of(span) for span in spans]
    for span, quote in zip(
        spans, quotes_of(doc.text, found, Speakers(story, found, descriptors(story.text))), strict=True
    ):
        span._.speaker, span._.speaker_id = quote.speaker, quote.speaker_id
        span._.role, span._.confidence = quote.role, quote.confidence
    return doc
