"""Fuzzing: targets take any bytes, and fail only where a promise does not hold.

`python -m tests.fuzz TARGET --runs N` runs one with atheris where it is installed, which follows
the code that inputs reach, or else with mutations of the project's own notes.
"""
