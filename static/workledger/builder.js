// The Builder saves by itself, and loses nothing: what is typed is sent after a short pause, tried again while the
// server does not answer, and kept in the tab until it was saved. Without this script every control is a plain form.
(() => {
  const words = JSON.parse(document.getElementById("builder-words").textContent);
  document.documentElement.classList.add("scripted");
  const PAUSE = { input: 700, change: 120 };
  const LONGEST_RETRY = 30_000;
  let timer = 0;
  let retry = 0; // the length of the pause before the next try; 0: the last one worked
  let sent = null; // what was sent of each field
  let refused = false; // the last one, so that it is not sent again until something else is typed
  let typed = new Map(); // what was typed while a save was under way, by the field's name
  let onward = ""; // where the person wants to go once everything is saved

  const builder = () => document.getElementById("builder");
  const part = () => document.querySelector("form[data-part]");
  const storeKey = (form) => `builder ${document.body.dataset.mine} ${location.pathname} ${form.id}`;

  // ---------------------------------------------------------------- what was typed
  function fieldsOf(form) {
    return [...form.elements].filter((field) => field.name && field.type !== "hidden" && field.tagName !== "BUTTON" && !("quiet" in field.dataset));
  }
  function isDirty(form = part()) {
    return Boolean(form) && fieldsOf(form).some((field) => valueOf(field) !== savedValueOf(field));
  }
  function valueOf(field) {
    return field.type === "checkbox" ? String(field.checked) : field.value;
  }
  function savedValueOf(field) {
    if (field.type === "checkbox") return String(field.defaultChecked);
    if (field instanceof HTMLSelectElement) {
      const marked = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
      return marked ? marked.value : "";
    }
    return field.defaultValue;
  }
  function markSaved(field, value) {
    if (field.type === "checkbox") field.defaultChecked = value === "true";
    else if (field instanceof HTMLSelectElement) for (const option of field.options) option.defaultSelected = option.value === value;
    else field.defaultValue = value;
  }
  function say(text, kind) {
    const place = document.getElementById("builder-saved");
    place.textContent = text;
    place.dataset.kind = kind;
  }
  function keep(form) {
    const values = Object.fromEntries(fieldsOf(form).map((field) => [field.name, valueOf(field)]));
    sessionStorage.setItem(storeKey(form), JSON.stringify(values));
  }

  // ---------------------------------------------------------------- saving
  function saveSoon(pause) {
    clearTimeout(timer);
    timer = setTimeout(saveNow, pause);
  }
  function saveNow() {
    clearTimeout(timer);
    const form = part();
    if (isDirty(form)) htmx.trigger(form, "save");
    else if (onward) location.assign(onward);
  }
  function onTyped(event, pause) {
    const form = event.target.closest?.("form[data-part]");
    if (!form || "quiet" in event.target.dataset || !event.target.name) return;
    if (!isDirty(form)) return;
    keep(form);
    say(words.unsaved, "wait");
    saveSoon(pause);
  }
  document.addEventListener("input", (event) => onTyped(event, PAUSE.input));
  document.addEventListener("change", (event) => onTyped(event, PAUSE.change));

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (!event.detail.elt.matches?.("form[data-edit]")) return;
    clearTimeout(timer);
    const form = part();
    sent = form ? new Map(fieldsOf(form).map((field) => [field, valueOf(field)])) : new Map();
    say(words.saving, "busy");
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "builder") return;
    const status = event.detail.xhr.status;
    if (status === 409 || status === 422) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
      refused = true;
      onward = "";
      say(words.unsaved, "wait");
      return;
    }
    if (status !== 200) return;
    letGo();
    const saves = /^(save$|drop:|$)/.test(event.detail.requestConfig.parameters.do ?? ""); // others may lead to another part
    const later = saves && sent && part() ? fieldsOf(part()).filter((field) => valueOf(field) !== (sent.get(field) ?? savedValueOf(field))) : [];
    typed = new Map(later.map((field) => [field.name, valueOf(field)]));
    for (const [field, value] of sent ?? []) markSaved(field, value);
    retry = 0;
    refused = false;
    const form = part();
    if (form) sessionStorage.removeItem(storeKey(form));
    if (!typed.size) say(words.saved, "good");
  });
  function isOfBuilder(event) {
    return event.detail.target?.id === "builder" || event.target.id === "builder";
  }
  document.addEventListener("htmx:afterSwap", (event) => isOfBuilder(event) && putBack()); // before the next save in line reads the form
  document.addEventListener("htmx:afterSettle", (event) => {
    if (!isOfBuilder(event)) return;
    setUp();
    if (isDirty()) {
      keep(part());
      say(words.unsaved, "wait");
      if (!refused) saveSoon(PAUSE.input);
    } else if (onward) location.assign(onward);
    else takeHold();
  });

  // The answer to a save that was under way does not know the rows that came since: they stay.
  Idiomorph.defaults.callbacks.beforeNodeRemoved = (node) => !(node instanceof Element && node.matches("[data-new]"));

  // What came in between goes on standing in its field: the answer is older than it.
  function putBack() {
    for (const field of typed.size && part() ? fieldsOf(part()) : []) {
      if (!typed.has(field.name) || valueOf(field) === typed.get(field.name)) continue;
      if (field.type === "checkbox") field.checked = typed.get(field.name) === "true";
      else field.value = typed.get(field.name);
    }
    typed = new Map();
  }

  // A morph leaves what is inside the focused element as it was; of a link or a button for a part that would be old words.
  // So the focus is taken off before, and put back where the same thing is then.
  let held = null;
  function letGo() {
    const focused = document.activeElement;
    if (!focused?.matches("#builder button, #builder a, #builder summary")) return;
    const key = focused.closest("li[data-key]")?.dataset.key;
    if (!key && !focused.value) return;
    held = key ? `li[data-key="${CSS.escape(key)}"] a` : `button[value="${CSS.escape(focused.value)}"]`;
    focused.blur();
  }
  function takeHold() {
    if (document.activeElement !== document.body) return;
    const again = held && builder().querySelector(held);
    held = null;
    if (again) again.focus({ preventScroll: true });
    else focusFirst();
  }

  function tryAgain(event) {
    if (!event.detail.elt?.matches?.("form[data-edit]")) return;
    if (event.type === "htmx:responseError" && event.detail.xhr.status < 500) {
      say(words.unsaved, "bad"); // refused as a whole: trying it again would not help
      return;
    }
    retry = Math.min(retry ? retry * 2 : 2_000, LONGEST_RETRY);
    say(words.offline, "bad");
    if (isDirty()) saveSoon(retry);
  }
  for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(name, tryAgain);
  window.addEventListener("online", saveNow);

  // ---------------------------------------------------------------- leaving and coming back
  window.addEventListener("beforeunload", (event) => {
    if (isDirty()) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.target || link.dataset.to || !isDirty()) return;
    if (link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    onward = link.href;
    saveNow();
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && !isDirty()) htmx.ajax("GET", location.href, { target: "#builder", swap: "morph:outerHTML" });
  });
  function offerKept() {
    const form = part();
    const kept = form && sessionStorage.getItem(storeKey(form));
    if (!kept) return;
    const values = JSON.parse(kept);
    const differing = fieldsOf(form).filter((field) => field.name in values && values[field.name] !== valueOf(field));
    if (!differing.length) {
      sessionStorage.removeItem(storeKey(form));
      return;
    }
    const note = document.getElementById("builder-kept").content.firstElementChild.cloneNode(true);
    note.querySelector("[data-use]").addEventListener("click", () => {
      for (const field of differing) {
        if (field.type === "checkbox") field.checked = values[field.name] === "true";
        else field.value = values[field.name];
      }
      note.remove();
      saveNow();
    });
    note.querySelector("[data-discard]").addEventListener("click", () => {
      sessionStorage.removeItem(storeKey(form));
      note.remove();
    });
    document.getElementById("builder-main").prepend(note);
  }

  // ---------------------------------------------------------------- the outline
  function post(values) {
    const form = document.getElementById("builder-drag");
    for (const field of form.querySelectorAll("[data-value]")) field.remove();
    for (const [name, value] of Object.entries(values)) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name, value });
      field.dataset.value = "";
      form.append(field);
    }
    htmx.trigger(form, "submit");
  }
  function moved(item, list, index) {
    post({ do: "drag", path: item.dataset.path, key: item.dataset.key, to: list.dataset.list, to_key: list.dataset.owner, index });
  }
  function setUp() {
    for (const list of document.querySelectorAll("[data-list]:not([data-ready])")) {
      list.dataset.ready = "";
      Sortable.create(list, {
        group: list.dataset.holds,
        handle: ".outline-row > i",
        animation: 120,
        onEnd: (event) => {
          if (event.from === event.to && event.newIndex === event.oldIndex) return;
          const later = event.from === event.to && event.newIndex > event.oldIndex;
          moved(event.item, event.to, event.newIndex + (later ? 1 : 0));
        },
      });
    }
  }
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
    const item = event.target.closest?.(".outline-row")?.closest("li[data-path]");
    if (!item) return;
    event.preventDefault();
    const list = item.parentElement;
    const index = [...list.children].indexOf(item);
    const to = event.key === "ArrowUp" ? index - 1 : index + 2;
    if (to >= 0 && to <= list.children.length) moved(item, list, to);
  });
  function focusFirst() {
    const fields = [...document.querySelectorAll("#builder-main input:not([type=hidden]), #builder-main textarea, #builder-main select")];
    const empty = (field) => !field.value && !field.closest(".builder-names, details:not([open])") && field.getClientRects().length;
    const needed = (field) => empty(field) && field.closest(".builder-control")?.querySelector(".required");
    const open = builder().dataset.focus === "empty" ? fields.find(needed) || fields.find((field) => empty(field) && field.type === "textarea") : null;
    (open || fields[0])?.focus({ preventScroll: true });
  }

  // ---------------------------------------------------------------- the menu of what can be added
  document.addEventListener("input", (event) => {
    const id = event.target.dataset?.filters;
    if (!id) return;
    const wanted = event.target.value.trim().toLowerCase();
    const place = document.getElementById(id);
    for (const offer of place.querySelectorAll("[data-offer]")) offer.hidden = !offer.textContent.toLowerCase().includes(wanted);
    for (const group of place.querySelectorAll("[data-group]")) group.hidden = !group.querySelector("[data-offer]:not([hidden])");
    place.querySelector("[data-nothing]").hidden = Boolean(place.querySelector("[data-offer]:not([hidden])"));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.dataset?.filters) return;
    event.preventDefault();
    document.querySelector(`#${event.target.dataset.filters} [data-offer]:not([hidden]):not([disabled])`)?.click();
  });

  setUp();
  offerKept();
  if (builder().dataset.focus) focusFirst();
})();
