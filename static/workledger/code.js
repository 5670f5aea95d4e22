// Makes an editor of each <textarea data-code="yaml|json|python">: colours, line numbers, search, undo. The textarea stays
// in its form, hidden, and is kept in step; it fires `input` and `change` as if somebody typed into it. Other scripts
// speak to an editor by events on its textarea: `code:show` (its value was changed by a script), `code:line` (go to a
// line), `code:problems` ([{line, level, text}]). `code:ready` comes from here.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const LANGUAGES = {
  json: { indent: "  ", load: async () => (await import("@codemirror/lang-json")).json() },
  python: { indent: "    ", load: async () => (await import("@codemirror/lang-python")).python() },
  yaml: { indent: "  ", load: async () => (await import("@codemirror/lang-yaml")).yaml() },
};
const { hint, ...phrases } = JSON.parse(document.getElementById("code-words").textContent);
const nonce = document.querySelector('script[type="importmap"]').nonce;
const editors = new Map(); // by textarea; null while its language is on its way

const theme = EditorView.theme({
  "&": {
    maxHeight: "var(--code-height, 28rem)",
    border: "1px solid var(--control)",
    borderRadius: "0.375rem",
    backgroundColor: "var(--surface)",
    color: "var(--text)",
    fontSize: "0.8125rem",
  },
  "&.cm-focused": { outline: "2px solid var(--focus)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.5", overflow: "auto" },
  ".cm-content": { minHeight: "calc(var(--code-rows) * 1.5em + 0.5rem)", caretColor: "var(--text)" },
  ".cm-gutters": { border: "0", backgroundColor: "var(--surface)", color: "var(--quiet)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--shade)", color: "var(--text)" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": { backgroundColor: "var(--shade)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground": {
    backgroundColor: "var(--accent-shade)",
  },
  ".cm-selectionMatch, .cm-matchingBracket, &.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--accent-shade)",
    color: "inherit",
  },
  ".cm-searchMatch": { outline: "1px solid var(--wait)", backgroundColor: "var(--wait-shade)" },
  ".cm-searchMatch-selected": { backgroundColor: "var(--accent-shade)" },
  ".cm-panels": { backgroundColor: "var(--shade)", color: "var(--text)" },
  ".cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-textfield, .cm-button": {
    border: "1px solid var(--control)",
    borderRadius: "0.25rem",
    background: "var(--surface)",
    color: "var(--text)",
    fontSize: "inherit",
  },
  ".cm-panel.cm-search [name=close]": { color: "var(--text)" },
  ".cm-tooltip": { border: "1px solid var(--line)", backgroundColor: "var(--raised)", color: "var(--text)" },
  ".cm-diagnostic": { maxWidth: "30rem", borderLeft: "4px solid var(--wait)", fontFamily: "inherit" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-lintRange": { backgroundImage: "none" },
  ".cm-lintRange-error": { textDecoration: "underline wavy var(--bad)", textUnderlineOffset: "0.2em" },
  ".cm-lintRange-warning": { textDecoration: "underline wavy var(--wait)", textUnderlineOffset: "0.2em" },
  ".cm-gutter-lint": { width: "1.125rem" },
  ".cm-lint-marker": { width: "0.625rem", height: "0.625rem", margin: "0.25rem", borderRadius: "50%" },
  ".cm-lint-marker-error": { content: "none", backgroundColor: "var(--bad)" },
  ".cm-lint-marker-warning": { content: "none", borderRadius: "0", backgroundColor: "var(--wait)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "var(--accent)" },
  { tag: [tags.keyword, tags.operatorKeyword, tags.controlKeyword, tags.definitionKeyword], color: "var(--stopped)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--good)" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--busy)" },
  { tag: [tags.comment, tags.meta], color: "var(--quiet)", fontStyle: "italic" },
  { tag: [tags.function(tags.variableName), tags.className], color: "var(--busy)" },
  { tag: tags.invalid, color: "var(--bad)" },
]);

function follow(area) {
  let changed = false;
  return [
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      const text = update.state.doc.toString();
      if (text === area.value) return; // a script changed the textarea, and told us
      area.value = text;
      changed = true;
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }),
    EditorView.domEventHandlers({
      blur: () => {
        if (changed) area.dispatchEvent(new Event("change", { bubbles: true }));
        changed = false;
      },
    }),
  ];
}

function described(area, note) {
  const others = area.getAttribute("aria-describedby");
  const name = area.getAttribute("aria-label") || [...area.labels].map((label) => label.textContent.trim()).join(" ");
  return { tabindex: "0", "aria-label": name, "aria-describedby": others ? `${others} ${note.id}` : note.id };
}

