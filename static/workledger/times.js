// Keeps relative times and running durations fresh, in the words that the server gave.
(() => {
  const words = JSON.parse(document.getElementById("words").textContent);
  const units = [["seconds", 60, 1], ["minutes", 3600, 60], ["hours", 86400, 3600], ["days", 8 * 86400, 86400]];

  function relative(moment, now) {
    const seconds = (now - moment) / 1000;
    if (Math.abs(seconds) < 3) return words.now;
    for (const [unit, below, size] of units) {
      if (Math.abs(seconds) < below) {
        const text = words[`${unit}_${seconds > 0 ? "ago" : "ahead"}`];
        const whole = seconds > 0 ? Math.floor(seconds / size) : Math.ceil(-seconds / size);
        return text.replace("{}", whole);
      }
    }
    return null; // a date: what the server wrote stays
  }

  function duration(milliseconds) {
    const whole = Math.max(Math.floor(milliseconds / 1000), 0);
    const two = (number) => String(number).padStart(2, "0");
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
    if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} m`;
    return `${Math.floor(whole / 86400)} d ${two(Math.floor((whole % 86400) / 3600))} h`;
  }

  function say(element, text) {
    if (text !== null && element.textContent !== text) element.textContent = text;
  }

  function refresh() {
    if (document.hidden) return;
    const now = Date.now();
    for (const element of document.querySelectorAll("time[data-moment]")) {
      say(element, relative(Date.parse(element.dateTime), now));
    }
    for (const element of document.querySelectorAll("[data-running-since]")) {
      say(element, duration(now - Date.parse(element.dataset.runningSince)));
    }
  }

  setInterval(refresh, 1000);
  document.addEventListener("visibilitychange", refresh);
})();
