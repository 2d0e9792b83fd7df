from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Q

from strategy.models import User


class OneLookBackend(AuthenticationBackend):
    """One query and one password worked on, whoever is asked for: the library's own looks once more for an e-mail
    address somebody has, and the time of that tells them from strangers.
    """

    def _authenticate(self, request, **credentials):
        login = credentials.get("email") or credentials.get("username") or ""
        user = User.objects.filter(Q(username__iexact=login) | Q(email__iexact=login)).order_by("pk").first()
        return self._check_password(user, credentials["password"])
