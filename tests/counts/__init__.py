"""What the tests of leaks cover and find, as numbers: `python -m tests.counts`.

Each number comes from a run made for it, none from what was written down once.
"""
