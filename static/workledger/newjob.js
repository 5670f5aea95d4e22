// The form of a new job or a preview: fields that conditions hide, and a submit that neither doubles nor loses anything.
// `newjob` is what its other scripts share: what each form says, its requests, and errors at a field.
const newjob = (() => {
  function words(form) {
    return form.querySelector("template[data-words]").dataset;
  }

  function token() {
    const found = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
    return found ? found.slice("csrftoken=".length) : document.querySelector('meta[name="csrf-token"]').content;
  }

  function headers() {
    return { "X-CSRFToken": token(), "HX-Request": "true" };
  }

  function address(form, url, input) {
    const query = new URLSearchParams(form.dataset.query);
    if (input) query.set("input", input);
    return `${url}?${query}`;
  }

  // What the server refused, as one sentence for each error.
  function sentences(text, otherwise) {
    try {
      const problem = JSON.parse(text);
      const told = (problem.errors || []).map((each) => each.message);
      const all = told.length ? told : [problem.detail];
      return all.map((each) => each.charAt(0).toUpperCase() + each.slice(1));
    } catch {
      return [otherwise];
    }
  }

  function setErrors(field, messages) {
    const list = field.querySelector("[data-errors]");
    list.replaceChildren(
      ...messages.map((message) => {
        const item = document.createElement("li");
        item.textContent = message;
        return item;
      }),
    );
    list.hidden = messages.length === 0;
    const described = new Set((field.getAttribute("aria-describedby") || "").split(" ").filter(Boolean));
    if (messages.length) described.add(list.id);
    else described.delete(list.id);
    field.setAttribute("aria-describedby", [...described].join(" "));
  }

  function setUp(form) {
    form.dataset.ready = "";
    form.classList.add("is-scripted");
    for (const element of form.querySelectorAll("[data-scripted]")) element.hidden = false;
    for (const element of form.querySelectorAll("[data-hidden]")) element.hidden = true;
    form.querySelector("#problem")?.focus();
    if (form.hasAttribute("hx-post")) waitForFiles(form);
    else guard(form);
    form.addEventListener("input", () => isUploading(form) || untell(form, words(form).stillUploading));
    if (form.dataset.shownUrl) followConditions(form);
    form.dispatchEvent(new CustomEvent("newjob:ready", { bubbles: true }));
  }

  // ---------------------------------------------------------------- sending
  function tell(form, text, signIn = false) {
    const note = form.querySelector("[data-said]");
    note.hidden = false;
    note.querySelector("[data-said-text]").textContent = text;
    note.querySelector("[data-said-link]").hidden = !signIn;
    note.focus();
  }

  function untell(form, text) {
    const note = form.querySelector("[data-said]");
    if (note.querySelector("[data-said-text]").textContent === text) note.hidden = true;
  }

  function isUploading(form) {
    return form.querySelector("li[data-uploading]") !== null;
  }

  // A form that htmx sends.
  function waitForFiles(form) {
    form.addEventListener("htmx:beforeRequest", (event) => {
      if (event.target !== form || !isUploading(form)) return;
      event.preventDefault();
      tell(form, words(form).stillUploading);
    });
  }

  function guard(form) {
    const button = form.querySelector("[data-execute]");
    const label = button.querySelector("[data-label]");
    const idle = label.textContent;
    let sending = false;

    function rest() {
      sending = false;
      button.removeAttribute("aria-disabled");
      label.textContent = idle;
    }
    function say(text, signIn) {
      tell(form, text, signIn);
      rest();
    }

    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (sending) return;
      if (isUploading(form)) {
        tell(form, words(form).stillUploading);
        return;
      }
      sending = true;
      button.setAttribute("aria-disabled", "true");
      label.textContent = label.dataset.busy;
      try {
        const answer = await fetch(form.dataset.readyUrl, { headers: headers(), cache: "no-store" });
        if (answer.status === 401) {
          say(words(form).signedOut, true);
          return;
        }
      } catch {
        say(words(form).offline);
        return;
      }
      form.elements.csrfmiddlewaretoken.value = token(); // a new sign-in has changed it
      form.submit();
    });
    window.addEventListener("pageshow", (event) => event.persisted && rest());
  }

  // ---------------------------------------------------------------- conditions: the server decides, as it will at the start
  function followConditions(form) {
    let asked = null;
    let timer = 0;

    async function ask() {
      asked?.abort();
      asked = new AbortController();
      const body = new FormData(form);
      for (const name of [...body.keys()]) if (name.startsWith("up-")) body.delete(name);
      try {
        const url = address(form, form.dataset.shownUrl);
        const answer = await fetch(url, { method: "POST", headers: headers(), body, signal: asked.signal });
        if (answer.ok) show(form, new Set((await answer.json()).hidden));
      } catch {
        // no answer, or a newer question: what is shown stays as it is
      }
    }

    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, 200);
    });
  }

  function show(form, hidden) {
    for (const field of form.querySelectorAll("[data-field]")) field.hidden = hidden.has(field.dataset.field);
    for (const section of form.querySelectorAll("[data-section]")) {
      section.hidden = [...section.querySelectorAll("[data-field]")].every((field) => field.hidden);
    }
  }

  htmx.onLoad((root) => {
    const forms = root.matches?.("form[data-newjob]") ? [root] : root.querySelectorAll("form[data-newjob]");
    for (const form of forms) if (!("ready" in form.dataset)) setUp(form);
  });

  return { words, headers, address, sentences, setErrors };
})();
