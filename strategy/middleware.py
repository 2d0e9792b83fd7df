"""Every request of a signed-in person gets its actor; every page below a strategy its strategy."""

from django.conf import settings
from django.http import Http404
from django.utils import translation

from strategy.actor import Actor
from strategy.forms.once import as_token
from strategy.sessions import note_use


class ActorMiddleware:
    """Sets ``request.actor``, and ``request.strategy`` where the address names one the person belongs to.

    A strategy in which the person has no role does not exist for them: 404.
    """

    SESSION_KEY = "deputyship"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.strategy = None
        request.actor = Actor(request.user)
        request.memberships_held = ()
        if request.user.is_authenticated:
            request.actor = self.actor(request)
            note_use(request.session)
            with translation.override(request.user.language):
                request.LANGUAGE_CODE = translation.get_language()
                return self.get_response(request)
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        slug = kwargs.get("strategy")
        if slug is None or not request.user.is_authenticated:
            return
        request.strategy = request.actor.strategy_at(slug)
        if request.strategy is None:
            raise Http404

    def actor(self, request):
        own = Actor.of(request.user)
        request.memberships_held = own.memberships  # in whose name soever somebody acts, these are theirs
        chosen = request.session.get(self.SESSION_KEY)
        if chosen is None:
            return own
        deputyship = next((d for d in own.deputyships if d.pk == chosen), None)
        if deputyship is None:
            del request.session[self.SESSION_KEY]
            return own
        request.memberships_held = (*own.memberships, deputyship.membership)
        return Actor.deputising(request.user, deputyship)


class SavedFormMiddleware:
    """Tells the browser which form has been taken, so that it no longer keeps what was typed there (``keep.js``).

    A form with a token that is answered by a redirect has done its deed.
    """

    COOKIE, DAY = "saved", 24 * 60 * 60

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and response.status_code == 302 and (token := as_token(request.POST.get("token"))):
            response.set_cookie(
                self.COOKIE, token, max_age=self.DAY, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
            )
        return response
