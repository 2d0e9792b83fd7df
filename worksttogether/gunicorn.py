"""How gunicorn serves the portal; how many workers is said by WEB_CONCURRENCY or --workers."""

import os
import shutil
import tempfile

from .logs import formatter

wsgi_app = "worksttogether.wsgi"
bind = f"0.0.0.0:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
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


def on_starting(server):
    """The workers count requests together in files; the folder has to be known before any of them begins."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="figures-")


def child_exit(server, worker):
    from prometheus_client.multiprocess import mark_process_dead  # looks for the folder when it is imported

    mark_process_dead(worker.pid)


def on_exit(server):
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
