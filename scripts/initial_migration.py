"""Write the one initial migration again from the models, with the triggers that guard the evidence.

    uv run python scripts/initial_migration.py

Only until the first release: then a change of the models gets a migration of its own.
"""

import tempfile
from pathlib import Path

import forbear.store.migrations
from forbear.config.start import start
from forbear.interchange.home.lender import make_home

FILE = Path(forbear.store.migrations.__path__[0]) / "0001_initial.py"


def main() -> None:
    """Remove the migration, let Django find everything new, and add what Django doesn't know."""
    FILE.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        make_home(Path(folder))
        start(Path(folder))
        FILE.write_text(_text(), "utf-8")


def _text() -> str:
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState
    from django.db.migrations.writer import MigrationWriter
    from django.utils import translation

    from forbear.store.first_tables import CreateTables

    translation.deactivate_all()  # Django's own names come translated otherwise, and look changed
    loader = MigrationLoader(None)
    detector = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps))
    changes = detector.changes(graph=loader.graph, trim_to_apps={"store"})
    (migration,) = changes["store"]
    migration.operations = [CreateTables(_gathered(migration.operations))]
    text = MigrationWriter(migration, include_header=False).as_string()
    return f'"""Every table of the desk, and the triggers on the evidence log."""\n\n{text}'


def _gathered(operations: list) -> list:
    """The models alone, with the fields, indexes and constraints that Django adds to them afterwards."""
    from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel

    models = {each.name.lower(): each for each in operations if isinstance(each, CreateModel)}
    for each in operations:
        if isinstance(each, CreateModel):
            continue
        model = models[each.model_name_lower]
        if isinstance(each, AddField):
            model.fields.append((each.name, each.field))
        elif isinstance(each, AddIndex):
            model.options.setdefault("indexes", []).append(each.index)
        else:
            assert isinstance(each, AddConstraint), each
            model.options.setdefault("constraints", []).append(each.constraint)
    return list(models.values())


if __name__ == "__main__":
    main()
