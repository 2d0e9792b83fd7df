"""Pages as a browser without script sees them: their forms with what stands in them, their text."""

from html.parser import HTMLParser

from django.test import Client


def browser_of(user):
    """Signed in, with the sentences of the source, so that no test hangs on a translation."""
    user.language = "en"
    user.save()
    client = Client()
    client.force_login(user)
    return client


class FormReader(HTMLParser):
    """Collects what a browser would send for the page's POST form to itself."""

    def __init__(self):
        super().__init__()
        self.forms, self.fields, self.select, self.option, self.textarea = [], None, None, None, None
        self.in_template = 0

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "template":
            self.in_template += 1
        if tag == "form" and attrs.get("method") == "post":
            self.fields = []
            self.forms.append((attrs.get("action", ""), self.fields))
        if self.fields is None or self.in_template:
            return
        if tag == "input":
            self.read_input(attrs)
        elif tag == "textarea" and "name" in attrs:
            self.textarea = [attrs["name"], ""]
        elif tag == "select":
            self.select = [attrs["name"], None, "multiple" in attrs]
        elif tag == "option" and self.select and (self.select[1] is None or "selected" in attrs):
            self.select[1] = attrs.get("value", "")

    def read_input(self, attrs):
        kind = attrs.get("type", "text")
        if "name" not in attrs or kind == "submit" or (kind in ("checkbox", "radio") and "checked" not in attrs):
            return
        self.fields.append((attrs["name"], attrs.get("value", "on" if kind == "checkbox" else "") or ""))

    def handle_data(self, text):
        if self.textarea:
            self.textarea[1] += text

    def handle_endtag(self, tag):
        if tag == "template":
            self.in_template -= 1
        elif tag == "textarea" and self.textarea:
            name, text = self.textarea
            self.fields.append((name, text.removeprefix("\n").replace("\n", "\r\n")))
            self.textarea = None
        elif tag == "select" and self.select:
            self.fields.append((self.select[0], self.select[1] or ""))
            self.select = None
        elif tag == "form":
            self.fields = None


class TextReader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.words, self.silent = [], 0

    def handle_starttag(self, tag, attrs):
        self.silent += tag in ("script", "style", "template", "title")

    def handle_endtag(self, tag):
        self.silent -= tag in ("script", "style", "template", "title")

    def handle_data(self, text):
        if not self.silent:
            self.words.append(text)


def typed_on(response, **changes):
    """What would be sent from the page's own form, with these fields typed over; ``None`` leaves a field out."""
    reader = FormReader()
    reader.feed(response.content.decode())
    own = [fields for action, fields in reader.forms if not action]
    assert len(own) == 1, f"{len(own)} forms that go back to this page"
    data = {}
    for name, value in own[0]:
        data.setdefault(name, []).append(value)
    data |= {name: value for name, value in changes.items() if value is not None}
    return {name: value for name, value in data.items() if changes.get(name, "") is not None}


def text_of(response):
    """The words of a page, each space single."""
    reader = TextReader()
    reader.feed(response.content.decode())
    return " ".join(" ".join(reader.words).split())
