"""Entities as editors think of them: all mentions of one person, body or place under one name."""
