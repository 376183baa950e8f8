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
#: Where what stood in its old system lies, in an example that has it and in a home made with it.
EXAMPLE_HISTORY = "history"


@cache
def example_names() -> tuple[str, ...]:
    """Their names, as `forbear init --example` takes them."""
    return tuple(sorted(path.parent.name for path in EXAMPLES.glob("*/mapping.yaml")))


def lay_example(name: str, home: Path) -> list[Path]:
    """Copy the example of that name into a home: its settings beside the home's own, its files into `feed`.

    What stood in its old system goes into `history`.
    """
    (home / EXAMPLE_FEED).mkdir()
    laid = []
    for path in sorted(path for path in (EXAMPLES / name).rglob("*") if path.is_file()):
        target = home / EXAMPLE_FEED / path.name
        if path.suffix == ".yaml":
            target = home / path.name
        elif path.parent.name == EXAMPLE_HISTORY:
            (home / EXAMPLE_HISTORY).mkdir(exist_ok=True)
            target = home / EXAMPLE_HISTORY / path.name
        shutil.copyfile(path, target)
        laid.append(target)
    return laid
