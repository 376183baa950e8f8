"""`forbear restore`: a home made again from a backup, and checked."""

import importlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from forbear.cli.shared import out, progress_bar
from forbear.cli.verify import given_key
from forbear.interchange.documents.backup_file import Manifest, Progress, check_target, unpack_backup
from forbear.interchange.documents.sealed_file import decrypt_file, is_encrypted
from forbear.interchange.home.lender import open_home


@click.command("restore")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--key",
    "key_text",
    metavar="KEY",
    default="",
    help="The lender's public key as it is printed, or its PEM file kept elsewhere: another's backup is refused.",
)
@click.option(
    "--identity",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="The age identity that opens an encrypted backup.",
)
@click.option(
    "--keys",
    "keys_from",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    help="The file of --keys-to, where the keys were kept apart.",
)
@click.option("--check/--no-check", default=True, help="Walk the whole evidence log afterwards.")
def command(
    source: Path,
    folder: Path,
    key_text: str,
    identity: Path | None,
    keys_from: Path | None,
    check: bool,
) -> None:
    """Make a home again from a backup, in a new folder, and check it.

    The database is SQLite's or the one FORBEAR_DATABASE names, which must be empty. A backup of SQLite moves into
    PostgreSQL so; one of PostgreSQL stays with PostgreSQL.
    """
    check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".forbear-restore-", dir=folder.parent) as staging:
        key = _public_key(key_text)
        with progress_bar() as progress:
            manifest = _unpack(source, Path(staging), identity, key, progress)
            if keys_from is not None:
                _unpack(keys_from, Path(staging), identity, key, progress)
        if not (Path(staging) / "home" / "data" / "keys" / "signing.pem").is_file():
            raise click.UsageError("its keys were kept apart; name their file with --keys")
        if folder.exists():
            folder.rmdir()
        home = Path(staging) / "home"
        _fill(home, Path(staging) / "database", manifest)
        shutil.move(home, folder)
    out.print(
        f"{folder}: {len(manifest.files):,} files and {manifest.events:,} events of {manifest.made_at}, release "
        f"{manifest.release}, are back."
    )
    if key is None:
        out.print("Who made it was not checked: that takes the lender's signing.pub.pem and --key.")
    if check:
        _check(folder)


def _public_key(text: str) -> Ed25519PublicKey | None:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(given_key(text))) if text else None


def _unpack(
    source: Path, staging: Path, identity: Path | None, key: Ed25519PublicKey | None, progress: Progress
) -> Manifest:
    """Unpack one file, decrypted first where it is encrypted."""
    if not is_encrypted(source):
        return unpack_backup(source, staging, progress, key=key)
    if identity is None:
        raise click.UsageError(f"{source} is encrypted; name the age identity that opens it with --identity")
    plain = staging / "decrypted"
    decrypt_file(source, plain, identity)
    try:
        return unpack_backup(plain, staging, progress, key=key)
    finally:
        plain.unlink()


def _fill(home: Path, database: Path, manifest: Manifest) -> None:
    """Load the database of a home that is still under its working name, and bring its tables up to date."""
    opened = open_home(home)
    wanted = "postgresql" if os.environ.get("FORBEAR_DATABASE", opened.database) else "sqlite"
    moves = (manifest.database, wanted) == ("sqlite", "postgresql")
    if wanted != manifest.database and not moves:
        raise click.UsageError(
            f"the backup is of {manifest.database}, and the home's database would be {wanted}; set FORBEAR_DATABASE"
        )
    starter = importlib.import_module("forbear.config.start")
    starter.start(home)
    dump = importlib.import_module("forbear.store.dump")
    if moves:
        dump.check_empty()
        starter.ready_database()
        dump.move_from_sqlite(database)
    else:
        dump.load_database(database)
        starter.ready_database()
    importlib.import_module("django.db").connection.close()


def _check(folder: Path) -> None:
    """The whole evidence log, from where it now lies: a process of its own, for this one knows the working name."""
    done = subprocess.run(
        [sys.executable, "-m", "forbear", "evidence", "check", "--home", str(folder)], check=False
    )
    if done.returncode:
        raise click.exceptions.Exit(done.returncode)
