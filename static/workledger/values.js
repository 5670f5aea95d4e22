// Copies from value trees (parts/value.html): a value as it is stored, its path for expressions, or the whole as JSON.
(() => {
  function textOf(element) {
    if (element.dataset.text) return element.dataset.text;
    const copy = element.cloneNode(true);
    for (const mark of copy.querySelectorAll("[data-codes]")) {
      mark.textContent = String.fromCodePoint(...mark.dataset.codes.split(" ").map(Number));
    }
    return copy.textContent;
  }

  function wanted(button) {
    if (button.dataset.copy === "raw") return button.closest("[data-value]").querySelector(".value-raw pre").textContent;
    const place = button.closest("[data-path]");
    if (button.dataset.copy === "path") return place.dataset.path;
    return textOf(place.querySelector("[data-text]"));
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    try {
      await navigator.clipboard.writeText(wanted(button));
      button.classList.add("is-copied");
      setTimeout(() => button.classList.remove("is-copied"), 1500);
      say("copied");
    } catch {
      say("not_copied");
    }
  });

  // Said to screen readers; the mark on the button says it to everybody else.
  function say(word) {
    const box = document.getElementById("toasts");
    const words = JSON.parse(document.getElementById("words").textContent);
    const line = document.createElement("p");
    line.className = word === "copied" ? "visually-hidden" : "note note-wait";
    line.textContent = words[word];
    box.append(line);
    setTimeout(() => line.remove(), 3000);
  }
})();
