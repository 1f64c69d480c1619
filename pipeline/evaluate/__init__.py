"""Measures a pipeline against gold: names (CoNLL/IOB files) and quotations (brat stand-off folders)."""
