"""A backup of database and files that belong together, taken while people work, and the way back from it.

Database: what one snapshot sees. Files: those its rows name; they never change, and as long as the backup holds its
lock none is deleted. The way back is one transaction: nobody sees half a portal, and no mail that waited when the
backup was taken is sent before somebody has said so, for it may have gone out since.
"""

import hashlib
import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from datetime import datetime

from django.apps import apps
from django.core.files import File
from django.core.files.storage import default_storage, storages
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from psycopg import sql

from strategy import locks, storage
from strategy.models import OutgoingMail, Restoration, WebhookDelivery
from strategy.models.mail import held_by_restore

MANIFEST, DUMP, FILES, HEADS = "manifest.json", "database.dump", "files", "audit"
NOT_KEPT = ("cache", "django_session", "strategy_session")  # who comes back from a backup signs in again
HELD = (OutgoingMail, WebhookDelivery)
CHANGED_ON_THE_WAY = [model._meta.db_table for model in (*HELD, Restoration)]


class BackupError(Exception):
    """It cannot be taken or brought back; the text says why."""


# There


def back_up(target):
    """Write a backup to a new folder, which appears when it is complete. Returns its manifest."""
    if connection.vendor != "postgresql":
        raise BackupError("Only a portal on PostgreSQL is backed up; the demo is a folder to be copied.")
    if target.exists():
        raise BackupError(f"{target} exists already.")
    partial = target.with_name(f"{target.name}.partial")
    partial.mkdir(mode=0o700, parents=True)
    try:
        heads = {name: copy_out(storages["audit"], name, partial / HEADS / name) for name in heads_kept()}
        with nobody_deletes_files(), one_snapshot() as snapshot:
            manifest = {"taken_at": timezone.now().isoformat(), "migrations": applied(), "tables": tables()}
            names = sorted(storage.files_named())
            program("pg_dump", "--format=custom", *without_data(), f"--snapshot={snapshot}", f"--file={partial / DUMP}")
            manifest["files"] = {name: copy_out(default_storage, name, partial / FILES / name) for name in names}
    except BaseException:
        shutil.rmtree(partial)
        raise
    manifest |= {"audit": heads, "database": digest_of(partial / DUMP)}
    (partial / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    partial.rename(target)
    return manifest


@contextmanager
def nobody_deletes_files():
    locks.wait_for(locks.Lock.FILES)
    yield
    if not locks.let_go(locks.Lock.FILES):
        raise BackupError("The connection to the database was lost meanwhile; please take it anew.")


@contextmanager
def one_snapshot():
    """All that is asked within, and by whoever gets its name, sees the same moment."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def heads_kept():
    """Those of the audit trail, read before the snapshot: none of them is ahead of its chain."""
    try:
        return storages["audit"].listdir("")[1]
    except FileNotFoundError:
        return []


def tables():
    """{table: [rows, a number made of all that stands in them]}"""
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name not in NOT_KEPT]
        return {name: content_of(name, cursor) for name in sorted(names)}


def content_of(table, cursor):
    statement = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM {} AS t")
    cursor.execute(statement.format(sql.Identifier(table)))
    rows, digest = cursor.fetchone()
    return [rows, str(digest)]


def applied():
    return sorted(map(list, MigrationLoader(connection).applied_migrations))


def without_data():
    return [f"--exclude-table-data={name}" for name in NOT_KEPT]


def copy_out(storage, name, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with storage.open(name) as source, path.open("xb") as copy:
            shutil.copyfileobj(source, copy, 1024**2)
    except FileNotFoundError as gone:
        raise BackupError(f"A row names the file {name}, which is not there.") from gone
    return digest_of(path)


def digest_of(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# And back


def restore(source):
    """Bring a backup back into an empty database and a storage without other files. Returns its manifest."""
    manifest = read(source)
    check_is_empty()
    for name, digest in manifest["files"].items():
        copy_in(name, source / FILES / name, digest)
    for name in manifest["audit"]:
        copy_head_in(name, source / HEADS / name)
    restore_database(source / DUMP, datetime.fromisoformat(manifest["taken_at"]))
    check_is_the_same(manifest)
    return manifest


def read(source):
    """The manifest, once all that it names has been found sound."""
    try:
        manifest = json.loads((source / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise BackupError(f"{source} is no backup, or not a complete one.") from missing
    wanted = {DUMP: manifest["database"]}
    wanted |= {f"{FILES}/{name}": known for name, known in manifest["files"].items()}
    wanted |= {f"{HEADS}/{name}": known for name, known in manifest["audit"].items()}
    for name, known in wanted.items():
        if not (source / name).is_file() or digest_of(source / name) != known:
            raise BackupError(f"{name} is missing or damaged.")
    unknown = {tuple(key) for key in manifest["migrations"]} - MigrationLoader(None).disk_migrations.keys()
    if unknown := sorted(f"{app}.{name}" for app, name in unknown if apps.is_installed(app)):
        raise BackupError(f"The backup is from a newer version: {', '.join(unknown)}.")
    return manifest


def check_is_empty():
    if connection.vendor != "postgresql":
        raise BackupError("A backup is brought back into PostgreSQL.")
    with connection.cursor() as cursor:
        if connection.introspection.table_names(cursor):
            raise BackupError("The database is not empty; nothing has been changed.")


def copy_in(name, path, digest):
    """A file that is there already may be what an earlier attempt has brought, and nothing else."""
    if default_storage.exists(name):
        with default_storage.open(name) as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise BackupError(f"The storage has another file called {name}.")
        return
    with path.open("rb") as file:
        kept = default_storage.save(name, File(file))
    if kept != name:
        raise BackupError(f"The storage calls {name} {kept}.")


def copy_head_in(name, path):
    """Never over one that is there: it tells of a longer chain than comes back, and whoever verifies shall hear it."""
    if not storages["audit"].exists(name):
        with path.open("rb") as file:
            storages["audit"].save(name, File(file))


def restore_database(dump, taken_at):
    """The script of the dump and what makes it safe, in one transaction that is committed only if both were whole."""
    psql = ["psql", "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    options = {"env": server(), "stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(psql, **options) as session:  # noqa: S603  our own program with our own arguments
        session.stdin.write(b"BEGIN;\n")
        session.stdin.flush()
        script = ["pg_restore", "--file=-", "--no-owner", "--no-privileges", dump]
        made = subprocess.run(script, stdout=session.stdin, stderr=subprocess.PIPE, check=False)  # noqa: S603  the same
        end = f"{safe_end(taken_at)}COMMIT;\n" if made.returncode == 0 else "ROLLBACK;\n"
        problem = session.communicate(end.encode())[1] if session.poll() is None else session.stderr.read()
    if made.returncode or session.returncode:
        raise BackupError(f"Nothing was restored. {(problem + made.stderr).decode()[:2000]}")


def safe_end(taken_at):
    """What waited is held, and the planner learns that it does not know what has gone out since."""
    held = [sql.SQL(model.HOLD_WHAT_WAITS).format(problem=sql.Literal(held_by_restore())) for model in HELD]
    noted = sql.SQL("INSERT INTO {table} (backup_at, restored_at) VALUES ({taken}, {now})").format(
        table=sql.Identifier("public", Restoration._meta.db_table),
        now=sql.Literal(timezone.now()),
        taken=sql.Literal(taken_at),
    )
    # the script of a dump leaves no schema to be searched
    return "".join(f"{part.as_string()};\n" for part in (sql.SQL("SET search_path = public"), *held, noted))


def check_is_the_same(manifest):
    now = tables()
    differing = [name for name, content in manifest["tables"].items() if now.get(name) != content]
    if wrong := sorted(set(differing) - set(CHANGED_ON_THE_WAY)):
        raise BackupError(f"Not as it was when the backup was taken: {', '.join(wrong)}.")


# PostgreSQL's programs


def program(name, *arguments):
    done = subprocess.run([name, *arguments], env=server(), capture_output=True, text=True, check=False)  # noqa: S603  ours
    if done.returncode:
        raise BackupError(f"{name}: {done.stderr.strip()[:2000]}")


def server():
    """Where they find the database; a password is nothing for a list of processes."""
    known = connection.get_connection_params()
    names = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"}
    names |= {"PGSSLMODE": "sslmode", "PGSSLROOTCERT": "sslrootcert"}
    return {**os.environ, **{name: str(known[key]) for name, key in names.items() if known.get(key)}}
