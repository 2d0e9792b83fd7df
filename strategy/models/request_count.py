from django.db import connection, models


class RequestCountQuerySet(models.QuerySet):
    COUNT = """
        INSERT INTO strategy_requestcount AS kept (who, span, number) VALUES (%s, %s, 1)
        ON CONFLICT (who) DO UPDATE SET
            number = CASE WHEN kept.span = excluded.span THEN kept.number + 1 ELSE 1 END,
            span = excluded.span
        RETURNING number
    """

    def count_one(self, who, span):
        """One more request of theirs within this span of time. Returns how many there have been in it."""
        with connection.cursor() as cursor:
            cursor.execute(self.COUNT, [who, span])
            return cursor.fetchone()[0]

    def stale(self, minute):
        """Of those who have not asked for an hour."""
        return self.filter(span__lt=minute - 60)


class RequestCount(models.Model):
    """How many requests somebody has made in the span of time that runs; one row each, counted on or begun anew."""

    who = models.CharField(primary_key=True, max_length=60)
    span = models.BigIntegerField()
    number = models.PositiveIntegerField()

    objects = RequestCountQuerySet.as_manager()

    def __str__(self):
        return self.who
