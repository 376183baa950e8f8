"""Write docs/reference/openapi.json anew from the interface itself."""

import json
import os
import tempfile
from pathlib import Path

from forbear.config.start import start
from forbear.interchange.home.lender import make_home


def described() -> str:
    """The description as text."""
    if "FORBEAR_HOME" not in os.environ:
        home = Path(tempfile.mkdtemp())
        make_home(home)
        start(home)
    from forbear.web.api.app import api

    schema = api.get_openapi_schema(path_prefix="/api/v1/")
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    Path(__file__).parents[1].joinpath("docs", "reference", "openapi.json").write_text(described(), "utf-8")
