"""Options by which a command reads a lender's own files: a format that ships, or a mapping of the lender's."""

from collections.abc import Callable
from pathlib import Path

import click

from forbear.interchange.book.adapters import ADAPTERS
from forbear.interchange.mapping.shipped import shipped_mapping, shipped_names

MAPPING_FILE = "mapping.yaml"


def format_option() -> Callable:
    """--format NAME: forbear's own feed, an adapter, or a mapping that ships."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(["forbear", *ADAPTERS, *shipped_names()]),
        default=None,
        help="The form of the files; else mapping.yaml in the home, else forbear's own feed.",
    )


def mapping_option() -> Callable:
    """--mapping FILE: how the lender's own files become a feed."""
    return click.option(
        "--mapping",
        type=click.Path(path_type=Path, dir_okay=False),
        default=None,
        help="A mapping file; see docs/mapping.md.",
    )


def chosen_mapping(form: str | None, mapping: Path | None, home: Path | None) -> Path | None:
    """The mapping that the options or the home name; None for a feed as it is."""
    if mapping is not None and form is not None:
        raise click.UsageError("give either --format or --mapping")
    if mapping is not None:
        return mapping
    if form is not None:
        return None if form == "forbear" else shipped_mapping(form)
    own = home / MAPPING_FILE if home is not None else None
    return own if own is not None and own.is_file() else None
