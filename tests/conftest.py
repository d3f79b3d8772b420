"""Settings that all tests share."""

import os

from hypothesis import settings

# The first example of a kernel compiles it, so there is no deadline; examples are the same in every run.
settings.register_profile("shequ", deadline=None, derandomize=True)
settings.load_profile("shequ")

os.environ["SHEQU_LANG"] = "en"  # whatever the locale of the machine
