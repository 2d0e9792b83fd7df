"""What comes back from the page of a ranking list: one move or typed places without script, the whole order with it."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from measures.ordering import moved, placed

MOVES_OF_ONE = ("up", "down", "append", "remove")
PLACE = re.compile(r"[1-9][0-9]{0,3}")
NOT_RECOGNISED = _("This form could not be recognised; please send it once more.")


class BallotForm(forms.Form):
    """Names the ballot and the version at which the page was opened; ``own`` is the sender's ballot."""

    ballot = forms.IntegerField()
    version = forms.IntegerField()

    def __init__(self, data, *, own):
        super().__init__(data)
        self.own = own
        self.typed, self.place_errors, self.moved_item = {}, {}, None

    def is_of_another(self):
        """Whether somebody else opened the page in this browser: that must not end up in this person's ballot."""
        return self.cleaned_data.get("ballot") not in (None, self.own.pk)

    def problem(self):
        """Why this cannot be taken, as one sentence above the list."""
        return NOT_RECOGNISED


class ArrangeForm(BallotForm):
    """Makes ``cleaned_data["order"]`` of a move, of typed places, or of the whole order; ``items`` may stand in it.

    ``shown`` is the order the page showed: what differs from it has been typed.
    """

    def __init__(self, data, *, own, items):
        super().__init__(data, own=own)
        self.ids = {str(item): item for item in items}

    def clean(self):
        self.cleaned_data["order"] = (
            self._after_move() if "move" in self.data else self._ids(self.data.getlist("order"))
        )

    def problem(self):
        return _("Not saved yet: please correct the marked places.") if self.place_errors else super().problem()

    def _after_move(self):
        name, item = self._move()
        places = self._places()
        self.moved_item = item or next(iter(places), None)
        order = placed(self.own.order, places)
        return moved(order, name, item) if item else order

    def _move(self):
        """(name, item) of the button that was pressed; no item where typed places are to be applied."""
        name, _dash, text = self.data["move"].partition("-")
        if (name, text) == ("to", ""):
            return name, None
        if name not in MOVES_OF_ONE:
            raise ValidationError(NOT_RECOGNISED)
        return name, *self._ids([text])

    def _places(self):
        """{item: place} of what was typed."""
        shown = self._ids(filter(None, self.data.get("shown", "").split(",")))
        before = {item: str(place) for place, item in enumerate(shown, 1)}
        for text, item in self.ids.items():
            typed = self.data.get(f"place-{text}", before.get(item, "")).strip()
            if typed != before.get(item, ""):
                self.typed[item] = typed
        self.place_errors = {item: self._no_place() for item, typed in self.typed.items() if not PLACE.fullmatch(typed)}
        if self.place_errors:
            raise ValidationError(list(self.place_errors.values()))
        return {item: int(typed) for item, typed in self.typed.items()}

    def _no_place(self):
        return _("Please enter a place between 1 and %(last)d.") % {"last": max(len(self.own.order), 1)}

    def _ids(self, texts):
        try:
            return [self.ids[text] for text in texts]
        except KeyError as unknown:
            raise ValidationError(NOT_RECOGNISED) from unknown
