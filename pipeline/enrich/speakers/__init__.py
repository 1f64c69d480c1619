"""Who speaks: from the words that name a source to a person or body of the story."""
