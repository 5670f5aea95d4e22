// Fields with expressions: the picker inserts values at the cursor of the field that had the focus last.
(() => {
  const FIELDS = "[data-expression], [data-template], [data-right]";
  let target = null; // the field that had the focus last

  document.documentElement.classList.add("scripted");

  function current() {
    return target?.isConnected ? target : null;
  }

  // ---------------------------------------------------------------- the picker
  const picker = () => document.querySelector("[data-picker]");
  const search = () => picker().querySelector("[data-search]");

  function aim(field) {
    target = field;
    const box = picker();
    if (!box) return;
    box.querySelector("[data-target]").textContent = nameOf(field);
    const name = field.name.replace(/~.*/, "").replace(/^f\./, "").split(".")[0];
    for (const group of box.querySelectorAll("[data-fields]")) {
      group.classList.toggle("is-elsewhere", !group.dataset.fields.split(" ").includes(name));
    }
  }

  function nameOf(field) {
    const group = field.closest("[data-label]")?.dataset.label;
    const own = field.getAttribute("aria-label") || field.labels?.[0]?.textContent.trim() || field.name;
    return group && group !== own ? `${group}: ${own}` : own;
  }

  document.addEventListener("focusin", (event) => {
    if (event.target.matches(FIELDS)) aim(event.target);
  });

  function isShown(element) {
    return element.getClientRects().length > 0;
  }

  function open(button) {
    const box = picker();
    if (!box) return false;
    const around = button.closest("[data-expression-field]")?.querySelectorAll(FIELDS) || [];
    const fields = [...around].filter(isShown);
    const waiting = fields.find((field) => !field.value && isNamed(field));
    if (waiting && !isNamed(current())) aim(waiting);
    else if (fields.length && !fields.includes(current())) aim(fields.find((field) => !field.value) || fields[0]);
    box.open = true;
    search().value = "";
    find();
    search().focus({ preventScroll: true });
    (current() || box).scrollIntoView({ block: "nearest" });
    return true;
  }

  // In a list of values: a row that has its name waits for its value, sooner than the blank one below it.
  function isNamed(field) {
    return Boolean(field?.closest(".builder-pair")?.querySelector('[name$=".key"]').value);
  }

  // Inside the braces of a text nothing needs braces of its own.
  function inBraces(field) {
    const before = field.value.slice(0, field.selectionStart);
    return before.lastIndexOf("{{") > before.lastIndexOf("}}");
  }

  function insert(pick) {
    const text = pick.querySelector("code").textContent;
    const field = current();
    if (!field) return;
    if (field.matches("[data-right]")) {
      const row = field.closest("[data-row-of-condition]");
      const kind = conditions.part(row, "kind");
      if (kind.value !== "expression") field.value = ""; // it was no expression that could go on
      kind.value = "expression";
      conditions.suit(row);
    }
    const row = field.value ? null : field.closest(".builder-pair");
    const braces = field.dataset.template === "true" && !inBraces(field);
    const whole = braces ? `{{ ${text} }}` : text;
    field.focus();
    field.setRangeText(whole, field.selectionStart, field.selectionEnd, "end");
    if (text.endsWith("()")) {
      const caret = field.selectionStart - (braces ? 4 : 1);
      field.setSelectionRange(caret, caret);
    }
    if (row?.matches(".is-blank")) {
      row.querySelector('[name$=".key"]').value ||= pick.dataset.name || nameIn(text);
      nextRow(row);
    }
    conditions.changed(field);
    // In a list of values the next one goes into the next row.
    const next = row && [...row.parentElement.querySelectorAll(FIELDS)].find((each) => !each.value && isShown(each));
    if (next) aim(next);
  }

  // What goes into the blank row names it too.

  function nameIn(text) {
    return /([A-Za-z_]\w*)(?:"\]|"\))?$/.exec(text)?.[1] || "value";
  }

  function nextRow(row) {
    // Areas grow by a style, and copying one is what the content security policy would report.
    for (const area of row.querySelectorAll("[style]")) area.removeAttribute("style");
    const next = row.cloneNode(true);
    const was = row.id.slice(2);
    const now = was.replace(/\d+$/, (number) => Number(number) + 1);
    for (const element of [next, ...next.querySelectorAll("[id], [name]")]) {
      if (element.id) element.id = element.id.replace(was, now).replace(was.replaceAll(".", "-"), now.replaceAll(".", "-"));
      if (element.name) element.name = element.name.replace(was, now);
    }
    for (const field of next.querySelectorAll("input, textarea")) field.value = field.defaultValue = "";
    next.dataset.new = "";
    row.classList.remove("is-blank");
    row.after(next);
  }

  function shownPicks() {
    return [...picker().querySelectorAll(".pick")].filter(isShown);
  }

  function find() {
    const box = picker();
    const wanted = search().value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const group of box.querySelectorAll(".picker-group")) {
      const title = group.querySelector("summary").textContent.toLowerCase();
      let some = false;
      for (const pick of group.querySelectorAll(".pick")) {
        const text = `${title} ${pick.textContent.toLowerCase()}`;
        const fits = wanted.every((word) => text.includes(word));
        pick.parentElement.hidden = !fits;
        some ||= fits;
        count += fits;
      }
      group.hidden = wanted.length > 0 && !some;
      group.dataset.was ??= group.open ? "open" : "";
      group.open = wanted.length ? some : group.dataset.was === "open";
      if (!wanted.length) delete group.dataset.was;
    }
    box.querySelector("[data-found]").textContent = wanted.length ? (count ? String(count) : box.dataset.none) : "";
  }

  function close() {
    picker().open = false;
    current()?.focus();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-open-picker]");
    if (button && open(button)) event.preventDefault();
    const pick = event.target.closest(".pick");
    if (pick) insert(pick);
  });

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-picker] [data-search]")) find();
  });

  // Opened by itself, it fills the first field that is still empty.
  document.addEventListener("toggle", (event) => {
    if (!event.target.matches?.("[data-picker][open]") || current()) return;
    const fields = [...document.querySelectorAll(".builder-form :is([data-expression], [data-template])")].filter(isShown);
    const first = fields.find((field) => !field.value) || fields[0];
    if (first) aim(first);
  }, true);

  // A save brings the picker anew: what was searched and chosen there stays.
  document.addEventListener("htmx:afterSettle", () => {
    if (!picker()) return;
    if (search().value) find();
    if (current()) aim(current());
  });

  document.addEventListener("keydown", (event) => {
    const box = event.target.closest?.("[data-picker]");
    if (!box || event.isComposing) return;
    const picks = shownPicks();
    const at = picks.indexOf(document.activeElement);
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === search()) {
      if (picks.length) insert(picks[0]);
    } else if (event.key === "ArrowDown" && picks.length) picks[Math.min(at + 1, picks.length - 1)].focus();
    else if (event.key === "ArrowUp" && at >= 0) (at ? picks[at - 1] : search()).focus();
    else return;
    event.preventDefault();
  });
})();
