"""Tags as people type them: words between commas."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from measures.models import Tag
from measures.models.tag import LONGEST_TAG

from .fields import LineField

MOST_TAGS = 20  # at one measure


class TagsField(LineField):
    """Several tags in one line; its value is a list of names, each once."""

    default_error_messages = {
        "too_long": _("A tag has at most %(most)d characters: “%(tag)s”."),
        "too_many": _("Please choose at most %(most)d tags."),
    }

    def __init__(self, **options):
        super().__init__(max_length=MOST_TAGS * (LONGEST_TAG + 2), **options)
        self.widget.attrs["autocomplete"] = "off"

    def offer(self, strategy):
        """Say which tags there are, so that one thing gets one name."""
        names = ", ".join(Tag.objects.filter(strategy=strategy).values_list("name", flat=True)[:MOST_TAGS])
        self.help_text = (
            _("Words between commas. In use so far: %(tags)s.") % {"tags": names}
            if names
            else _("Words between commas.")
        )

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, text):
        named = {}
        for word in super().clean(text).replace(";", ",").split(","):
            if name := word.strip(" #"):
                named.setdefault(name.casefold(), name)
        names = list(named.values())
        if len(names) > MOST_TAGS:
            raise ValidationError(self.error_messages["too_many"], "too_many", {"most": MOST_TAGS})
        if long := [name for name in names if len(name) > LONGEST_TAG]:
            raise ValidationError(self.error_messages["too_long"], "too_long", {"most": LONGEST_TAG, "tag": long[0]})
        return names

    def has_changed(self, initial, typed):
        """Neither order nor upper and lower case make a difference."""
        try:
            return {name.casefold() for name in self.clean(typed)} != {name.casefold() for name in initial or ()}
        except ValidationError:
            return True
