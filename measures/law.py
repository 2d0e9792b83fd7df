"""What the law says about taking part, as notes beside the records; the portal draws no consequence from any of it.

The words are ours, after the source named with each. Where the wording of the law itself could not be read, the note
says that it has to be verified.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from measures.models import StaffParticipation

Kind = StaffParticipation.Kind
COMMENTARY = "https://haufe.de/oeffentlicher-dienst/tvoed-office-professional/"

NO_CONSEQUENCE = _(
    "What follows from an answer or from silence is for the responsible office to judge; "
    "this portal draws no consequence."
)


@dataclass(frozen=True)
class Note:
    provision: str | Promise
    text: str | Promise
    source: str
    is_verified: bool = True


START_OF_THE_PERIOD = Note(
    _("Start of the period"),
    _("The period does not run before the information is complete (Federal Administrative Court, 6 P 7/87)."),
    "https://haufe.de/recht/deutsches-anwalt-office-premium/bverwg-beschluss-vom-08111989-6-p-787_idesk_PI17574_HI1215799.html",
)
OF_PARTICIPATION = {
    Kind.CODETERMINATION: (
        Note(
            _("LPVG §§ 74, 75"),
            _(
                "The measure is not carried out without consent. Where co-determination is limited, the conciliation "
                "board only recommends, in municipalities to the municipal council or its committee."
            ),
            COMMENTARY
            + "hock-stehle-waeldele-ua-bpersvg-78-bpersvg-und-21-baden-wuerttemberg_idesk_PI13994_HI14799346.html",
        ),
        Note(
            _("LPVG § 76"),
            _("The council usually answers within three weeks; a refusal is written and gives its reasons."),
            "https://www.haufe.de/oeffentlicher-dienst/tvoed-office-professional/"
            "hock-stehle-waeldele-ua-bpersvg-70-ff-bpersvg-c-baden-wuerttemberg_idesk_PI13994_HI15984648.html",
            is_verified=False,
        ),
    ),
    Kind.COOPERATION: (
        Note(
            _("LPVG § 81"),
            _(
                "Among others: administrative orders, telework places, selection for training, "
                "principles of HR planning."
            ),
            COMMENTARY + "hock-stehle-waeldele-ua-bpersvg-84-bpersvg-und-311-mitwirkung_idesk_PI13994_HI15132990.html",
        ),
        Note(
            _("LPVG § 82"),
            _(
                "Without a statement within three weeks the intended measure counts as approved; objections give their "
                "reasons; objections not followed are answered in writing with reasons."
            ),
            "https://www.anwalt24.de/gesetze/lpvg-1/82",
        ),
    ),
    Kind.HEARING: (
        Note(
            _("LPVG § 87"),
            _(
                "Among others: HR planning, staff requests for the budget, rooms, building plans and rentals. "
                "Which period holds is not on record here."
            ),
            COMMENTARY
            + "hock-stehle-waeldele-ua-bpersvg-87-bpersvg-und-21-baden-wuerttemberg_idesk_PI13994_HI15130628.html",
            is_verified=False,
        ),
    ),
}
OF_AN_APPLICATION = (
    Note(
        _("LPVG § 84"),
        _(
            "The council applies in writing and with reasons; a refusal is written and gives its reasons. "
            "The law itself names no period for the answer; the deadline here is the strategy's own."
        ),
        "https://justiz-nrw.wolterskluwer-online.de/printlist/add/416911e9-0ee8-35c1-9c36-b6f52b2d6a2a/nrw"
        "?destination=%2Fbrowse%2Fdocument%2F416911e9-0ee8-35c1-9c36-b6f52b2d6a2a",
    ),
)


def notes_on(participation):
    return (*OF_PARTICIPATION[participation.kind], START_OF_THE_PERIOD)
