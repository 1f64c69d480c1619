"""spaCy components: sentences, gazetteer, names, quotation marks, quotations and speakers, for any spaCy pipeline.

    nlp = spacy.load("en_core_web_md")
    for name in WIRE_COMPONENTS:
        nlp.add_pipe(name)
    doc = nlp(text)
    for quote in doc.spans["quotes"]:
        print(quote._.speaker, quote.text, quote._.rule)

Importing this package registers the components and the extension attributes; installed, spaCy finds them by name.
Each reads and writes nothing but the Doc, so that one can be left out or replaced:

    wire_sentences  sets token.is_sent_start
    wire_gazetteer  sets doc.spans["gazetteer"]; label, and the Wikidata id as kb_id
    wire_names      repairs doc.ents with titles, shapes of names and doc.spans["gazetteer"]
    wire_marks      sets doc.spans["marks"]
    wire_quotes     sets doc.spans["quotes"] from doc.spans["marks"]; label direct, indirect or mixed;
                    span._.source, span._.cue, span._.rule
    wire_speakers   sets span._.speaker, span._.speaker_id, span._.role and span._.confidence of doc.spans["quotes"]

What a pipeline of one document sees is a story's body: the desk's analysis reads headline and description as well.
"""

from __future__ import annotations

from pipeline.enrich.components import extensions, gazetteer, marks, names, quotes, sentences, speakers

#: In the order in which they are added.
WIRE_COMPONENTS = ("wire_sentences", "wire_gazetteer", "wire_names", "wire_marks", "wire_quotes", "wire_speakers")

__all__ = ["WIRE_COMPONENTS", "extensions", "gazetteer", "marks", "names", "quotes", "sentences", "speakers"]
