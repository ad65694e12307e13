"""Triples on disk and in memory."""
