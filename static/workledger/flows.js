// Copies a source without its line numbers. The button is shown where copying works: without it, select and copy.
(() => {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copies]")) {
    button.hidden = false;
    const words = button.querySelector("span");
    const said = words.textContent;
    button.addEventListener("click", async () => {
      const lines = document.getElementById(button.dataset.copies).querySelectorAll("[data-line]");
      await navigator.clipboard.writeText([...lines].map((line) => line.textContent).join("\n") + "\n");
      words.textContent = button.dataset.copied;
      setTimeout(() => (words.textContent = said), 2000);
    });
  }
})();
