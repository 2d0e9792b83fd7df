"""What the libraries say to people in words other than the portal's, or in another tone.

Nothing calls this: a text named here gets into our own catalogue, and that comes before theirs.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

LIBRARY_TEXTS = (
    _("Enter a valid URL."),
    _("Enter a valid email address."),
    _("You must type the same password each time."),
    _("The password is too similar to the %(verbose_name)s."),
    _("Your password can’t be too similar to your other personal information."),
    ngettext_lazy(
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    ngettext_lazy(
        "Your password must contain at least %(min_length)d character.",
        "Your password must contain at least %(min_length)d characters.",
    ),
    _("This password is too common."),
    _("Your password can’t be a commonly used password."),
)
