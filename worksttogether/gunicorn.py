"""How gunicorn serves the portal; how many workers is said by WEB_CONCURRENCY or --workers."""

import os
import shutil
import tempfile

from gunicorn.workers.gthread import ThreadWorker

from .logs import formatter

wsgi_app = "worksttogether.wsgi"
bind = f"0.0.0.0:{os.environ.get('PORT') or 8000}"
worker_class = "worksttogether.gunicorn.Leaving"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 8
timeout = 60  # without a sign of life a worker is replaced; no request may take as long
graceful_timeout = 30  # what has begun may end when the server is told to stop
keepalive = 75  # longer than the proxy keeps its connections, so that none is closed while a request is on its way
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108  a file in memory, not on a disk
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"structured": formatter(readable=os.environ.get("DEMO") == "true")},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"gunicorn.error": {"level": "INFO"}, "gunicorn.access": {"level": "WARNING"}},
}


class Leaving(ThreadWorker):
    """Told to stop, it closes the door first and serves all who are already in.

    Else whoever comes while it serves the last ones would wait at the open door and be sent away without a word when it
    is closed; the proxy does not ask a second time what may have been done already.
    """

    def set_accept_enabled(self, enabled):
        super().set_accept_enabled(enabled)
        if not self.alive:
            for listener in self.sockets:
                listener.listen(0)  # whoever knocks now is not answered, and goes next door when this one is closed
                self.let_in(listener)
                listener.close()

    def let_in(self, listener):
        before = None
        while self.nr_conns != before:
            before = self.nr_conns
            self.accept(listener)


def on_starting(server):
    """The workers count requests together in files; the folder has to be known before any of them begins."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="figures-")


def child_exit(server, worker):
    from prometheus_client.multiprocess import mark_process_dead  # looks for the folder when it is imported

    mark_process_dead(worker.pid)


def on_exit(server):
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
