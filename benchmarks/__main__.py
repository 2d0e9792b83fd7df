"""Measures the portal in a database of its own and prints ratios beside their targets; run by ./run bench.

``sizing`` alone prints other figures, and takes a scale.
"""

import logging
import os
import sys

import django

from tests.checks import PRODUCTION

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a second thread that only waits would count as work
os.environ.setdefault("SECRET_KEY", PRODUCTION["SECRET_KEY"])  # one the portal takes in production, too
django.setup()

from django.db import connection  # noqa: E402  needs the settings

from benchmarks import api, mail, pages, ranking, report, sizing  # noqa: E402

TOPICS = {
    "report": report.measure,
    "pages": pages.measure,
    "api": api.measure,
    "ranking": ranking.measure,
    "mail": mail.measure,
}


def main(*wanted):
    logging.disable(logging.INFO)  # and no test environment: it would copy the context of each template
    connection.creation.create_test_db(verbosity=0)
    try:
        if wanted[:1] == ("sizing",):
            return sizing.main(*wanted[1:])
        for topic in wanted or TOPICS:
            for what, against, found, target in TOPICS[topic]():
                aim = "" if target is None else f"target ≤ {target:g}"
                print(f"{what:28} {found:6.2f} × {against:32} {aim}", flush=True)
    finally:
        connection.creation.destroy_test_db(connection.settings_dict["NAME"], verbosity=0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
