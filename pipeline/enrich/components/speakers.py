"""``wire_speakers``: from the words that name a source to a person or body of the text."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.components.names import read_story
from pipeline.enrich.components.quotes import quotation_of
from pipeline.enrich.components.words import body_of
from pipeline.enrich.entities.descriptors import descriptors
from pipeline.enrich.speakers.named import named_speaker
from pipeline.enrich.speakers.resolve import Speakers


@Language.component(
    "wire_speakers",
    requires=["doc.ents", "doc.spans", "span._.source", "span._.cue"],
    assigns=["span._.speaker", "span._.speaker_id", "span._.role", "span._.confidence", "doc._.called"],
)
def wire_speakers(doc: Doc) -> Doc:
    """Set the speaker of each span in ``doc.spans["quotes"]``, those that another component added too."""
    body = body_of(doc)
    spans = sorted(doc.spans.get("quotes", ()), key=lambda span: span.start)
    found = [quotation_of(span, body.start) for span in spans]
    story = doc._.story or read_story(doc, learned=True)
    speakers = Speakers(story, found, descriptors(story.text))
    for span, one in zip(spans, found, strict=True):
        speaker, span._.confidence = named_speaker(one, speakers)
        span._.speaker, span._.speaker_id, span._.role = speaker.name, speaker.id, speaker.role
    doc._.called = speakers.called
    return doc
