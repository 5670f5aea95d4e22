// What every page shares: the CSRF header of htmx, words about requests that failed, menus and dialogs.
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);

  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-CSRFToken"] = document.querySelector('meta[name="csrf-token"]').content;
  });

  // A toast per key: the same trouble is told once, and taken back when it is over.
  const toasts = document.getElementById("toasts");
  function tell(key, text, link) {
    if (toasts.querySelector(`[data-key="${key}"]`)) return;
    const note = document.getElementById("toast").content.firstElementChild.cloneNode(true);
    note.dataset.key = key;
    note.querySelector("[data-text]").textContent = text;
    const way = note.querySelector("a");
    if (link) {
      way.href = link.url;
      way.textContent = link.text;
    } else {
      way.remove();
    }
    note.querySelector("button").addEventListener("click", () => note.remove());
    toasts.append(note);
  }
  function takeBack(key) {
    toasts.querySelector(`[data-key="${key}"]`)?.remove();
  }

  function signInAddress() {
    const here = location.pathname + location.search;
    return `${words.sign_in_url}?next=${encodeURIComponent(here)}`;
  }
  function sentenceOf(xhr) {
    try {
      return JSON.parse(xhr.responseText).detail || words.failed;
    } catch {
      return words.failed;
    }
  }

  document.addEventListener("htmx:sendError", () => tell("offline", words.offline));
  document.addEventListener("htmx:timeout", () => tell("offline", words.offline));
  document.addEventListener("htmx:responseError", (event) => {
    const xhr = event.detail.xhr;
    if (xhr.status === 401) tell("signed-out", words.signed_out, { url: signInAddress(), text: words.sign_in });
    else if (xhr.status >= 500) tell("offline", words.offline);
    else tell(`status-${xhr.status}`, sentenceOf(xhr), { url: location.href, text: words.reload });
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) takeBack("offline");
  });

  // Menus close as people expect; a dialog opens in place of the page that its link leads to.
  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.opens).showModal();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
