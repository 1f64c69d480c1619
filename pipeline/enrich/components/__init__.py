"""spaCy components: sentences, gazetteer, names, quotation marks, quotations and speakers, for any spaCy pipeline.

    nlp = spacy.load("en_core_web_md")
    for name in WIRE_COMPONENTS:
        nlp.add_pipe(name)
    doc = nlp(text)
    for quote in doc.spans["quotes"]:
        print(quote._.speaker, quote.text, quote._.rule)

Importing this package registers the components and the extension attributes; installed, spaCy finds them by name.
Each reads and writes nothing but the Doc, so that one can be left out or replaced:

    wire_sentences   sets token.is_sent_start
    wire_recogniser  sets doc.ents with the names of a trained pipeline, paragraph by paragraph
    wire_gazetteer   sets doc.spans["gazetteer"]; label, the Wikidata id as kb_id, and span._.known
    wire_names       repairs doc.ents with titles, shapes of names and doc.spans["gazetteer"]; joins them in doc._.story
    wire_marks       sets doc.spans["marks"]
    wire_quotes      sets doc.spans["quotes"] from doc.spans["marks"]; label direct, indirect or mixed;
                     span._.source, span._.cue, span._.rule
    wire_speakers    sets span._.speaker, span._.speaker_id, span._.role and span._.confidence of doc.spans["quotes"]
    wire_entities    sets doc._.entities from doc._.story: the entities as they are indexed

For languages without a recogniser, and for French and German:

    wire_places      sets doc._.entities: countries and large cities under their English names
    wire_titles      adds people with titles to doc._.entities
    wire_reported    sets doc.spans["quotes"] with sources and speakers

``language_pipeline`` builds the pipelines that the enrich stage reads stories with. A Doc made by ``story_doc`` has headline,
description and body; any other is read as a body. Docs that spaCy's own tokenizers made have quotations of whole tokens.
"""

from __future__ import annotations

from pipeline.enrich.components import (
    entities,
    extensions,
    gazetteer,
    marks,
    names,
    others,
    quotes,
    recogniser,
    sentences,
    speakers,
)
from pipeline.enrich.components.build import language_pipeline, model_name
from pipeline.enrich.components.results import quotes_of
from pipeline.enrich.components.words import story_doc

#: In the order in which they are added to a pipeline with an entity recogniser.
WIRE_COMPONENTS = (
    "wire_sentences", "wire_gazetteer", "wire_names", "wire_marks", "wire_quotes", "wire_speakers", "wire_entities",
)  # fmt: skip

__all__ = [
    "WIRE_COMPONENTS",
    "entities",
    "extensions",
    "gazetteer",
    "language_pipeline",
    "marks",
    "model_name",
    "names",
    "others",
    "quotes",
    "quotes_of",
    "recogniser",
    "sentences",
    "speakers",
    "story_doc",
]
