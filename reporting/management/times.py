from datetime import datetime, time

from django.utils import timezone


def noon(day):
    return timezone.make_aware(datetime.combine(day, time(12)))
