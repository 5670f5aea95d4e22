// Live regions ([data-poll], made by the tag `poll`). htmx asks at a fixed pace; here is decided which of its requests
// are sent: none from a hidden tab, and fewer while nothing changes (204) or the server cannot answer. A morph then
// brings what is new and leaves alone what the person typed, opened, scrolled or focused.
(() => {
  const LONGEST_PAUSE = { same: 15_000, failed: 60_000 };
  const FIRST_PAUSE = { same: 1_000, failed: 2_000 };
  const pauses = new Map(); // by the region's id: it outlives the element

  function isRegion(element) {
    return element instanceof Element && element.matches("[data-poll]");
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    const region = event.detail.elt;
    if (!isRegion(region)) return;
    const pause = pauses.get(region.id);
    const asked = event.detail.requestConfig.triggeringEvent?.type === "poll-now";
    if (document.hidden || pause?.ended || (pause && !asked && performance.now() < pause.until)) {
      event.preventDefault();
    }
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const region = event.detail.elt;
    if (!isRegion(region)) return;
    const status = event.detail.xhr.status;
    if (event.detail.successful && status !== 204) {
      pauses.delete(region.id);
      return;
    }
    const kind = status === 204 ? "same" : "failed";
    const former = pauses.get(region.id);
    const length = former?.kind === kind ? former.length * 2 : FIRST_PAUSE[kind];
    const bounded = Math.min(length, LONGEST_PAUSE[kind]);
    const ended = status >= 400 && status < 500 && status !== 429; // asking again would not help
    pauses.set(region.id, { kind, ended, length: bounded, until: performance.now() + bounded });
  });

  function askNow() {
    if (document.hidden) return;
    for (const region of document.querySelectorAll("[data-poll]")) htmx.trigger(region, "poll-now");
  }
  document.addEventListener("visibilitychange", askNow);
  window.addEventListener("online", askNow);

  // ---------------------------------------------------------------- what a morph leaves alone
  function isTouched(field) {
    if (field instanceof HTMLSelectElement) {
      const marked = [...field.options].some((option) => option.defaultSelected);
      return [...field.options].some((option, index) => {
        return option.selected !== (marked || field.multiple ? option.defaultSelected : index === 0);
      });
    }
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    return field.type !== "hidden" && field.value !== field.defaultValue;
  }

  Idiomorph.defaults.ignoreActiveValue = true;
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (node) => {
    if (!(node instanceof Element)) return true;
    if (node.matches("input, textarea, select") && isTouched(node)) return false;
    return !node.matches("[data-keep], dialog[open]");
  };
  Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) =>
    !(name === "open" && node instanceof HTMLDetailsElement) && !(name === "class" && node.matches(".is-chosen"));
})();
