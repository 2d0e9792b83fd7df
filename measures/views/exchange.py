"""Tables on their way in: uploaded, shown before anything is changed, taken over in one piece."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from measures.exchange import running
from measures.exchange.columns import CODE, VERSION, columns_of
from measures.exchange.mapping import suggested
from measures.exchange.template_file import template_sheets
from measures.exchange.writer import file_of
from measures.forms.exchange import ColumnsForm, ConfirmForm, UploadForm
from measures.models import ImportRun
from measures.tasks import wake_import
from strategy.forms.once import OnceForm, led_before
from strategy.workflow import RuleViolation

ROWS_SHOWN = 100
RUNS_SHOWN = 10


def insist(request):
    if not request.actor.has_perm("measures.add_importrun", request.strategy):
        raise PermissionDenied("measures.add_importrun")


def run_of(request, pk):
    """The import, if this actor may see it; else 404."""
    runs = ImportRun.objects.visible_to(request.actor).filter(strategy=request.strategy)
    return get_object_or_404(runs.select_related("strategy", "owner", "in_place_of"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def upload(request, strategy):
    """The way in: a table, and what has been uploaded lately."""
    insist(request)
    if request.method == "POST" and (location := led_before(request)):
        return redirect(location)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        return redirect(take_in(request, form))
    runs = ImportRun.objects.visible_to(request.actor).filter(strategy=request.strategy)
    context = {"form": form, "runs": runs.select_related("owner", "in_place_of", "strategy")[:RUNS_SHOWN]}
    return render(request, "measures/exchange/upload.html", context)


def take_in(request, form):
    """Keep the file and have it read: a small one now, a large one by a worker."""
    kept = []

    def keep():
        file, language = form.cleaned_data["file"], get_language()
        run = ImportRun.objects.upload(request.strategy, by=request.actor, file=file, language=language)
        kept.append(run)
        return run.get_absolute_url()

    location = form.once(request.user, keep)
    for run in kept:
        set_to_work(run, is_quick=running.is_small(run))
    return location


def set_to_work(run, *, is_quick):
    if is_quick:
        running.work(run.pk)
    else:
        wake_import(str(run.pk))


@require_safe
def template(request, strategy):
    """A file to start from, with a guide and the values that are possible here."""
    insist(request)
    return file_of("xlsx", _("template"), template_sheets(request.strategy))


@require_safe
@vary_on_headers("HX-Request")
def import_run(request, strategy, pk):
    """One import, wherever it stands; while it moves, the page asks how far it is."""
    run = run_of(request, pk)
    if request.htmx:
        return progress(request, run)
    if run.state == ImportRun.State.MAPPING:
        return redirect("measures:import-columns", run.strategy.slug, run.pk)
    told = run.preview
    context = {
        "run": run,
        "once": OnceForm(),
        "preview": told and {name: told[name][:ROWS_SHOWN] for name in ("new", "changed", "amendments", "problems")},
        "counts": told and {name: len(told[name]) for name in ("new", "changed", "amendments", "problems")},
        "rows_shown": ROWS_SHOWN,
        "may_cancel": run.may("cancel", request.actor),
        "may_confirm": run.may("confirm", request.actor) and run.can_be_taken,
    }
    return render(request, "measures/exchange/run.html", context)


def progress(request, run):
    """Nothing where nothing has moved, the whole page at the end."""
    if not run.is_moving:
        return HttpResponseClientRefresh()
    if request.GET.get("seen") == f"{run.state}-{run.share}":
        return HttpResponse(status=204)
    return render(request, "measures/exchange/run.html#progress", {"run": run, "once": OnceForm()})


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request, strategy, pk):
    """What the headings of a city's own table stand for."""
    if request.method == "POST" and (location := led_before(request)):
        return redirect(location)
    run = run_of(request, pk)
    if run.state not in ImportRun.name_columns.sources:
        return redirect(run)
    form = columns_form(request, run)
    if request.method == "POST" and form.is_valid():
        try:
            location = form.once(request.user, lambda: name_columns(request, run, form))
        except RuleViolation as refusal:
            form.add_error(None, refusal)
        else:
            set_to_work(run, is_quick=running.is_small(run))
            return redirect(location)
    context = {"run": run, "form": form, "once": OnceForm(), "is_checked": run.state == ImportRun.State.READY}
    return render(request, "measures/exchange/columns.html", context)


def columns_form(request, run):
    typed = [column for column in columns_of(run.strategy) if column.field or column.name in (CODE, VERSION)]
    return ColumnsForm(
        request.POST if request.method == "POST" else None,
        headings=run.headings,
        samples=run.samples,
        columns=[(column.name, column.heading) for column in typed],
        suggested=run.columns or suggested(run.headings, run.strategy),
    )


def name_columns(request, run, form):
    run.name_columns(by=request.actor, columns=form.columns)
    return run.get_absolute_url()


@require_POST
def confirm(request, strategy, pk):
    """Have it taken over: a few rows now, many by a worker. A second click changes nothing."""
    return step(request, pk, lambda run, form: run.confirm(by=request.actor, **form.details()))


@require_POST
def cancel(request, strategy, pk):
    return step(request, pk, lambda run, form: run.cancel(by=request.actor))


def step(request, pk, deed):
    if location := led_before(request):
        return redirect(location)
    run, form = run_of(request, pk), ConfirmForm(request.POST)
    if not form.is_valid():
        return redirect(run)

    def take():
        deed(run, form)
        return run.get_absolute_url()

    try:
        form.once(request.user, take)
    except RuleViolation:
        return redirect(run)  # the page says where it stands by now
    if run.state == ImportRun.State.CONFIRMED:
        set_to_work(run, is_quick=running.has_few(run))
    return redirect(run)
