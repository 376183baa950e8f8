// Alarms of visitors: every page of those who answer for them asks again and again, and says them at once.
const alarms = document.getElementById("alarms");
if (alarms && !document.querySelector("main form[action*='/desk/alarms/']")) {
  const ask = async () => {
    try {
      const response = await fetch(alarms.dataset.from, { credentials: "same-origin", redirect: "error" });
      const text = response.ok ? (await response.text()).trim() : "";
      if (text !== alarms.dataset.shown && !alarms.contains(document.activeElement)) {
        alarms.innerHTML = text;
        alarms.dataset.shown = text;
      }
    } catch {
      // asked again soon
    }
  };
  ask();
  setInterval(ask, 10_000);
}
// Keys at the desk: a letter or digit presses what carries it in data-key, unless somebody is writing.
document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || /^(TEXTAREA|SELECT)$/.test(at.tagName)) return;
  if (at.tagName === "INPUT" && !["radio", "checkbox"].includes(at.type)) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
  if (!found) return;
  event.preventDefault();
  found.focus();
  found.click();
});
