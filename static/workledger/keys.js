// Keys: / search, ? help, g j, g w, j k Enter in lists, [ ] neighbours. Off in fields, and where people switched them off.
(() => {
  let before = "";
  let beforeAt = 0;

  function isTyping(target) {
    return target.closest("input, textarea, select, [contenteditable], dialog[open]") !== null;
  }

  function choose(step) {
    const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
    if (!rows.length) return false;
    const now = rows.findIndex((row) => row.classList.contains("is-chosen"));
    const next = rows[Math.min(Math.max(now + step, 0), rows.length - 1)];
    rows[now]?.classList.remove("is-chosen");
    next.classList.add("is-chosen");
    const link = next.querySelector("a");
    (link || next).focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function follow(selector) {
    const link = document.querySelector(selector);
    link?.click();
    return link !== null;
  }

  function act(key, sequence) {
    if (sequence === "gj") return follow('[data-go="j"]');
    if (sequence === "gw") return follow('[data-go="w"]');
    if (key === "/") {
      const field = document.getElementById("search");
      field?.select();
      field?.focus();
      return Boolean(field);
    }
    if (key === "?") {
      document.getElementById("keys-help").showModal();
      return true;
    }
    if (key === "j") return choose(1);
    if (key === "k") return choose(-1);
    if (key === "[") return follow('a[rel="prev"]');
    if (key === "]") return follow('a[rel="next"]');
    return false;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const sequence = event.timeStamp - beforeAt < 1500 ? before + event.key : event.key;
    if (act(event.key, sequence)) event.preventDefault();
    before = event.key;
    beforeAt = event.timeStamp;
  });
})();
