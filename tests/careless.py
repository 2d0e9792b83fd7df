"""A portal as it must not be, for the negative control of the run under faults: each breaks one order of things."""

import time
from threading import Thread

from django.db import connection
from django.http import JsonResponse

WRITES = "/status-updates/"
BETWEEN = 1  # second, in which something can happen


class YesFirst:
    """Says yes to a write, and stores it afterwards."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method != "POST" or not request.path.endswith(WRITES):
            return self.get_response(request)
        _read = request.body  # it is gone with the connection
        Thread(target=self.store, args=[request]).start()
        return JsonResponse({}, status=201)

    def store(self, request):
        time.sleep(BETWEEN)
        try:
            self.get_response(request)
        finally:
            connection.close()


class LateAnswer:
    """Has stored a write long before it says so; right as such, and wrong with a proxy that asks a second time."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and request.path.endswith(WRITES):
            time.sleep(BETWEEN)
        return response
