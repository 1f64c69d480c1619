"""What agencies write around a story: datelines, notes to editors, credits. The words are in the data files here."""
