"""The steps of a ranking round, a page each, and which of them stand as buttons on the round."""

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from measures.models import RankingRound
from strategy.templatetags.portal import shown_end

from .acts import Act, Acts
from .step import Step, Words

State = RankingRound.State

RANKING_WORDS = {
    "open": Words(
        _("Open the ranking “%(object)s”"),
        _("Open round"),
        _("Opened: %(object)s. Everybody who may vote has been told."),
        _("From then on measures, texts, voters and weights are fixed. More time can still be given."),
    ),
    "close": Words(
        _("Close the ranking “%(object)s”"),
        _("Close round"),
        _("Closed: %(object)s. The results have been computed."),
        _("Nobody can hand in or withdraw a ballot any more. Drafts that were not handed in do not count."),
        is_final=True,
    ),
    "extend": Words(
        _("Give more time for the ranking “%(object)s”"),
        _("Give more time"),
        _("More time given: %(object)s. Everybody who may vote has been told."),
    ),
    "publish": Words(
        _("Publish the results of “%(object)s”"),
        _("Publish results"),
        _("Published: %(object)s. All who take part have been told."),
        _("All who take part see the results from then on. Readers see them in a final report."),
        is_final=True,
    ),
    "decide": Words(
        _("Set priorities after “%(object)s”"),
        _("Set priorities"),
        _("Priorities set after “%(object)s”. All who take part have been told."),
        _("Each decision is kept with its date and reason and cannot be changed afterwards, only followed by another."),
    ),
    "cancel": Words(
        _("Cancel the ranking “%(object)s”"),
        _("Cancel round for good"),
        _("Cancelled: %(object)s"),
        _("The round ends without results. Nobody sees the ballots, each person the own one alone."),
        is_final=True,
    ),
    "copy": Words(
        _("Copy the ranking “%(object)s”"),
        _("Copy round"),
        _("Copied: %(object)s. Please set the times and check the measures."),
        _("The copy is a planned round. Ballots are not taken along."),
    ),
}

# What the state of a round asks for next; what stands beside it; everything else is in the menu.
MAIN = ("open", "publish", "decide")
BESIDE = ("extend", "close")
MENU = ("cancel",)


def acts_of(ranking, actor, obstacles=()):
    """Takes the round, the actor, and what stands in the way of opening it."""
    offered = [act_of(verb, ranking, obstacles) for verb in MAIN if ranking.may(verb, actor)]
    beside = [*edit_of(ranking, actor), *(act_of(verb, ranking) for verb in BESIDE if ranking.may(verb, actor))]
    possible = [act for act in offered if not act.blocked]
    if offered and not possible:  # what is missing is typed first
        possible, beside = beside[:1], beside[1:]
    return Acts(
        main=possible[0] if possible else None,
        others=beside,
        menu=[*copy_of(ranking, actor), *(act_of(verb, ranking) for verb in MENU if ranking.may(verb, actor))],
        blocked=[act for act in offered if act.blocked],
    )


def edit_of(ranking, actor):
    if ranking.state == State.PLANNED and actor.has_perm("measures.change_rankinground", ranking):
        yield Act("edit", _("Edit"), address(ranking, "edit"), icon="edit")


def copy_of(ranking, actor):
    if actor.has_perm("measures.copy_rankinground", ranking):
        yield act_of("copy", ranking)


def act_of(verb, ranking, obstacles=()):
    blocked = " ".join(map(str, obstacles)) if verb == "open" else ""
    return Act(verb, RANKING_WORDS[verb].button, address(ranking, verb), blocked=blocked)


def address(ranking, name):
    return reverse(f"measures:ranking-{name}", args=[ranking.strategy.slug, ranking.pk])


class RankingStep(Step):
    """A step of a round; leads back to it."""

    words = RANKING_WORDS
    template_name = "measures/ranking/step.html"

    def get_subject(self):
        rankings = RankingRound.objects.visible_to(self.request.actor).filter(strategy=self.request.strategy)
        return get_object_or_404(rankings.select_related("strategy"), pk=self.kwargs["pk"])

    def get_back_url(self):
        if self.subject is None:
            return reverse("measures:rankings", args=[self.request.strategy.slug])
        return self.subject.get_absolute_url()

    def consequences(self):
        return [*getattr(self, f"consequences_of_{self.verb}", list)()]

    def consequences_of_close(self):
        return self._how_it_stands()

    def consequences_of_extend(self):
        return self._how_it_stands()

    def _how_it_stands(self):
        return [
            _("So far it closes on %(closes_at)s.") % {"closes_at": shown_end(self.subject.closes_at)},
            self._turnout(),
        ]

    def _turnout(self):
        turnout = self.subject.turnout()
        numbers = {name: sum(row[name] for row in turnout) for name in ("ballots", "electors")}
        return _("%(ballots)d of %(electors)d ballots have been handed in.") % numbers


class Open(RankingStep):
    """Not before everything is there; the page says how many are asked about how many measures."""

    verb = "open"

    def is_possible(self):
        return super().is_possible() and not self.obstacles()

    def obstacles(self):
        return [sentence for obstacle in self.subject.obstacles() for sentence in obstacle.messages]

    def why_not(self):
        return " ".join(self.obstacles()) if super().is_possible() else super().why_not()

    def consequences(self):
        voters, measures = len(self.subject.voters()), self.subject.measures.count()
        yield ngettext("%(count)d person may vote.", "%(count)d people may vote.", voters) % {"count": voters}
        yield ngettext("%(count)d measure is ranked.", "%(count)d measures are ranked.", measures) % {"count": measures}
        yield _("It closes on %(closes_at)s.") % {"closes_at": shown_end(self.subject.closes_at)}


class Copy(RankingStep):
    """No step of the round itself: it makes another one, and leads to where it is planned."""

    verb = "copy"

    def is_possible(self):
        return True

    def take(self, form):
        copy = RankingRound.objects.copy(self.subject, by=self.request.actor, **form.details())
        messages.success(self.request, self.done_words() % {"object": copy})
        return address(copy, "edit")
