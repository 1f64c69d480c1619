"""Datelines: where, when and by which agency a story was filed, at the head of its text.

    strict.py       place in capitals and agency: what decides which lines of a plain text are its head
    any_agency.py   those of agencies of many countries
    reader.py       the pieces of the latter

Their words are in the data files here.
"""
