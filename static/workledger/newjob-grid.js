// Table fields: a grid over the CSV text of the form, which stays the truth. Rows are typed, pasted or read from a file.
(() => {
  const MOST_ROWS = 300;
  const SHAPES = {
    date: /^\d{4}-\d\d-\d\d$/,
    time: /^\d\d:\d\d(:\d\d)?$/,
    datetime: /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/,
  };
  const BOOLEANS = { yes: "true", 1: "true", no: "false", 0: "false" };
  const BROWSER_TYPES = { date: "date", time: "time", datetime: "datetime-local" };

  // ---------------------------------------------------------------- CSV
  function parse(text, delimiter) {
    const rows = [[""]];
    let quoted = false;
    for (let at = 0; at < text.length; at += 1) {
      const char = text[at];
      const row = rows[rows.length - 1];
      if (quoted) {
        if (char !== '"') row[row.length - 1] += char;
        else if (text[at + 1] === '"') row[row.length - 1] += text[(at += 1)];
        else quoted = false;
      } else if (char === '"' && row[row.length - 1] === "") quoted = true;
      else if (char === delimiter) row.push("");
      else if (char === "\n") rows.push([""]);
      else if (char !== "\r") row[row.length - 1] += char;
    }
    return rows.filter((row) => row.some((cell) => cell.trim()));
  }

  function write(rows) {
    const cell = (text) => (/[",;\t\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
    return rows.map((row) => row.map(cell).join(",")).join("\n");
  }

  // What a clipboard holds: cells between tabs, else lines of commas or semicolons if all have as many.
  function pasted(text) {
    if (text.includes("\t")) return parse(text, "\t");
    if (!text.trim().includes("\n")) return null;
    for (const delimiter of [";", ","]) {
      const rows = parse(text, delimiter);
      if (rows[0].length > 1 && rows.every((row) => row.length === rows[0].length)) return rows;
    }
    return parse(text, "\t");
  }

  function setUp(form, field) {
    const grid = field.querySelector("[data-grid]");
    const { columns, errors } = JSON.parse(grid.querySelector('script[type="application/json"]').textContent);
    const box = grid.querySelector("[data-grid-box]");
    const text = grid.querySelector("textarea");
    const count = grid.querySelector("[data-grid-count]");
    const status = grid.querySelector("[data-grid-status]");
    const icons = form.querySelector("template[data-words]").content;
    const words = newjob.words(form);
    const body = document.createElement("tbody");
    let rows = []; // { cells: [text], errors: {place: sentence} }

    function empty() {
      return { cells: columns.map(() => ""), errors: {} };
    }

    function read() {
      const records = parse(text.value, ",");
      if (records.length && !columns.every((column, place) => records[0][place]?.trim() === column.label)) return false;
      rows = records.slice(1).map((record) => ({ cells: columns.map((_, place) => record[place] || ""), errors: {} }));
      return true;
    }

    function keep() {
      const filled = rows.map((row) => row.cells).filter((cells) => cells.some((cell) => cell.trim()));
      text.value = filled.length ? write([columns.map((column) => column.label), ...filled]) : "";
      count.textContent = `${words.rows} ${filled.length}`;
      form.dispatchEvent(new Event("input", { bubbles: true })); // conditions may ask for the table
    }

    // ---------------------------------------------------------------- cells
    function select(column, value) {
      const control = document.createElement("select");
      control.className = "form-select";
      const choices = column.type === "boolean" ? [["true", words.yes], ["false", words.no]] : column.choices;
      const wanted = column.type === "boolean" ? BOOLEANS[value.trim().toLowerCase()] || value : value.trim();
      const known = choices.find((choice) => choice.some((each) => each.toLowerCase() === wanted.toLowerCase()));
      const options = [["", "–"], ...choices, ...(value && !known ? [[value, value]] : [])];
      for (const [each, label] of options) control.add(new Option(label, each));
      control.value = known ? known[0] : value;
      return control;
    }

    function line(column, value) {
      const control = document.createElement("input");
      control.className = "form-control";
      control.autocomplete = "off";
      if (SHAPES[column.type] && (!value || SHAPES[column.type].test(value))) control.type = BROWSER_TYPES[column.type];
      if (column.type === "number") control.inputMode = "decimal";
      if (column.type === "integer") control.inputMode = "numeric";
      control.classList.toggle("number", ["number", "integer"].includes(column.type));
      control.value = value;
      return control;
    }

    function cell(row, at, place) {
      const column = columns[place];
      const isChoice = column.type === "choice" || column.type === "boolean";
      const control = (isChoice ? select : line)(column, row.cells[place]);
      const holder = document.createElement("td");
      control.setAttribute("aria-label", `${column.label}, ${words.row} ${at + 1}`);
      control.dataset.place = place;
      holder.append(control);
      if (row.errors[place]) {
        const error = document.createElement("div");
        error.className = "grid-error";
        error.id = `${field.id}-${at}-${place}`;
        error.textContent = row.errors[place];
        holder.append(error);
        control.classList.add("is-invalid");
        control.setAttribute("aria-invalid", "true");
        control.setAttribute("aria-describedby", error.id);
      }
      control.addEventListener("input", (event) => {
        event.stopPropagation();
        row.cells[place] = control.value;
        delete row.errors[place];
        keep();
      });
      return holder;
    }

    function button(kind, label, at, act) {
      const made = document.createElement("button");
      made.type = "button";
      made.className = "btn btn-icon";
      made.setAttribute("aria-label", `${label} ${at + 1}`);
      made.title = label;
      made.append(icons.querySelector(`[data-icon="${kind}"]`).firstElementChild.cloneNode(true));
      made.addEventListener("click", act);
      return made;
    }

    // ---------------------------------------------------------------- rows
    function draw(focus) {
      body.replaceChildren(
        ...rows.map((row, at) => {
          const line = document.createElement("tr");
          const number = document.createElement("th");
          number.scope = "row";
          number.textContent = at + 1;
          const actions = document.createElement("td");
          actions.className = "grid-row-actions";
          const up = button("up", words.up, at, () => move(at, -1, "up"));
          const down = button("down", words.down, at, () => move(at, 1, "down"));
          up.disabled = at === 0;
          down.disabled = at === rows.length - 1;
          actions.append(up, down, button("remove", words.removeRow, at, () => remove(at)));
          line.append(number, ...columns.map((_, place) => cell(row, at, place)), actions);
          return line;
        }),
      );
      if (focus) body.rows[focus[0]]?.querySelector(`[data-place="${focus[1]}"]`)?.focus();
    }

    function move(at, by, kind) {
      const to = at + by;
      if (to < 0 || to >= rows.length) return;
      [rows[at], rows[to]] = [rows[to], rows[at]];
      draw();
      const [up, down] = body.rows[to].querySelectorAll("button");
      (up.disabled || (kind === "down" && !down.disabled) ? down : up).focus();
      keep();
    }

    function remove(at) {
      rows.splice(at, 1);
      if (!rows.length) rows.push(empty());
      draw([Math.min(at, rows.length - 1), 0]);
      keep();
    }

    function add(at, place) {
      rows.splice(at, 0, empty());
      draw([at, place]);
    }

    function paste(records, at, place) {
      const isHeader = records[0].every((cell, index) => {
        return cell.trim().toLowerCase() === columns[place + index]?.label.toLowerCase();
      });
      for (const [index, record] of (isHeader ? records.slice(1) : records).entries()) {
        const row = (rows[at + index] ??= empty());
        record.slice(0, columns.length - place).forEach((value, offset) => {
          row.cells[place + offset] = value.trim();
          delete row.errors[place + offset];
        });
      }
      keep();
      show([at, place]);
    }

    body.addEventListener("paste", (event) => {
      const records = pasted(event.clipboardData.getData("text/plain"));
      const control = event.target.closest("[data-place]");
      if (!records || !control) return;
      event.preventDefault();
      paste(records, control.closest("tr").rowIndex - 1, Number(control.dataset.place));
    });
    body.addEventListener("keydown", (event) => {
      const control = event.target.closest("[data-place]");
      if (!control) return;
      const at = control.closest("tr").rowIndex - 1;
      const place = Number(control.dataset.place);
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (event.altKey && by) {
        event.preventDefault();
        const to = at + by;
        if (to < 0 || to >= rows.length) return;
        [rows[at], rows[to]] = [rows[to], rows[at]];
        draw([to, place]);
        keep();
      } else if (event.key === "Enter" && !event.isComposing) {
        event.preventDefault();
        if (at + 1 === rows.length) add(rows.length, place);
        else draw([at + 1, place]);
      }
    });

    // ---------------------------------------------------------------- the field as a whole
    function show(focus) {
      const asText = rows.length > MOST_ROWS;
      box.hidden = asText;
      grid.querySelector("[data-grid-text]").hidden = !asText;
      for (const part of ["[data-grid-add]", ".grid-tip"]) grid.querySelector(part).hidden = asText;
      if (asText) count.textContent = `${words.rows} ${rows.length}. ${words.tooMany}`;
      else draw(focus);
    }

    function fill() {
      if (!read()) {
        for (const part of ["[data-grid-add]", ".grid-tip"]) grid.querySelector(part).hidden = true;
        count.textContent = words.unreadable;
        return;
      }
      const filled = rows.length;
      if (!filled) rows.push(empty());
      show();
      if (filled <= MOST_ROWS) count.textContent = `${words.rows} ${filled}`;
    }

    const table = document.createElement("table");
    table.className = "grid-table";
    table.setAttribute("aria-label", grid.dataset.label);
    const head = table.createTHead().insertRow();
    for (const [label, needed] of [["", false], ...columns.map((each) => [each.label, each.required]), ["", false]]) {
      const cell = document.createElement(label ? "th" : "td");
      if (label) cell.scope = "col";
      cell.textContent = label;
      cell.classList.toggle("required", needed);
      head.append(cell);
    }
    table.append(body);
    box.append(table);
    fill();
    for (const [at, key, message] of errors) {
      const place = columns.findIndex((column) => column.key === key);
      if (rows[at]) rows[at].errors[Math.max(place, 0)] = message;
    }
    if (errors.length && !box.hidden) draw();
    grid.querySelector("[data-grid-add]").addEventListener("click", () => add(rows.length, 0));

    const file = grid.querySelector("[data-grid-file]");
    file.addEventListener("change", async () => {
      const [chosen] = file.files;
      if (!chosen) return;
      newjob.setErrors(field, []);
      status.textContent = words.reading;
      const sent = new FormData();
      sent.append("file", chosen);
      file.value = "";
      let found = [words.failed];
      try {
        const url = newjob.address(form, form.dataset.tableUrl, field.dataset.field);
        const answer = await fetch(url, { method: "POST", headers: newjob.headers(), body: sent });
        if (answer.ok) {
          text.value = (await answer.json()).text;
          found = [];
          fill();
          form.dispatchEvent(new Event("input", { bubbles: true }));
        } else {
          found = answer.status === 401 ? [words.signedOut] : newjob.sentences(await answer.text(), words.failed);
        }
      } catch {} // told below
      status.textContent = found.length ? "" : chosen.name;
      newjob.setErrors(field, found.map((each) => `${chosen.name}: ${each}`));
    });
  }

  document.addEventListener("newjob:ready", (event) => {
    for (const grid of event.target.querySelectorAll("[data-grid]")) setUp(event.target, grid.closest("[data-field]"));
  });
})();
