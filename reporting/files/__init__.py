"""The other files of a report, beside its PDF: rendered from the projection alone, equal data giving equal bytes.

Like ``reporting.print`` it knows neither database nor request.
"""
