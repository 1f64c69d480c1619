"""``wire_sentences``: sentence boundaries made for wire copy."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from pipeline.enrich.sentences import sentence_spans


@Language.component("wire_sentences", assigns=["token.is_sent_start"])
def wire_sentences(doc: Doc) -> Doc:
    """Set where sentences begin; a boundary within a token is that token's."""
    starts = {start for start, _ in sentence_spans(doc.text)}
    for token in doc:
        within = range(token.idx, token.idx + len(token))
        token.is_sent_start = token.i == 0 or any(at in starts for at in within)
    return doc
