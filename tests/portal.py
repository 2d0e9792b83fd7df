"""The whole portal as plain processes, each started again when it ends, as a container engine would.

A PostgreSQL and a Redis of its own, two web servers behind nginx with TLS, a worker a queue, two beats.
"""

import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import threading
import time
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlencode

import psycopg

from tests.pages import typed_on
from tests.processes import OwnRedis, environment
from tests.services import free_port, initdb

WEB = ("web1", "web2")
QUEUES = ("mail", "reports", "maintenance")


class OwnPostgresql:
    """A server of this test alone, with what the test's database holds; it can be restarted."""

    def __init__(self, folder):
        self.folder, self.port = Path(folder, "postgresql"), free_port()
        self.programs = Path(initdb()).parent
        self.user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def __enter__(self):
        self.folder.mkdir()
        if self.user:
            shutil.chown(self.folder, "nobody", "nogroup")
            self.folder.parent.chmod(0o755)
        make = ["initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        self.run(*make, "-D", str(self.folder / "data"))
        self.start()
        dump = f"pg_dump --no-owner --no-privileges '{environment()['DATABASE_URL']}'"
        copy = f"{dump} | psql --quiet --set ON_ERROR_STOP=1 '{self.url}'"
        subprocess.run(["bash", "-o", "pipefail", "-c", copy], check=True, stdout=subprocess.DEVNULL)
        return self

    def __exit__(self, *exception):
        self.stop()

    def run(self, program, *arguments):
        command = [*self.user, self.programs / program, *arguments]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL)

    def start(self):
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=100"
        place = ["-D", str(self.folder / "data"), "-l", str(self.folder / "log")]
        self.run("pg_ctl", "start", "--wait", *place, "-o", options)

    def stop(self):
        self.run("pg_ctl", "stop", "--wait", "--mode=fast", "-D", str(self.folder / "data"))

    def ask(self, statement, *values):
        with psycopg.connect(self.url) as connection:
            return connection.execute(statement, values).fetchall()

    def do(self, statement, *values):
        with psycopg.connect(self.url) as connection:
            connection.execute(statement, values)