async function begin(area) {
  editors.set(area, null);
  const { indent, load } = LANGUAGES[area.dataset.code];
  const language = await load();
  if (!area.isConnected) return void editors.delete(area);
  const note = document.createElement("p");
  note.className = "form-hint";
  note.id = `${area.id}_keys`;
  note.textContent = hint;
  const state = EditorState.create({
    doc: area.value,
    extensions: [
      language,
      indentUnit.of(indent),
      lineNumbers(),
      lintGutter(),
      history(),
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      highlightSelectionMatches(),
      search(),
      syntaxHighlighting(colours),
      theme,
      keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap, indentWithTab, letTabLeave]),
      EditorState.phrases.of(phrases),
      EditorState.readOnly.of(area.readOnly || area.disabled),
      EditorView.cspNonce.of(nonce),
      EditorView.contentAttributes.of(described(area, note)),
      follow(area),
      typeOver,
    ],
  });
  const hadFocus = document.activeElement === area;
  const view = new EditorView({ state });
  view.dom.style.setProperty("--code-rows", area.rows);
  for (const name of ["input", "change"]) view.dom.addEventListener(name, (event) => event.stopPropagation()); // ours count
  editors.set(area, { view, note, form: area.form?.id });
  area.parentElement.dataset.keep = ""; // a morph leaves it as it is
  area.hidden = true;
  area.after(view.dom, note);
  for (const label of area.labels) label.addEventListener("click", () => view.focus());
  if (hadFocus) view.focus();
  area.dispatchEvent(new Event("code:ready", { bubbles: true }));
}

// CodeMirror itself lets Tab leave for two seconds after Esc, which is too short for some: here until the next key.
const letTabLeave = {
  key: "Escape",
  run: (view) => {
    view.setTabFocusMode(600_000);
    return true;
  },
};

// Typing over a selection: Chromium would carry its colours over by a style attribute, which our policy refuses.
const typeOver = EditorView.domEventHandlers({
  beforeinput: (event, view) => {
    if (event.inputType !== "insertText" || !event.data || event.isComposing || view.state.selection.main.empty) return false;
    if (view.state.readOnly) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    return true;
  },
});

function lineOf(view, number) {
  return view.state.doc.line(Math.min(Math.max(number, 1), view.state.doc.lines));
}

function show(area, view) {
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: area.value } });
}

function goTo(view, number) {
  const line = lineOf(view, number);
  const start = line.from + line.text.search(/\S|$/);
  view.dispatch({ selection: { anchor: start }, effects: EditorView.scrollIntoView(start, { y: "center" }) });
  view.focus();
}

function mark(view, problems) {
  const found = problems.map(({ line: number, level, text }) => {
    const line = lineOf(view, number);
    return { from: line.from + line.text.search(/\S|$/), to: line.to, severity: level, message: text };
  });
  view.dispatch(setDiagnostics(view.state, found));
}

for (const [name, act] of [
  ["code:show", (view, area) => show(area, view)],
  ["code:line", (view, _area, detail) => goTo(view, detail)],
  ["code:problems", (view, _area, detail) => mark(view, detail)],
]) {
  document.addEventListener(name, (event) => {
    const editor = editors.get(event.target);
    if (editor) act(editor.view, event.target, event.detail);
  });
}

// A morph keeps an editor (`data-keep`), but not where the same place now has another field; and a text that the server
// changed is shown where the person did not touch it.
function giveBack(area) {
  const { view, note } = editors.get(area);
  editors.delete(area);
  view.destroy();
  note.remove();
  delete area.parentElement.dataset.keep;
  area.value = area.defaultValue;
  area.hidden = false;
}
const { callbacks } = Idiomorph.defaults;
const before = callbacks.beforeNodeMorphed;
callbacks.beforeNodeMorphed = (node, next) => {
  const area = node instanceof Element && node.matches("[data-keep]") ? node.querySelector("textarea[data-code]") : null;
  const editor = editors.get(area);
  if (editor) {
    const fresh = next.querySelector(`textarea[data-code="${area.dataset.code}"]`);
    if (fresh?.name !== area.name || next.closest("form")?.id !== editor.form) giveBack(area);
    else if (area.value === area.defaultValue && fresh.value !== area.value) {
      area.value = area.defaultValue = fresh.value;
      show(area, editor.view);
    }
  }
  return before(node, next);
};

function look() {
  for (const [area, editor] of editors) {
    if (area.isConnected) continue;
    editor?.view.destroy();
    editors.delete(area);
  }
  for (const area of document.querySelectorAll("textarea[data-code]")) {
    if (area.dataset.code in LANGUAGES && !editors.has(area)) begin(area);
  }
}
document.addEventListener("htmx:load", look);
look();
