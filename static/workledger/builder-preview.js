// The preview beside the draft.
(() => {
  // Its form is made of the draft's inputs: it comes anew after a save, unless somebody is filling it in.
  function isFilledIn(form) {
    return "touched" in form.dataset || form.contains(document.activeElement);
  }
  const previewUrl = () => document.getElementById("builder-preview").dataset.url;
  const previewForm = () => document.querySelector("#preview form.preview-form");
  document.addEventListener("input", (event) => {
    const form = previewForm();
    if (form?.contains(event.target)) form.dataset.touched = ""; // rows and files are no fields with a saved value
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const renewed = event.detail.requestConfig.verb === "get" && event.detail.requestConfig.path === previewUrl();
    if (renewed && event.detail.target.id === "preview" && previewForm() && isFilledIn(previewForm())) event.detail.shouldSwap = false;
  });
  // What is filled in and has not run yet goes along to another part of the draft, which is another page.
  const MOST_KEPT = 1_000_000; // characters: less than a form may have, and than a tab keeps
  const keptUnder = () => `preview ${document.body.dataset.mine} ${previewUrl()}`;
  window.addEventListener("pagehide", () => {
    const form = previewForm();
    sessionStorage.removeItem(keptUnder());
    if (!form || !("touched" in form.dataset)) return;
    const filled = [...new FormData(form)].filter(([name, value]) => {
      return typeof value === "string" && name !== "csrfmiddlewaretoken" && form.elements[name].type !== "password";
    });
    const text = JSON.stringify(filled);
    if (text.length < MOST_KEPT) sessionStorage.setItem(keptUnder(), text);
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const { detail } = event;
    const kept = detail.verb === "get" && detail.elt.id === "preview" && sessionStorage.getItem(keptUnder());
    if (!kept) return;
    sessionStorage.removeItem(keptUnder());
    const parameters = { do: ["fill"] };
    for (const [name, value] of JSON.parse(kept)) (parameters[name] ??= []).push(value);
    detail.headers["Content-Type"] = "application/x-www-form-urlencoded";
    Object.assign(detail, { verb: "post", useUrlParams: false, parameters });
  });

  // To run until this step is a choice in a form that somebody is filling in, and no reason for a fresh one.
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { until } = event.detail.elt.dataset;
    const form = previewForm();
    if (until === undefined || !form || !isFilledIn(form)) return;
    form.elements.until.value = until;
    document.getElementById("builder-preview-title").scrollIntoView();
    event.preventDefault();
  });
  document.addEventListener("draft-saved", () => {
    const form = previewForm();
    if (!form || isFilledIn(form)) return;
    htmx.ajax("GET", previewUrl(), { target: "#preview", swap: "outerHTML" });
  });

  document.addEventListener("htmx:afterSettle", () => {
    const state = document.getElementById("preview-state");
    if (!state || state.matches("[data-poll]") || "told" in state.dataset) return;
    state.dataset.told = "";
    htmx.trigger(document.body, "preview-ended"); // its values stand beside what can be inserted
  });

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-to]");
    const place = link && document.getElementById(link.dataset.to);
    if (!place) return;
    event.preventDefault();
    place.scrollIntoView();
    place.querySelector("input:not([type=hidden]), button, a")?.focus({ preventScroll: true });
  });
})();
