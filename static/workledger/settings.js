// Copies what is shown once. Without a script, or where the browser forbids it, the text is there to be selected.
(() => {
  for (const button of document.querySelectorAll("[data-copies]")) {
    const source = document.getElementById(button.dataset.copies);
    source.addEventListener("focus", () => source.select());
    button.hidden = false;
    button.querySelector("span").setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      source.select();
      try {
        await navigator.clipboard.writeText(source.value);
        button.querySelector("span").textContent = button.dataset.copied;
      } catch {
        source.focus(); // it is selected: Ctrl and C copy it
      }
    });
  }
})();
