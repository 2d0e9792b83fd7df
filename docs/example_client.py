"""A small client of the API: reports the status of a measure, and says so when somebody was quicker.

    export PORTAL=http://127.0.0.1:8000 KEY=wst_…
    python docs/example_client.py personalstrategie-2030 D1

Needs nothing but Python. The key is made under “My account”, “Access for programs”.
"""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen


class Portal:
    def __init__(self, address, key, strategy):
        self.base = f"{address}/api/v1/strategies/{strategy}/"
        self.key = key

    def ask(self, method, address, body=None, **headers):
        """(what is answered, its ETag); a problem is raised with what the portal says about it."""
        url = address if address.startswith("http") else self.base + address
        sent = {"Authorization": f"Bearer {self.key}", "Accept-Language": "en", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(url, data, sent | headers, method=method)  # noqa: S310 - the address is its user's own
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310
                text = answer.read()
                return (json.loads(text) if text else None), answer.headers.get("ETag")
        except HTTPError as refusal:
            problem = json.load(refusal)
            places = [
                f"{one.get('pointer') or one.get('parameter')}: {one['detail']}" for one in problem.get("errors", [])
            ]
            raise SystemExit("\n".join([f"{problem['status']} {problem['detail']}", *places])) from refusal

    def rows(self, address, **parameters):
        """All rows of a list, page by page."""
        page = f"{address}?{urlencode(parameters, doseq=True)}"
        while page:
            answer, _etag = self.ask("GET", page)
            yield from answer["results"]
            page = answer["next"]


def main(strategy, code):
    portal = Portal(os.environ["PORTAL"], os.environ["KEY"], strategy)
    for measure in portal.rows("measures/", state="running", stale="on"):
        print("status out of date:", measure["code"], measure["title"])

    measure, etag = portal.ask("GET", f"measures/{code}/")
    portal.ask("PATCH", f"measures/{code}/", {"risks": measure["risks"]}, **{"If-Match": etag})
    print("unchanged and saved:", measure["code"], measure["title"], "version", measure["version"])


if __name__ == "__main__":
    main(*sys.argv[1:])
