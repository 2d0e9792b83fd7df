"""What an administrator types about people, accounts, roles, deputies; and what people type about themselves."""

from allauth.account.models import EmailAddress
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from strategy.models import Deputyship, GroupRole, Membership, User

from .bound import BoundForm

PERSON_FIELDS = ["username", "first_name", "last_name", "function", "email", "language"]


def with_user_name(user):
    """Two people may have the same function; the user name tells them apart."""
    return f"{user} ({user.username})"


def not_ended():
    return Q(valid_to__isnull=True) | Q(valid_to__gte=timezone.localdate())


class MembershipForm(BoundForm):
    """A role for somebody who has an account; the person is named, never chosen from a list of all people."""

    username = forms.CharField(label=_("User name"), max_length=150)

    class Meta:
        model = Membership
        fields = ["role", "unit", "valid_from", "valid_to"]
        help_texts = {"valid_to": _("The last day of the role; yesterday ends it at once.")}

    field_order = ["username"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        unit.queryset = unit.queryset.filter(not_ended() | Q(pk=self.instance.unit_id))
        if self.instance.pk:
            del self.fields["username"]

    def clean_username(self):
        user = User.objects.filter(username__iexact=self.cleaned_data["username"]).first()
        if user is None:
            raise ValidationError(_("Nobody has this user name. Please create the person first."))
        self.instance.user = user
        return user.username

    def _get_validation_exclusions(self):
        known = {"user"} if self.instance.user_id else set()
        return super()._get_validation_exclusions() - known


class GroupRoleForm(BoundForm):
    class Meta:
        model = GroupRole
        fields = ["group", "role", "unit"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        unit.queryset = unit.queryset.filter(not_ended() | Q(pk=self.instance.unit_id))


class Unmistakable:
    """User name and e-mail address both serve to sign in, so each leads to one person."""

    def clean_username(self):
        username = self.cleaned_data["username"]
        if "@" in username:
            raise ValidationError(_("A user name has no @, so that nobody takes it for an e-mail address."))
        if self.others().filter(username__iexact=username).exists():
            raise ValidationError(_("This user name is taken; please choose another."))
        return username

    def clean_email(self):
        email = self.cleaned_data["email"].lower()
        taken = self.others().filter(email__iexact=email) or EmailAddress.objects.filter(
            email__iexact=email, user__in=self.others()
        )
        if taken.exists():
            raise ValidationError(_("This e-mail address belongs to another account."))
        return email

    def others(self):
        return User.objects.exclude(pk=self.person().pk)

    def save(self, commit=True):
        """With the old address nobody signs in or gets a new password any more."""
        if "email" in self.changed_data and self.person().pk:
            EmailAddress.objects.filter(user=self.person()).delete()
        return super().save(commit)


class NewPersonForm(Unmistakable, MembershipForm):
    """An account with its first role. Nobody types a password for somebody else: it is set by the person."""

    first_name, last_name, function, language = forms.fields_for_model(
        User, ["first_name", "last_name", "function", "language"]
    ).values()
    email = forms.EmailField(label=_("Duty e-mail"), max_length=254)
    username = forms.fields_for_model(User, ["username"])["username"]

    field_order = PERSON_FIELDS

    def person(self):
        return User()

    def save(self, commit=True):
        person = User(**{name: self.cleaned_data[name] for name in PERSON_FIELDS})
        person.set_unusable_password()
        person.save()
        self.instance.user = person
        return super().save(commit)


class PersonForm(Unmistakable, forms.ModelForm):
    """The data of a person whom only this strategy knows.

    The address is fixed from the first sign-in on: with it comes the password, and no administrator may
    take over somebody's account. The person changes it.
    """

    class Meta:
        model = User
        fields = [*PERSON_FIELDS, "is_active"]
        labels = {"email": _("Duty e-mail"), "is_active": _("May sign in")}
        help_texts = {"is_active": _("Without it the account sees nothing any more, from the next request on.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        if self.instance.last_login:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = _("The person changes it under “My account”.")

    def person(self):
        return self.instance

    def save(self, commit=True):
        """Who had the address before may have set a password that they know."""
        if "email" in self.changed_data:
            self.instance.set_unusable_password()
        return super().save(commit)


class OwnEmailForm(Unmistakable, forms.ModelForm):
    """Who changes where the password can be reset to has to know the password."""

    password = forms.CharField(
        label=_("Current password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    class Meta:
        model = User
        fields = ["email"]
        labels = {"email": _("Duty e-mail")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True

    def person(self):
        return self.instance

    def clean_password(self):
        stored = User.objects.get(pk=self.instance.pk)
        if not stored.check_password(self.cleaned_data["password"]):
            raise ValidationError(_("The password is wrong."))


class DeputyshipForm(BoundForm):
    class Meta:
        model = Deputyship
        fields = ["membership", "deputy", "valid_from", "valid_to"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        members = Membership.objects.filter(not_ended(), strategy=self.strategy)
        self.fields["membership"].queryset = members.select_related("user", "unit")
        self.fields["membership"].label_from_instance = lambda m: f"{m}: {with_user_name(m.user)}"
        colleagues = User.objects.filter(Exists(members.filter(user=OuterRef("pk"))), is_active=True)
        self.fields["deputy"].queryset = colleagues.order_by("function", "username")
        self.fields["deputy"].label_from_instance = with_user_name
