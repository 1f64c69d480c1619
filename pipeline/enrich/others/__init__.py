"""Quotations and titles in languages other than English: French and German."""
