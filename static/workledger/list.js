// The list of jobs: choosing a whole page, how many are chosen, x to choose a row, copying, and where the focus goes
// when the list was filtered.
(() => {
  const boxes = () => [...document.querySelectorAll('#chosen input[name="job"]')];

  function count() {
    const line = document.getElementById("chosen-count");
    if (!line) return;
    const chosen = boxes().filter((box) => box.checked).length;
    const words = line.dataset;
    const text = chosen === 0 ? words.none : chosen === 1 ? words.one : words.many.replace("{}", chosen);
    if (line.textContent !== text) line.textContent = text;
    line.classList.toggle("is-some", chosen > 0);
    for (const button of document.querySelectorAll("[data-bulk]")) button.disabled = chosen === 0;
    const all = document.getElementById("choose-all");
    all.closest("label").hidden = false;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && chosen < boxes().length;
  }

  function prepare() {
    count();
    document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    for (const button of document.querySelectorAll("[data-copies]")) button.hidden = !navigator.clipboard;
  }

  document.addEventListener("change", (event) => {
    if (event.target.id === "choose-all") {
      for (const box of boxes()) box.checked = event.target.checked;
    }
    if (event.target.closest("#chosen")) count();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.querySelector("span").textContent = button.dataset.done;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!document.querySelector('script[src*="keys.js"]') || event.target.closest("input, textarea, select")) return;
    const box = event.target.closest("tr[data-row]")?.querySelector('input[name="job"]');
    box?.click();
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    prepare();
    const list = document.getElementById("jobs");
    if (event.detail.target?.id === "jobs" && document.activeElement === document.body) list.focus({ preventScroll: true });
  });
  window.addEventListener("pageshow", prepare); // a browser that goes back brings the marks back
  prepare();
})();
