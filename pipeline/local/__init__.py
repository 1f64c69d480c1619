"""Kafka and Elasticsearch on this machine, with nothing installed but Python.

For development, demonstrations and tests: one Kafka node and one Elasticsearch node from their published jars, run by a
Java that comes as a Python package. Both are the real servers; what the bare Elasticsearch jar lacks compared to a full
distribution is said in ``elasticsearch.py``.
"""
