"""What a browser without JavaScript would send of a form on a page."""

from html.parser import HTMLParser


class _Forms(HTMLParser):
    def __init__(self, id_):
        super().__init__()
        self._id = id_
        self._inside = False
        self._area = ""
        self._select = ""
        self.fields = {}
        self.buttons = []

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("id") == self._id
        if not self._inside or (not found.get("name") and tag != "option"):
            return
        name = found.get("name", "")
        if tag == "input" and (found.get("type") not in ("checkbox", "radio") or "checked" in found):
            self.fields[name] = found.get("value", "")
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "button":
            self.buttons.append((name, found.get("value", ""), "disabled" in found))
        elif tag == "option" and self._select:
            self.fields.setdefault(self._select, found.get("value", ""))
            if "selected" in found:
                self.fields[self._select] = found.get("value", "")

    def handle_data(self, data):
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag):
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._area:
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")  # as browsers do
            self._area = ""
        elif tag == "select":
            self._select = ""


def form_on(page, id_):
    """The fields of a form, by name, as they would be sent untouched; without those of buttons."""
    reader = _Forms(id_)
    reader.feed(page.content.decode())
    assert reader.fields, f"There is no form {id_} on the page."
    return {name: value.replace("\r\n", "\n").replace("\n", "\r\n") for name, value in reader.fields.items()}


def buttons_on(page, id_):
    """The buttons of a form that can be pressed, as `do` sends them."""
    reader = _Forms(id_)
    reader.feed(page.content.decode())
    return [value for name, value, disabled in reader.buttons if name == "do" and not disabled]
