"""The pipeline of a language, built from the components."""

from __future__ import annotations

import spacy
from spacy.language import Language

from pipeline.enrich.components.words import Words
from pipeline.enrich.entities.recogniser import BLANK, language_of_model, model_or_blank
from pipeline.enrich.others.words import LANGUAGES

#: After the names: marks, quotations and speakers are those of English.
_ENGLISH = ("wire_marks", "wire_quotes", "wire_speakers")
_OTHER = ("wire_titles", "wire_reported")


def language_pipeline(language: str, model: str | None = None) -> Language:
    """The pipeline that reads stories in a language.

    ``doc._.entities`` and ``doc.spans["quotes"]`` of its Docs have the results. Give it a text, which is read as a body, or
    Docs made by ``story_doc``, which have all fields of a story.

    Args:
        language: ISO 639-1.
        model: a spaCy pipeline with an entity recogniser: bundled, installed, or ``blank-gazetteer``; ``None``: there is
            none, and countries and large cities are found.

    Raises:
        ConfigurationError: there is no such pipeline here, or it has no entity recogniser.
    """
    model = model_or_blank(model) if model else None
    learned = model not in {None, BLANK}
    nlp = spacy.blank(language_of_model(model) if model and learned else "xx")
    nlp.tokenizer = Words(nlp.vocab)
    if learned:
        nlp.add_pipe("wire_recogniser", config={"model": model})
    if model:
        nlp.add_pipe("wire_gazetteer")
        nlp.add_pipe("wire_names", config={"learned": learned})
        for name in _ENGLISH if language == "en" else ():
            nlp.add_pipe(name)
        nlp.add_pipe("wire_entities")
    else:
        nlp.add_pipe("wire_places", config={"language": language})
    for name in _OTHER if language in LANGUAGES else ():
        nlp.add_pipe(name, config={"language": language})
    return nlp


def model_name(nlp: Language) -> str:
    """The recogniser of a pipeline with its version, as stories tell it; ``blank-gazetteer``: it has none."""
    return nlp.get_pipe("wire_recogniser").recogniser.name if nlp.has_pipe("wire_recogniser") else BLANK  # type: ignore[attr-defined]
