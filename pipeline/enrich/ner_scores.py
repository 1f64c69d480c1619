"""Score a pipeline's names on gold sentences. The pipeline's tokenizer is not used: gold words are taken as they are."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.iob import GoldSentence
from pipeline.enrich.scores import Scores, Tally

#: The labels that are scored, by what corpora and pipelines call them. Countries and cities count as places.
LABELS = {
    **dict.fromkeys(("PER", "PERSON", "per", "Person"), "PERSON"),
    **dict.fromkeys(("ORG", "org", "Organisation", "organization"), "ORG"),
    **dict.fromkeys(("LOC", "GPE", "geo", "Location", "place"), "LOC"),
}


def score_sentences(nlp: Language, sentences: list[GoldSentence]) -> Scores:
    """Score on gold sentences; components other than the name finder and what it listens to are not run."""
    needed = {"ner", "tok2vec", "transformer", "entity_ruler", "span_ruler"}
    tally = Tally()
    with nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in needed or name.startswith("ner")]):
        docs = (Doc(nlp.vocab, words=list(s.words), spaces=list(s.spaces)) for s in sentences)
        for sentence, doc in zip(sentences, nlp.pipe(docs, batch_size=64), strict=True):
            found = [(ent.start, ent.end, LABELS[ent.label_]) for ent in doc.ents if ent.label_ in LABELS]
            tally.add([(a, b, LABELS[label]) for a, b, label in sentence.spans if label in LABELS], found)
    return tally.scores()
