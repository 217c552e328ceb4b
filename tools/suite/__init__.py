"""Runs the project's tests and counts them: see __main__.py."""
