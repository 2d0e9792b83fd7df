"""The printed council report: a projection goes in, an accessible PDF comes out; no models, no database.

    from reporting.print import projection
    from reporting.print.render import quiet_collector, render, versions

    report = projection.Projection(as_of="2026-09-30", strategy=…, paper=…, made_with=versions(), …)
    data = projection.canonical(report)          # what is stored, with projection.digest(data)
    with quiet_collector():                      # in a worker process only
        pdf = render(projection.read(data), progress=lambda phase, share: …)

``render`` attaches those same bytes as ``datenstand.json`` and prints their SHA-256 on the last page.
``progress`` is called with a phase (``contents``, ``layout``, ``numbering``, ``writing``) and the share of the whole
that is done (0–1); what it raises ends the render, which is how a build is cancelled.
``checker.check(pdf)`` returns what is wrong with the structure, an empty list when nothing is.
"""
