"""Sheets of paper: sections with their running lines, on A4 with the margins of the printed report."""

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.shared import Mm, Pt

from reporting.print.german import shortened

from .markup import field, run, twips, w

UPRIGHT, ACROSS = (210, 297), (297, 210)
MARGINS = {False: (24, 20, 20, 25), True: (26, 20, 20, 20)}  # top, right, bottom, left; of a wide page
RUNNING_LINE = 12  # mm from the edge
LONGEST_LINE = 100


class Sections:
    """Begins one section after another; their first pages bear their name already, the very first no number."""

    def __init__(self, document):
        self.document, self.begun, self.is_wide = document, 0, False

    @property
    def width(self):
        """Of the text, in millimetres."""
        _, right, _, left = MARGINS[self.is_wide]
        return (ACROSS if self.is_wide else UPRIGHT)[0] - right - left

    def begin(self, part, foot, *, is_wide=False):
        """What follows stands on a new page, under this part's name and over this foot."""
        self.is_wide = is_wide
        section = self._next()
        self._set_page(section)
        section.different_first_page_header_footer = True
        self._run_line(section.header, shortened(part, LONGEST_LINE))
        self._run_line(section.first_page_header, "")
        self._run_line(section.footer, shortened(foot, LONGEST_LINE), is_numbered=True)
        self._run_line(section.first_page_footer, shortened(foot, LONGEST_LINE), is_numbered=self.begun > 1)

    def _next(self):
        self.begun += 1
        if self.begun == 1:
            return self.document.sections[0]
        section = self.document.add_section(WD_SECTION.NEW_PAGE)
        self._close_in_the_last_paragraph()
        return section

    def _close_in_the_last_paragraph(self):
        """The section that ends stands in a paragraph; an empty one would fill a page behind a full one."""
        closing = self.document.element.body.sectPr.getprevious()
        last = closing.getprevious()
        if last.tag == closing.tag:
            last.get_or_add_pPr().append(closing.pPr.sectPr)
            closing.getparent().remove(closing)
        else:
            spacing = closing.pPr.get_or_add_spacing()
            spacing.line, spacing.after = Pt(1), Pt(0)

    def _set_page(self, section):
        width, height = ACROSS if self.is_wide else UPRIGHT
        top, right, bottom, left = MARGINS[self.is_wide]
        section.orientation = WD_ORIENT.LANDSCAPE if self.is_wide else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Mm(width), Mm(height)
        section.top_margin, section.right_margin = Mm(top), Mm(right)
        section.bottom_margin, section.left_margin = Mm(bottom), Mm(left)
        section.header_distance = section.footer_distance = Mm(RUNNING_LINE)

    def _run_line(self, place, words, *, is_numbered=False):
        place.is_linked_to_previous = False
        paragraph = place.paragraphs[0]._p
        paragraph.get_or_add_pPr()._insert_tabs(w("tabs", w("tab", val="right", pos=twips(self.width))))
        paragraph.append(run(words))
        if is_numbered:
            paragraph.extend([w("r", w("tab")), *field("PAGE", style="PageNumber")])
