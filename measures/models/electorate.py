from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from strategy.changes import changes
from strategy.models import Membership, OrganisationalUnit, Role, StrategyBound, User

from .ballot import Ballot


class Group(models.TextChoices):
    """Who votes together; whoever holds several roles votes in the first of their groups."""

    DEPARTMENT_HEADS = "department_heads", _("Department heads")
    ADMINISTRATIVE_HEADS = "administrative_heads", _("Administrative heads")
    PROJECT_GROUP = "project_group", _("Project group")


ROLE_OF_GROUP = {
    Group.DEPARTMENT_HEADS: Role.DEPARTMENT_HEAD,
    Group.ADMINISTRATIVE_HEADS: Role.ADMINISTRATIVE_HEAD,
    Group.PROJECT_GROUP: Role.PROJECT_GROUP,
}


class RoundGroup(StrategyBound):
    """A group that votes in the round; each of its ballots counts with the weight."""

    round = models.ForeignKey("measures.RankingRound", models.CASCADE, related_name="groups")
    group = models.CharField(_("group"), max_length=30, choices=Group.choices)
    weight = models.DecimalField(_("weight"), max_digits=5, decimal_places=2, default=1)

    changes = changes()

    class Meta:
        verbose_name = _("group of a ranking round")
        verbose_name_plural = _("groups of ranking rounds")
        ordering = ["round", "pk"]
        constraints = [
            models.UniqueConstraint("round", "group", name="one_weight_per_group"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="weight_is_positive"),
        ]

    def __str__(self):
        return f"{self.round}: {self.get_group_display()}"


class ElectorQuerySet(models.QuerySet):
    def entitled(self, ranking):
        """[(group, membership)] of everybody who may vote in that round today, each person once; deputies never."""
        groups = {ROLE_OF_GROUP[row.group]: Group(row.group) for row in ranking.groups.all()}
        held = (
            Membership.objects.valid()
            .filter(strategy=ranking.strategy_id, role__in=groups, user__is_active=True)
            .select_related("unit")
            .order_by("unit__number", "pk")
        )
        order = list(Group)
        found = {}
        for membership in sorted(held, key=lambda row: order.index(groups[row.role])):
            found.setdefault(membership.user_id, (groups[membership.role], membership))
        return list(found.values())

    def freeze(self, ranking):
        """Write down who votes in that round, with an empty ballot each."""
        electors = self.bulk_create(
            Elector(
                strategy_id=ranking.strategy_id,
                round=ranking,
                user_id=membership.user_id,
                membership=membership,
                unit=membership.unit,
                group=group,
            )
            for group, membership in self.entitled(ranking)
        )
        Ballot.objects.bulk_create(
            Ballot(strategy_id=ranking.strategy_id, round=ranking, elector=elector) for elector in electors
        )

    def turnout(self):
        """[{group, electors, ballots}]: how many may vote, and how many have handed in."""
        counted = (
            self.order_by()
            .values("group")
            .annotate(electors=Count("pk"), ballots=Count("ballot", filter=Q(ballot__state=Ballot.State.SUBMITTED)))
        )
        rows = {row["group"]: row for row in counted}
        return [rows[group] for group in Group if group in rows]

    def still_to_vote(self):
        """[(group, unit, count)] of those who have not handed in: units, never names."""
        waiting = self.filter(ballot__state=Ballot.State.DRAFT).values("group", "unit")
        counted = list(waiting.annotate(count=Count("pk")).order_by("unit__number"))
        units = OrganisationalUnit.objects.in_bulk({row["unit"] for row in counted if row["unit"]})
        rows = [(Group(row["group"]), units.get(row["unit"]), row["count"]) for row in counted]
        return sorted(rows, key=lambda row: list(Group).index(row[0]))


class Elector(StrategyBound):
    """Somebody who may vote in the round, as of its opening."""

    round = models.ForeignKey("measures.RankingRound", models.CASCADE, related_name="electors")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("person"))
    membership = models.ForeignKey(Membership, models.PROTECT, related_name="+")
    unit = models.ForeignKey(OrganisationalUnit, models.PROTECT, null=True, related_name="+", verbose_name=_("unit"))
    group = models.CharField(_("group"), max_length=30, choices=Group.choices)

    objects = ElectorQuerySet.as_manager()

    class Meta:
        verbose_name = _("elector")
        verbose_name_plural = _("electors")
        ordering = ["round", "pk"]
        constraints = [models.UniqueConstraint("round", "user", name="one_vote_per_person")]

    def __str__(self):
        return f"{self.round}: {self.get_group_display()}"
