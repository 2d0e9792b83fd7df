"""Works on uploaded tables: reads them, plans what they would change, and takes it over in one piece or not at all."""

import zipfile
from functools import partial

import structlog
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from measures.models import EditConflict, ImportRun, Measure
from measures.models.import_run import RunStoppedError
from strategy.actor import Actor
from strategy.models import Deputyship
from strategy.workflow import RuleViolation

from . import milestones
from .mapping import mapped, tells_rows
from .planning import plan_of
from .reader import UnreadableError, read, read_beside, shown

log = structlog.get_logger(__name__)

State = ImportRun.State

SHEETS = ("Maßnahmen", "Measures")
SMALL = 400_000  # bytes, unpacked: below it a page waits for the answer, above it a worker does the work
FEW_ROWS, FEW = 300, 60  # rows to be planned, and to be taken over, likewise
SAMPLES = 3
EVERY = 25  # rows between two signs of life


def is_small(run):
    """Whether reading and planning it takes no longer than a page may; what cannot be read is refused at once."""
    with run.file.open() as file:
        if unpacked(file, run.size) > SMALL:
            return False
    try:
        return len(tables_of(run)[0].rows) <= FEW_ROWS
    except UnreadableError:
        return True


def unpacked(file, size):
    try:
        with zipfile.ZipFile(file) as archive:
            return sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        return size


def has_few(run):
    return sum(len(run.preview[name]) for name in ("new", "changed", "amendments")) < FEW


def work(pk):
    """Do what the run waits for. Does nothing where somebody else is at it or nobody wants it any more."""
    run = ImportRun.objects.select_related("strategy", "owner", "in_place_of").filter(pk=pk).first()
    if run is None:
        return
    with override(run.language):
        try:
            if run.claim(State.WAITING, State.READING):
                prepare(run)
            elif run.claim(State.CONFIRMED, State.TAKING):
                take_over(run)
        except RunStoppedError:
            log.info("import_stopped", run=str(run.pk))
        except (UnreadableError, PermissionDenied) as refusal:
            run.give_up(" ".join(getattr(refusal, "messages", [_("You may not import measures any more.")])))
        except Exception:
            run.give_up(_("Something went wrong in the portal; the operators find the details in the log."))
            raise


def prepare(run):
    """Read the table; go on with the question about its columns, or with what it would change."""
    table, beside = tables_of(run)
    names = run.columns or mapped(table.headings, run.strategy)
    noted = {"headings": table.headings, "samples": samples_of(table)}
    if tells_rows(names):
        plan = plan_of(table, names, run.strategy, actor_of(run), progress_of(run, table), beside)
        run.go_on(State.READY, columns=names, preview=plan.told(), digest=plan.digest(), **noted)
    else:
        run.go_on(State.MAPPING, **noted)


def tables_of(run):
    """The measures, and the milestones beside them where there are any."""
    with run.file.open() as file:
        content = file.read()
    return read(content, SHEETS), read_beside(content, milestones.SHEETS)


def samples_of(table):
    """What stands below each heading first, for who has to say what it means."""
    columns = zip(*(row.cells for row in table.rows), strict=True)
    found = [[shown(value) for value in column if shown(value)] for column in columns]
    return [[text[:80] for text in texts[:SAMPLES]] for texts in found] or [[] for _heading in table.headings]


def progress_of(run, table):
    def progress(done):
        if done % EVERY == 0:
            run.advance(done, len(table.rows))

    return progress


def actor_of(run):
    """The person with the rights they have now. Raises PermissionDenied."""
    actor = Actor.of(run.owner)
    if run.in_place_of_id:
        usable = Deputyship.objects.usable_by(run.owner).filter(
            membership__user=run.in_place_of_id, membership__strategy=run.strategy_id
        )
        deputyship = usable.first()
        actor = Actor.deputising(run.owner, deputyship) if deputyship else Actor(run.owner)
    if not actor.has_perm("measures.add_importrun", run.strategy):
        raise PermissionDenied("measures.add_importrun")
    return actor


def take_over(run):
    """As it was shown; where something has changed since, it is shown once more instead."""
    actor, (table, beside) = actor_of(run), tables_of(run)
    plan = plan_of(table, run.columns, run.strategy, actor, milestones=beside)
    if plan.digest() != run.digest:
        return show_again(run, plan)
    try:
        with transaction.atomic():
            result = apply(plan, by=actor, with_amendments=run.with_amendments)
            run.go_on(State.DONE, result=result)
            run.forget_file()
    except (EditConflict, RuleViolation):
        return show_again(run, plan_of(table, run.columns, run.strategy, actor, milestones=beside))


def show_again(run, plan):
    problem = _("Something has changed since this was shown. Please look at it once more.")
    run.go_on(State.READY, preview=plan.told(), digest=plan.digest(), problem=problem)


def apply(plan, *, by, with_amendments=False):
    """All or nothing, through the verbs; returns what has come of it, for the page that tells it.

    Raises:
        PermissionDenied, EditConflict, RuleViolation: nothing has been changed.
    """
    with transaction.atomic():
        for row in sorted(plan.changed, key=lambda row: row.measure.pk):
            save = partial(row.milestones.save, row.measure, by)
            row.measure.edit(by=by, version=row.measure.version, changes=dict(row.values), milestones=save)
        created = [Measure.objects.create_draft(by=by, **row.values).code for row in plan.new]
        amended = [amend(row, by) for row in plan.amendments] if with_amendments else []
    return {
        "created": created,
        "changed": len(plan.changed),
        "cells": plan.cells_changed,
        "unchanged": plan.unchanged,
        "amended": [code for code in amended if code],
        "to_amend": [row.code for row in plan.amendments if row.code not in amended],
    }


def amend(row, by):
    """Open an amendment where one can be opened now; returns the code, or nothing."""
    measure = row.measure
    if measure.may("amend", by) and not measure.open_amendment():
        measure.amend(by=by, core=row.values)
        return measure.code


def give_up_lost(run):
    with override(run.language):
        run.give_up(_("The process that worked on it is gone, perhaps it was restarted. Please upload the file again."))
