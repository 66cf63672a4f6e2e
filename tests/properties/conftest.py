"""Hypothesis profiles, and how many examples a property tries.

`TIERPUB_EXAMPLES=5000` searches longer, with new examples each time; without it the numbers in
the tests hold. In CI the examples are the same in each run.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_ALWAYS = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}
settings.register_profile("local", **_ALWAYS)
settings.register_profile("ci", derandomize=True, **_ALWAYS)
settings.load_profile("ci" if os.environ.get("CI") else "local")
