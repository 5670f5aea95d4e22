// The page of a job: what unfolds below a step is fetched when it is opened, and again whenever the job has moved.
(() => {
  function fetchInto(body) {
    htmx.ajax("GET", body.dataset.part, { source: body, target: body, swap: "morph:innerHTML" });
  }

  document.addEventListener(
    "toggle",
    (event) => {
      const fold = event.target;
      if (!(fold instanceof Element) || !fold.matches("[data-fold]") || !fold.open) return;
      const body = fold.querySelector(":scope > [data-part]");
      if ("filled" in body.dataset) delete body.dataset.filled;
      else fetchInto(body);
    },
    true, // the event does not bubble
  );

  document.addEventListener("job-moved", () => {
    for (const body of document.querySelectorAll("[data-fold][open] > [data-part]")) {
      if (body.offsetParent !== null) fetchInto(body);
    }
  });

  document.addEventListener("click", (event) => {
    const other = event.target.closest("a[data-part]");
    const body = other?.closest("div[data-part]");
    if (!body || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    body.dataset.part = other.dataset.part;
    fetchInto(body);
  });

  // On a wide screen a step opens beside the list; elsewhere its link leads to its page.
  const wide = matchMedia("(min-width: 75rem)");
  let chosen = null;
  function mark() {
    for (const link of document.querySelectorAll("a[data-step][aria-current]")) link.removeAttribute("aria-current");
    if (!chosen) return;
    for (const link of document.querySelectorAll("a[data-step]")) {
      if (link.getAttribute("href") === chosen) link.setAttribute("aria-current", "true");
    }
  }
  async function openStep(link) {
    chosen = link.getAttribute("href");
    await htmx.ajax("GET", chosen, { source: "#job-side", target: "#step-panel", swap: "outerHTML" });
    mark();
    document.getElementById("job-side-close").focus();
  }
  function closeStep() {
    const empty = document.createElement("div");
    empty.id = "step-panel";
    document.getElementById("step-panel").replaceWith(empty);
    const link = document.querySelector("a[data-step][aria-current]");
    chosen = null;
    mark();
    link?.focus();
  }
  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = event.target.closest("a[data-step]");
    if (link && wide.matches) {
      event.preventDefault();
      openStep(link);
    } else if (event.target.closest("#job-side-close")) {
      event.preventDefault();
      closeStep();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.closest("#job-side")) closeStep();
  });
  document.addEventListener("htmx:afterSettle", mark);

  // Only where there is a clipboard: the address bar has the link too.
  function offerCopies() {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copy-link]")) button.hidden = false;
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy-link]");
    if (!button) return;
    await navigator.clipboard.writeText(location.origin + location.pathname);
    const words = button.querySelector("[data-copied]");
    const former = words.textContent;
    words.textContent = words.dataset.copied;
    setTimeout(() => { words.textContent = former; }, 2000);
  });
  document.addEventListener("htmx:afterSettle", offerCopies);
  offerCopies();
})();
