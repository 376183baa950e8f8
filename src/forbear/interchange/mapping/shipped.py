"""The mappings that ship, each tried on a public data set: a folder with mapping.yaml and products.yaml."""

import shutil
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


#: Made-up books of lenders without schedules, each with the file that such people have, its mapping and its products.
EXAMPLES = Path(__file__).with_name("examples")
#: Where an example's files lie in a home made with it.
EXAMPLE_FEED = "feed"


@cache
def example_names() -> tuple[str, ...]:
    """Their names, as `forbear init --example` takes them."""
    return tuple(sorted(path.parent.name for path in EXAMPLES.glob("*/mapping.yaml")))


def lay_example(name: str, home: Path) -> list[Path]:
    """Copy the example of that name into a home: its settings beside the home's own, its files into `feed`."""
    (home / EXAMPLE_FEED).mkdir()
    laid = []
    for path in sorted((EXAMPLES / name).iterdir()):
        target = home / path.name if path.suffix == ".yaml" else home / EXAMPLE_FEED / path.name
        shutil.copyfile(path, target)
        laid.append(target)
    return laid
