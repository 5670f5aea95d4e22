// The Source view: problems at their lines while one types, saving without leaving the page, and a text that is never lost
// (a copy in this browser's session until it is saved, and a question before the page is left).
(() => {
  const form = document.getElementById("source-form");
  const area = document.getElementById("source-text");
  const unsaved = document.getElementById("source-unsaved");
  const offer = document.getElementById("source-copy");
  const place = `source ${document.body.dataset.mine} ${location.pathname}`;
  let saved = "unsaved" in form.dataset ? null : area.value;
  let sent = null; // the text of the save that is on its way
  let leaving = false;

  // ---------------------------------------------------------------- the copy in this browser
  const isDirty = () => area.value !== saved;
  function keepCopy() {
    try {
      if (!isDirty()) return sessionStorage.removeItem(place);
      const began = Object.fromEntries([...form.querySelectorAll("#source-began input")].map((each) => [each.name, each.value]));
      sessionStorage.setItem(place, JSON.stringify({ text: area.value, began, at: new Date().toISOString() }));
    } catch {
      // No room, or switched off by the person: the question before leaving remains.
    }
    return undefined;
  }
  function copy() {
    try {
      return JSON.parse(sessionStorage.getItem(place));
    } catch {
      return null;
    }
  }
  function offerCopy() {
    const kept = copy();
    if (!kept || kept.text === area.value) return;
    const at = new Date(kept.at);
    const time = offer.querySelector("[data-copied]");
    time.dateTime = kept.at;
    time.textContent = at.toLocaleString();
    offer.hidden = false;
    offer.querySelector("[data-copy-back]").addEventListener("click", () => {
      for (const [name, value] of Object.entries(kept.began)) form.elements[name].value = value;
      offer.hidden = true;
      show(kept.text);
    });
    offer.querySelector("[data-copy-drop]").addEventListener("click", () => {
      offer.hidden = true;
      keepCopy();
    });
  }
  function show(text) {
    area.value = text;
    area.dispatchEvent(new Event("code:show", { bubbles: true }));
    tell();
    htmx.trigger(area, "source-check");
  }

  function tell() {
    unsaved.hidden = !isDirty();
    if (offer.hidden) keepCopy();
  }
  area.addEventListener("input", tell);
  window.addEventListener("beforeunload", (event) => {
    if (isDirty() && !leaving) event.preventDefault();
  });

  // ---------------------------------------------------------------- saving
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    form.querySelector('[name="do"][value="save"]').click(); // htmx sends the button that was clicked
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.elt === form) {
      sent = area.value;
      htmx.trigger(area, "htmx:abort");
    } else if (event.detail.elt === area && sent !== null) {
      event.preventDefault(); // what is saved is checked with it
    }
  });
  document.addEventListener("source-saved", () => {
    saved = sent;
    offer.hidden = true;
    tell();
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.elt !== form) return;
    const text = sent;
    sent = null;
    if (text !== area.value) htmx.trigger(area, "source-check");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    if (target.id !== "source-state" || ![409, 422].includes(xhr.status)) return;
    if (!xhr.getResponseHeader("Content-Type").startsWith("text/html")) return; // a refusal of the page as such
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("a[data-leaves]")) leaving = true;
    const link = event.target.closest("a[data-goes]");
    if (!link) return;
    event.preventDefault();
    const line = Number(link.closest("[data-line]").dataset.line);
    area.dispatchEvent(new CustomEvent("code:line", { bubbles: true, detail: line }));
  });

  // ---------------------------------------------------------------- problems at their lines
  function mark() {
    const problems = [...document.querySelectorAll("#source-state [data-line]")].map((each) => ({
      line: Number(each.dataset.line),
      level: each.dataset.level,
      text: each.querySelector("[data-says]").textContent,
    }));
    area.dispatchEvent(new CustomEvent("code:problems", { bubbles: true, detail: problems }));
  }
  area.addEventListener("code:ready", mark);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.detail.target?.id === "source-state") mark();
  });
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    const title = document.getElementById("conflict-title");
    if (event.detail.target?.id !== "source-conflict" || !title || sent === null) return;
    title.focus();
    title.scrollIntoView({ block: "center" });
  });

  for (const button of form.querySelectorAll("[data-plain]")) button.hidden = true;
  offerCopy();
  tell();
})();
