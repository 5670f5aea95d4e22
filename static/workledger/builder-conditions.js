// The rows of a condition, written as an expression while they are filled in: the text follows, is shown, and is what is
// sent. Without this script the rows are sent. `conditions` is what the picker needs of it.
const conditions = (() => {
  function changed(field) {
    for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
  }

  // ---------------------------------------------------------------- as `workflows.builder.conditions` writes them
  const FORMS = {
    equals: "L == R",
    is_not: "L != R",
    greater: "L > R",
    at_least: "L >= R",
    less: "L < R",
    at_most: "L <= R",
    contains: "R in L",
    contains_not: "R not in L",
    one_of: "L in R",
    not_one_of: "L not in R",
    starts_with: "L.startswith(R)",
    empty: 'L in [null, "", []]',
    not_empty: 'L not in [null, "", []]',
    true: "L",
    false: "not L",
  };
  const ALONE = ["empty", "not_empty", "true", "false"];
  const LISTS = ["one_of", "not_one_of"];
  const GAP = "_";

  // What stands outside of texts and brackets: there a sign or a word could bind looser than those beside it.
  function bare(source) {
    let found = source.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
    for (let former = ""; former !== found; ) {
      former = found;
      found = found.replace(/\([^()[\]{}]*\)|\[[^()[\]{}]*\]|\{[^()[\]{}]*\}/g, "");
    }
    return found;
  }

  function operand(text, beforeDot) {
    const source = text.trim().replace(/^\{\{(.*)\}\}$/s, "$1").trim();
    if (!source) return GAP;
    const outside = bare(source);
    const loose = beforeDot ? /[-+*/%&|^~@\s<>=!,:]|^\d/ : /\b(and|or|not|if|else|in|is|lambda|for)\b|[<>=!,:]/;
    return loose.test(outside.trim()) ? `(${source})` : source;
  }

  function quoted(text) {
    return JSON.stringify(text).replace(/\x7f/g, "\\u007f");
  }

  function valueOf(kind, text) {
    const clean = text.trim();
    if (kind === "expression") return operand(text);
    if (kind === "text") return quoted(text);
    if (!clean) return GAP;
    if (kind === "date") return `date(${quoted(clean)})`;
    if (kind === "number") {
      const number = clean.replace(/^\+?(-?)0+(?=\d)/, "$1").replace(/^\+/, "");
      return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d{1,3})?$/.test(number) && number.length <= 100 ? number : quoted(text);
    }
    if (["true", "yes", "1"].includes(clean.toLowerCase())) return "true";
    return ["false", "no", "0"].includes(clean.toLowerCase()) ? "false" : quoted(text);
  }

  // Values between commas; in quotes where a comma is part of one.
  function split(text) {
    const found = [];
    const part = /\s*(?:"((?:[^"]|"")*)"\s*|([^,]*))(,|$)/y;
    for (let match = part.exec(text); match; match = match[3] ? part.exec(text) : null) {
      found.push(match[1] === undefined ? match[2].trim() : match[1].replaceAll('""', '"'));
    }
    return found;
  }

  function listOf(kind, text) {
    if (kind === "expression" || !text.trim()) return operand(kind === "expression" ? text : "");
    return `[${split(text).map((each) => valueOf(kind, each)).join(", ")}]`;
  }

  function part(row, name) {
    return row.querySelector(`.condition-${name}`);
  }

  function writtenRow(row) {
    const [left, asked, kind, right] = ["left", "is", "kind", "right"].map((name) => part(row, name).value);
    const value = ALONE.includes(asked) ? "" : LISTS.includes(asked) ? listOf(kind, right) : valueOf(kind, right);
    const sides = { L: operand(left, asked === "starts_with"), R: value };
    return FORMS[asked].replace(/\b[LR]\b/g, (side) => sides[side]);
  }

  function isBlank(row) {
    return !part(row, "left").value.trim() && (ALONE.includes(part(row, "is").value) || !part(row, "right").value.trim());
  }

  function rowsOf(condition) {
    return [...condition.querySelectorAll("[data-row-of-condition]")];
  }

  function written(condition) {
    const join = condition.querySelector('select[name$="~join"]').value;
    const groups = [];
    for (const row of rowsOf(condition).filter((each) => !isBlank(each))) {
      if (groups.length && part(row, "with").value) groups[groups.length - 1].push(writtenRow(row));
      else groups.push([writtenRow(row)]);
    }
    const inner = groups.map((group) => {
      const text = group.join(join === "and" ? " or " : " and ");
      return group.length > 1 && groups.length > 1 ? `(${text})` : text;
    });
    return inner.join(` ${join} `);
  }

  function areaOf(element) {
    return element.closest("[data-expression-field]").querySelector("textarea");
  }

  function follow(condition) {
    const text = written(condition);
    areaOf(condition).value = text;
    condition.querySelector("[data-written]").textContent = text;
    condition.querySelector(".condition-written").hidden = !text;
  }

  function number(condition) {
    for (const [place, row] of rowsOf(condition).entries()) {
      row.id = row.id.replace(/\d+$/, place);
      for (const field of row.querySelectorAll("[name]")) field.name = field.name.replace(/\d+$/, place);
    }
  }

  function addBlank(condition) {
    const rows = rowsOf(condition);
    const last = rows[rows.length - 1];
    if (isBlank(last) || rows.length >= 50) return;
    const row = last.cloneNode(true);
    for (const input of row.querySelectorAll("input")) input.value = "";
    for (const select of row.querySelectorAll("select")) select.selectedIndex = 0;
    last.after(row);
    number(condition);
    suit(row);
  }

  // A date is chosen from a calendar, if there is one date and no list of them.
  function suit(row) {
    const right = part(row, "right");
    const isDate = part(row, "kind").value === "date" && !LISTS.includes(part(row, "is").value);
    if (isDate === (right.type === "date")) return;
    if (isDate && right.value && !/^\d{4}-\d\d-\d\d$/.test(right.value)) right.value = "";
    right.type = isDate ? "date" : "text";
  }

  // Until somebody says what kind of value it is, its text does: the path of a value, or a number.
  function guess(row) {
    const kind = part(row, "kind");
    if ("chosen" in kind.dataset || !["text", "number", "expression"].includes(kind.value)) return;
    const text = part(row, "right").value.trim();
    const known = [...document.querySelectorAll("#scope-values option")].some((option) => option.value === text);
    const compared = ["greater", "at_least", "less", "at_most"].includes(part(row, "is").value);
    if (known) kind.value = "expression";
    else if (compared && /^-?\d+([.]\d+)?$/.test(text)) kind.value = "number";
  }

  function words(condition) {
    const and = condition.querySelector('select[name$="~join"]').value === "and";
    const said = and ? ["and", "or"] : ["or", "and"];
    for (const row of rowsOf(condition)) {
      for (const [place, option] of [...part(row, "with").options].entries()) {
        option.textContent = condition.dataset[said[place]];
      }
    }
  }

  // The text was changed by hand: the rows are as the server had them, so that it reads them anew from the text.
  function forget(condition) {
    for (const input of condition.querySelectorAll("input")) input.value = input.defaultValue;
    for (const option of condition.querySelectorAll("option")) option.selected = option.defaultSelected;
    for (const select of condition.querySelectorAll("select")) if (select.selectedIndex < 0) select.selectedIndex = 0;
  }

  function onEdit(event) {
    const condition = event.target.closest?.("[data-condition]");
    if (condition) {
      const row = event.target.closest("[data-row-of-condition]");
      if (row) {
        if (event.target === part(row, "kind")) event.target.dataset.chosen = "";
        else guess(row);
        suit(row);
      } else words(condition);
      addBlank(condition);
      follow(condition);
    } else if (event.type === "input" && event.target.matches?.("textarea[data-expression]")) {
      const rows = event.target.closest("[data-expression-field]")?.querySelector("[data-condition]");
      if (rows) forget(rows);
    }
  }
  // Before anything that saves: what is sent has the text that the rows say.
  document.addEventListener("input", onEdit, true);
  document.addEventListener("change", onEdit, true);

  document.addEventListener("formdata", (event) => {
    for (const condition of event.target.querySelectorAll("[data-condition]")) {
      event.formData.set(`${areaOf(condition).name}~mode`, "text");
    }
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-remove-row]");
    if (!button) return;
    const row = button.closest("[data-row-of-condition]");
    const condition = row.closest("[data-condition]");
    const next = row.nextElementSibling || row.previousElementSibling;
    if (next) row.remove();
    else for (const input of row.querySelectorAll("input")) input.value = "";
    number(condition);
    const left = part(next || row, "left");
    left.focus();
    changed(left);
  });

  return { changed, part, suit, written };
})();
