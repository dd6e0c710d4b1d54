"""Compare the models with the migrations, as ``makemigrations --check`` does, but without a database.

The command itself first asks the database which migrations it has applied, which says nothing about the
source; a check of the source should neither need nor touch anybody's data.

Prints what is missing and ends with 1 when something is.
"""

import os
import sys
from pathlib import Path

import django


def missing() -> list[str]:
    """Describe every change of the models that no migration makes, and every fork of the migrations."""
    from django.apps import apps
    from django.db.migrations.autodetector import MigrationAutodetector
    from django.db.migrations.loader import MigrationLoader
    from django.db.migrations.state import ProjectState

    loader = MigrationLoader(None)
    found = [
        f"{app}: {' and '.join(names)} both come last" for app, names in loader.detect_conflicts().items()
    ]
    if found:
        return found
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(
        graph=loader.graph
    )
    return [
        f"{app}: no migration for {operation.describe()!r}; run manage.py makemigrations"
        for app, migrations in changes.items()
        for migration in migrations
        for operation in migration.operations
    ]


def main() -> int:
    """Print the findings; 1 when there is one."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
    django.setup()
    found = missing()
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
