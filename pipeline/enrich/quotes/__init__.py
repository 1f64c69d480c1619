"""Quotations: who said what, in which words, and where it stands."""
