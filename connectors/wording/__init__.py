"""What agencies write around a story: notes to editors, credits, bylines. The words are in the data files here."""
