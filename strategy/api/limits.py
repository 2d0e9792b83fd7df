"""How often somebody may ask: counted in the database, in one statement, so that nothing is miscounted or forgotten."""

import time

from django.utils.crypto import salted_hmac
from rest_framework.throttling import SimpleRateThrottle

from strategy.models import RequestCount


class Counted(SimpleRateThrottle):
    """So many requests in each minute, hour or day of the clock; the rates stand in the settings, by ``scope``.

    The framework's own reads a list of moments, adds one and writes it back: of two at once one is lost.
    """

    def allow_request(self, request, view):
        if self.rate is None:
            return True
        now = int(time.time())
        self.rest = self.duration - now % self.duration
        count = RequestCount.objects.count_one(f"{self.scope}:{self.asked_by(request)}", now // self.duration)
        return count <= self.num_requests

    def wait(self):
        return self.rest

    def get_cache_key(self, request, view):
        """Nothing stands in the cache."""
        return

    def asked_by(self, request):
        raise NotImplementedError


class PerPerson(Counted):
    """All programs and browsers of a person together."""

    scope = "user"

    def asked_by(self, request):
        return request.user.pk


class PerAddress(Counted):
    """Who does not sign in goes by the network address, of which no more than a keyed hash is kept."""

    scope = "anonymous"

    def asked_by(self, request):
        return salted_hmac("api.limits", self.get_ident(request), algorithm="sha256").hexdigest()[:32]


MOST_REFUSALS = 60  # of keys, noted in an hour


def is_worth_noting(request, token):
    """Whether the refusal of a key is noted: of one token, or of one address that knows none, once an hour."""
    minute = int(time.time()) // 60
    hour = minute - minute % 60
    who = f"token:{token.pk}" if token else f"guesser:{PerAddress().asked_by(request)}"
    count = RequestCount.objects.count_one
    return count(who, hour) == 1 and count("refusals of keys", hour) <= MOST_REFUSALS
