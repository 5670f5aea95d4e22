"""Opens pages and looks for elements and attributes that foreign texts would have made, and for the texts themselves."""

from dataclasses import dataclass, field

from playwright.sync_api import Page

FOREIGN = """(payloads) => {
  const found = [];
  const strange = new Set(["iframe", "object", "embed", "base", "math", "marquee", "isindex", "audio", "video",
                           "source", "animate", "x", "scr<script", "frame", "applet", "foreignobject"]);
  const roots = [document];
  for (const root of roots) for (const each of root.querySelectorAll("*")) {
    const name = each.localName;
    if (each.shadowRoot || (name === "template" && each.hasAttribute("shadowrootmode"))) found.push("a shadow root");
    if (name === "template") roots.push(each.content);
    if (strange.has(name)) found.push(name);
    for (const {name: key, value} of each.attributes) {
      if (key === "style" && each.closest(".cm-editor")) continue; // CodeMirror lays out by the CSSOM, which the policy lets it
      if (/^on|^hx-on|^style$|^srcdoc$/.test(key) || (key === "autofocus" && each.id !== "problem"))
        found.push(`${name}[${key}=${value}]`);
      if (/^(href|src|action|formaction|xlink:href|data|poster|hx-get|hx-post|background)$/.test(key)
          && !["http:", "https:"].includes(new URL(value, document.baseURI).protocol)) found.push(`${name}[${key}=${value}]`);
      if (/^(href|src|action|formaction|xlink:href|hx-get|hx-post)$/.test(key)
          && new URL(value, document.baseURI).host !== location.host) found.push(`${name}[${key}=${value}]`);
      if (key === "hx-vals" && /^js/.test(value)) found.push(`${name}[${key}=${value}]`);
    }
    if (name === "img" && !each.getAttribute("src").startsWith("/static/")) found.push("img");
    if (name === "script" && !each.src && !["application/json", "importmap"].includes(each.type)) found.push("an inline script");
    if (name === "style" && each.textContent.match(/evil|display:none/)) found.push("a style");
    if (name === "meta" && each.httpEquiv) found.push("a refresh");
  }
  if (document.querySelectorAll("body").length !== 1 || document.querySelectorAll("title").length > 1 + document.querySelectorAll("svg title").length)
    found.push("a second body or title");
  return found;
}"""
"""What a page never has by itself: the elements and attributes that the payloads try to make."""

TEXT = """() => {
  const copy = document.documentElement.cloneNode(true);
  for (const each of copy.querySelectorAll("script, style")) each.remove();
  const values = [...document.querySelectorAll("input, textarea, option")].map((each) => each.value);
  return [copy.textContent, ...values].join(" ");
}"""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One page: its URL name, its address, and texts that people must be able to read there."""

    name: str
    address: str
    shows: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Sweep:
    """Opens pages and keeps what is wrong with each."""

    page: Page
    wrong: list[str] = field(default_factory=list)

    def visit(self, visit: Visit) -> None:
        """Open it and look."""
        answer = self.page.goto(visit.address)
        assert answer is not None
        if answer.status >= 500:
            self.wrong.append(f"{visit.address}: {answer.status}")
        self.look(visit)

    def look(self, visit: Visit) -> None:
        """At the page that is open, with everything unfolded."""
        self.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        # What is unfolded is fetched; a poll of a live region comes seconds later.
        self.page.locator(".htmx-request").first.wait_for(state="detached")
        for what in self.page.evaluate(FOREIGN):
            self.wrong.append(f"{visit.address}: {what}")
        text = squeezed(self.page.evaluate(TEXT))
        self.wrong += [
            f"{visit.address} does not show {each}" for each in visit.shows if squeezed(each) not in text
        ]


def squeezed(text: str) -> str:
    """Without what a page changes on purpose: blanks, and the characters that nobody sees, which it writes as codes."""
    for code in ("\u202e", "\u202c", "\\u202e", "\\u202c", "\\t"):
        text = text.replace(code, "")
    return "".join(text.split())
