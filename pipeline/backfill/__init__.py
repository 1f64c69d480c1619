"""Archives: files, or the past of a feed, read into ``wire.raw`` in a lane of their own."""
