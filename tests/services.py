"""PostgreSQL and Redis for the tests: those the environment names, those of this machine, or throwaway ones.

``python -m tests.services packages`` prints the Debian packages still needed (it runs before any is installed, so the
clients are imported where they are used),
``python -m tests.services run COMMAND…`` runs a command with DATABASE_URL and REDIS_URL set.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

START_LIMIT = 60  # seconds against hanging, not a measure of speed
DATABASE = f"wst_{os.getpid()}"  # two runs on one machine must not share a test database
LOCAL_REDIS = "redis://127.0.0.1:6379/0"


def main():
    verb, *command = sys.argv[1:]
    if verb == "packages":
        print(*packages())
        return 0
    with ExitStack() as stack:
        database = os.environ.get("DATABASE_URL") or local_postgresql() or stack.enter_context(postgresql())
        queue = os.environ.get("REDIS_URL") or local_redis() or stack.enter_context(redis_server())
        return subprocess.call(command, env={**os.environ, "DATABASE_URL": database, "REDIS_URL": queue})


def packages():
    if not (os.environ.get("DATABASE_URL") or listens(5432) or initdb()):
        yield "postgresql"
    if not (os.environ.get("REDIS_URL") or listens(6379) or shutil.which("redis-server")):
        yield "redis-server"


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def local_postgresql():
    """The standard port's server, if it lets one of the usual users make databases."""
    import psycopg

    for user in (pwd.getpwuid(os.getuid()).pw_name, "postgres"):
        server = f"postgres://{user}@127.0.0.1:5432"
        try:
            with psycopg.connect(f"{server}/postgres", connect_timeout=2) as connection:
                rights = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
                if connection.execute(rights).fetchone()[0]:
                    return f"{server}/{DATABASE}"
        except psycopg.OperationalError:
            continue


def local_redis():
    import redis

    try:
        redis.from_url(LOCAL_REDIS, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return None
    return LOCAL_REDIS


def initdb():
    """Debian keeps the server's programs out of the path, one folder a version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return found[-1] if found else shutil.which("initdb")


@contextmanager
def postgresql():
    """A server of our own."""
    if not initdb():
        sys.exit("The PostgreSQL on 127.0.0.1:5432 lets nobody in: name one by DATABASE_URL, or install postgresql.")
    with tempfile.TemporaryDirectory(prefix="wst-postgresql-") as folder:
        cluster = Cluster(folder)
        with cluster.serving():
            yield f"{cluster.server}/{DATABASE}"


class Cluster:
    """PostgreSQL in a folder; it refuses to run as root, so root lends it to an unprivileged user."""

    def __init__(self, folder):
        self.folder, self.port, self.programs = str(folder), free_port(), Path(initdb()).parent
        self.server = f"postgres://postgres@127.0.0.1:{self.port}"
        self.drop = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        if self.drop:
            shutil.chown(folder, "nobody", "nogroup")
        make = [self.programs / "initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"]
        place = ["--locale=C.UTF-8", "-D", f"{self.folder}/data"]
        subprocess.run([*self.drop, *make, *place], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    @contextmanager
    def serving(self):
        """At its port until the end of the block; then it leaves its clients, as in a restart."""
        import psycopg

        own = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.folder}
        settings = own | {"fsync": "off"}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with process([*self.drop, self.programs / "postgres", "-D", f"{self.folder}/data", *options], self.folder):
            wait_for(
                lambda: psycopg.connect(f"{self.server}/postgres", connect_timeout=2).close(), psycopg.OperationalError
            )
            yield


@contextmanager
def redis_server():
    import redis

    with tempfile.TemporaryDirectory(prefix="wst-redis-") as folder:
        port = free_port()
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        url = f"redis://127.0.0.1:{port}/0"
        with process(command, folder):
            wait_for(redis.from_url(url).ping, redis.ConnectionError)
            yield url


@contextmanager
def process(command, folder):
    with (
        Path(folder, "log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as program,
    ):
        try:
            yield program
        finally:
            program.send_signal(signal.SIGINT)  # PostgreSQL: leave now, ask no client
            program.wait(timeout=START_LIMIT)


def wait_for(attempt, not_yet):
    limit = time.monotonic() + START_LIMIT
    while True:
        try:
            return attempt()
        except not_yet:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    sys.exit(main())
