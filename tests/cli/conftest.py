"""Commands here run in this process, whose Django has a home of its own: their nights stay off any desk.

That a night reaches the desk is tested with the real program, in test_desk.
"""

import pytest


@pytest.fixture(autouse=True, scope="session")
def _no_desk():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORBEAR_NO_PUBLISH", "1")
        yield
