"""The mappings that ship, each tried on a public data set: a folder with mapping.yaml and products.yaml."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("mappings")


@cache
def shipped_names() -> tuple[str, ...]:
    """Their names, as `--format` takes them."""
    return tuple(sorted(path.parent.name for path in FOLDER.glob("*/mapping.yaml")))


def shipped_mapping(name: str) -> Path:
    """The file of the mapping with that name, one of `shipped_names`."""
    return FOLDER / name / "mapping.yaml"