class Portal:
    """Everything, from ``with`` on until its end."""

    web, beats, processes = WEB, ("beat1", "beat2"), 2

    def __init__(self, folder, proxy=None, **more):
        """``proxy`` puts other words into the proxy's configuration: {pattern: text}."""
        self.folder, self.proxy, self.more = Path(folder), proxy or {}, more
        self.ports = {name: free_port() for name in (*self.web, "https", "http")}
        self.address = f"https://127.0.0.1:{self.ports['https']}"
        self.programs, self.resting = {}, set()
        self.ends = threading.Event()

    def __enter__(self):
        self.database, self.broker = OwnPostgresql(self.folder), OwnRedis(self.folder)
        self.database.__enter__()
        self.broker.__enter__()
        own = {"DATABASE_URL": self.database.url, "REDIS_URL": self.broker.url, "BASE_URL": self.address}
        self.variables = environment(**{**self.more, **own, "PROXIES": 1, "WEB_CONCURRENCY": self.processes})
        self.commands = self.all_commands()
        self.prepare()
        for name in self.commands:
            self.start(name)
        self.supervisor = threading.Thread(target=self.supervise)
        self.supervisor.start()
        wait_until_answered(self, 200)
        return self

    def __exit__(self, *exception):
        self.ends.set()
        self.supervisor.join()
        for program in self.programs.values():
            program.terminate()
        for program in self.programs.values():
            try:
                program.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
        self.broker.__exit__()
        self.database.__exit__()

    def prepare(self):
        """What has to be done before anything starts: nothing, for the database is a copy."""

    def all_commands(self):
        python = [sys.executable, "-m"]
        celery = [*python, "celery", "-A", "worksttogether"]
        serve = [*python, "gunicorn", "--config", "python:worksttogether.gunicorn", "--bind"]
        work = [*celery, "worker", "--loglevel", "warning", "--concurrency", "1", "--queues"]
        tick = [*celery, "beat", "--loglevel", "warning", "--pidfile", ""]
        return {
            **{name: [*serve, f"127.0.0.1:{self.ports[name]}"] for name in self.web},
            **{name: [*work, name, "--hostname", f"{name}@test"] for name in QUEUES},
            **dict.fromkeys(self.beats, tick),
            "nginx": ["nginx", "-c", str(self.configuration()), "-g", "daemon off;"],
        }

    def configuration(self):
        """That of the repository, with the places of this test."""
        folder = self.folder / "nginx"
        folder.mkdir()
        name = ["-subj", "/CN=127.0.0.1", "-days", "2"]
        files = ["-keyout", folder / "privkey.pem", "-out", folder / "fullchain.pem"]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *name, *files],
            check=True,
            stderr=subprocess.DEVNULL,
        )
        # as with names that are asked anew for each request: no server is left out for having failed a moment ago
        servers = " ".join(f"server 127.0.0.1:{self.ports[name]} max_fails=0;" for name in self.web)
        text = Path("docs/operation/nginx.conf").read_text()
        for before, after in {
            r"/tmp/": f"{folder}/",  # noqa: S108
            r"listen 8080": f"listen 127.0.0.1:{self.ports['http']}",
            r"listen 8443": f"listen 127.0.0.1:{self.ports['https']}",
            r"tls/": f"{folder}/",
            r"/dev/stdout": f"{folder}/log",
            r"resolver .*": f"upstream portal {{ {servers} }}",
            r"set \$portal web;": "",
            r"http://\$portal:8000": "http://portal",
            r"worker_processes auto": "user root;\nworker_processes 1" if os.getuid() == 0 else "worker_processes 1",
            **self.proxy,
        }.items():
            text, count = re.subn(before, after, text)
            assert count, before
        (folder / "nginx.conf").write_text(text)
        return folder / "nginx.conf"

    # Supervision

    def start(self, name):
        log = (self.folder / f"{name}.log").open("ab")
        options = {"stdout": log, "stderr": log, "env": self.variables, "start_new_session": True}
        self.programs[name] = subprocess.Popen(self.commands[name], **options)
        log.close()

    def supervise(self):
        while not self.ends.wait(0.2):
            for name, program in list(self.programs.items()):
                if program.poll() is not None and name not in self.resting:
                    self.start(name)

    def kill(self, name):
        """The program and all its processes, without a word."""
        program = self.programs[name]
        os.killpg(program.pid, signal.SIGKILL)
        program.wait()

    def children(self, name):
        found = Path(f"/proc/{self.programs[name].pid}/task/{self.programs[name].pid}/children").read_text()
        return [int(pid) for pid in found.split()]

    def elected(self):
        """The beat that ticks: the one whose connection holds the lock."""
        from strategy.locks import Lock

        (port,) = self.database.ask(
            "SELECT client_port FROM pg_stat_activity JOIN pg_locks USING (pid)"
            " WHERE locktype = 'advisory' AND granted AND objid::bigint = %s",
            int(Lock.CLOCK),
        )[0]
        return next(name for name in self.beats if port in local_ports(self.programs[name].pid))

    # Asking

    def connect(self, timeout=30):
        context = ssl._create_unverified_context()  # noqa: S323  the certificate is of this test
        return HTTPSConnection("127.0.0.1", self.ports["https"], timeout=timeout, context=context)

    def ask(self, method, path, body=None, **headers):
        """(status, content) of one request on a connection of its own."""
        connection = self.connect()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


class Visitor:
    """Somebody at a browser without script: one connection, kept open, and cookies."""

    def __init__(self, portal, session="", timeout=30):
        self.portal, self.connection = portal, portal.connect(timeout)
        self.cookies = {"sessionid": session} if session else {}

    def close(self):
        self.connection.close()

    def ask(self, method, path, body=None, **headers):
        cookies = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        sent = {"Referer": f"{self.portal.address}{path}", **(cookies if self.cookies else {}), **headers}
        try:
            self.connection.request(method, path, body, sent)
            answer = self.connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException):
            self.close()  # the next one gets a new connection
            raise
        for header in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, value = header.partition(";")[0].partition("=")
            self.cookies[name] = value
        return SimpleNamespace(status_code=answer.status, content=content)

    def send(self, path, **changes):
        """Fill in the form of that page and send it."""
        form = urlencode(typed_on(self.ask("GET", path), **changes), doseq=True)
        return self.ask("POST", path, form, **{"Content-Type": "application/x-www-form-urlencoded"})


def wait_until_answered(portal, status, path="/accounts/login/", limit=120):
    end = time.monotonic() + limit
    while True:
        try:
            if portal.ask("GET", path)[0] == status:
                return
        except OSError:
            pass
        assert time.monotonic() < end, "the portal does not answer"
        time.sleep(0.2)


def local_ports(pid):
    """The local ports of a process's connections."""
    sockets = {target_of(entry)[8:-1] for entry in Path(f"/proc/{pid}/fd").iterdir()}
    rows = (line.split() for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:])
    return {int(row[1].partition(":")[2], 16) for row in rows if row[9] in sockets}


def target_of(entry):
    """Where a file of a process points, like ``socket:[4711]``; nowhere if it has been closed meanwhile."""
    try:
        return str(entry.readlink())
    except FileNotFoundError:
        return ""


def memory(pid):
    """Megabytes of a process that are its own, shared ones in parts."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)[1]) // 1024
