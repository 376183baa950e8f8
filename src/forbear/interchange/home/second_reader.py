"""The second reader's tables that come with Forbear, read once. `scripts/train_words.py` makes them."""

import gzip
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from forbear.core.classifier.table import Table, read_table
from forbear.core.files.reader import LANGUAGES


@cache
def tables(subject: str) -> Mapping[str, Table]:
    """The tables of a subject (content, replies) by language."""
    folder = files("forbear") / "tables"
    return {
        language: read_table(
            gzip.decompress((folder / f"{subject}-{language}.json.gz").read_bytes()).decode()
        )
        for language in LANGUAGES
    }
