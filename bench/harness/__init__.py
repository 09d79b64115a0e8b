"""Runs natbase and PostgreSQL on the same rows and measures both the same way."""
