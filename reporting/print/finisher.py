"""What WeasyPrint leaves out of PDF/UA-1 and PDF/A-3a, added just before the file is written.

Scope of table heads, boxes of figures in points from the bottom of their page, the identifier tree of the structure,
the PDF/UA mark in the metadata, and hyphens at line ends that read as soft hyphens.
"""

import pydyf

POINTS_PER_PIXEL = 0.75
# PDF/A wants every schema it does not know described; PDF/UA's is one of them.
UA_METADATA = b"""
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
 <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
  <pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
  <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
  <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
  <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
   <pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
   <pdfaProperty:category>internal</pdfaProperty:category>
   <pdfaProperty:description>PDF/UA version</pdfaProperty:description>
  </rdf:li></rdf:Seq></pdfaSchema:property>
 </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def finish(document, pdf):
    """WeasyPrint's ``finisher``: takes the laid-out document and the file about to be written."""
    for page in document.pages:
        give_scope(page)
    heights = {
        reference: page.height * POINTS_PER_PIXEL
        for reference, page in zip(pdf.page_references, document.pages, strict=True)
    }
    identified, root = [], None
    for part in pdf.objects:
        if isinstance(part, pydyf.Stream):
            finish_stream(part)
        elif isinstance(part, pydyf.Dictionary):
            finish_dictionary(part, heights)
            if "ID" in part and part.get("Type") == "/StructElem":
                identified.append((name_bytes(part["ID"]), part))
            root = part if part.get("Type") == "/StructTreeRoot" else root
    if identified:
        add_identifier_tree(pdf, root, sorted(identified, key=lambda named: named[0]))


def give_scope(page):
    """From the HTML attribute to the structure element that WeasyPrint made of the cell."""
    boxes = [page._page_box]
    while boxes:
        box = boxes.pop()
        boxes.extend(getattr(box, "children", ()) or ())
        mark = getattr(box, "mark", None)
        if mark is not None and mark.get("S") == "/TH":
            mark["A"]["Scope"] = "/Row" if (box.element.get("scope") or "").startswith("row") else "/Column"


def finish_stream(stream):
    if stream.extra.get("Type") == "/Metadata":
        stream.stream = [as_bytes(part).replace(b"</rdf:RDF>", UA_METADATA + b"</rdf:RDF>") for part in stream.stream]
    elif any(isinstance(part, bytes) and b"beginbfchar" in part for part in stream.stream):
        # The hyphen U+2010 stands at line ends only; read as U+00AD, copied and spoken words join again.
        stream.stream = [
            part.replace(b"<2010>", b"<00ad>") if isinstance(part, bytes) else part for part in stream.stream
        ]


def finish_dictionary(part, heights):
    if part.get("Type") == "/StructElem" and part["S"] == "/Figure":
        part["A"]["BBox"] = in_points(part["A"]["BBox"], heights[part["Pg"]])
        part["A"]["Placement"] = "/Block"
    elif "Title" in part and "Parent" in part:  # a bookmark: code and title are parted by a tab
        part["Title"] = pydyf.String(part["Title"].string.replace("\t", " "))


def in_points(box, page_height):
    """WeasyPrint measures in pixels from the top, PDF in points from the bottom."""
    left, top, right, bottom = (value * POINTS_PER_PIXEL for value in box)
    return pydyf.Array(round(value, 2) for value in (left, page_height - bottom, right, page_height - top))


def add_identifier_tree(pdf, root, identified):
    names = pydyf.Array()
    for name, element in identified:
        names += [pydyf.String(name), element.reference]
    limits = pydyf.Array([pydyf.String(identified[0][0]), pydyf.String(identified[-1][0])])
    leaf = pydyf.Dictionary({"Names": names, "Limits": limits})
    pdf.add_object(leaf)
    tree = pydyf.Dictionary({"Kids": pydyf.Array([leaf.reference])})
    pdf.add_object(tree)
    root["IDTree"] = tree.reference


def name_bytes(identifier):
    text = identifier.string
    return text.encode("latin-1", "replace") if isinstance(text, str) else text


def as_bytes(part):
    return part if isinstance(part, bytes) else part.encode()
