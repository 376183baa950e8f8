// Alarms: every page of those who answer for them asks again and again, and shows them at once.
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

// Parts that are asked for again by themselves: a page that is gone, as when a case was recalled, says so at once. An
// answer from elsewhere, as when the session has ended, changes nothing: what is typed here is kept when it is sent.
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 404 && event.target.matches("[hx-select]")) location.reload();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const asked = new URL(requestConfig.path, location.href).pathname;
  if (new URL(xhr.responseURL).pathname !== asked) event.detail.shouldSwap = false;
});

// Keys at the desk: outside of fields a letter or digit presses what carries it in data-key. Saving is Ctrl+Enter or
// Cmd+Enter, from inside of a field too, so that nobody saves by typing a word.
const SAVE = "s";
const isField = (at) =>
  /^(TEXTAREA|SELECT)$/.test(at.tagName) ||
  (at.tagName === "INPUT" && !["radio", "checkbox"].includes(at.type)) ||
  at.isContentEditable;
const press = (found) => {
  found.focus();
  found.click();
};
const keys = document.getElementById("keys");

function showKeys() {
  const here = document.getElementById("keys-here");
  here.replaceChildren();
  for (const each of document.querySelectorAll("main [data-key]")) {
    if (each.dataset.key === SAVE) continue;
    const term = here.appendChild(document.createElement("dt"));
    term.appendChild(document.createElement("kbd")).textContent = each.dataset.key.toUpperCase();
    const text = (each.labels?.[0] ?? each.closest("label") ?? each).cloneNode(true);
    for (const inner of text.querySelectorAll("kbd")) inner.remove();
    here.appendChild(document.createElement("dd")).textContent = text.textContent.trim();
  }
  keys.showModal();
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = document.activeElement?.closest("form");
    const found =
      form?.querySelector(`[data-key="${SAVE}"]`) ??
      form?.querySelector("button:not([type=button])") ??
      document.querySelector(`main [data-key="${SAVE}"]`);
    if (!found) return;
    event.preventDefault();
    press(found);
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (isField(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const search = document.querySelector("[data-search-field]");
  if (event.key === "/" && search) {
    event.preventDefault();
    search.focus();
    search.select();
    return;
  }
  if (event.key === "?" && keys) {
    event.preventDefault();
    showKeys();
    return;
  }
  const key = event.key.toLowerCase();
  if (key === SAVE) return;
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!found) return;
  event.preventDefault();
  press(found);
});

// A page drawn after a refused form stands at the form's address: its own links and a reload are those of the page.
const drawnOn = document.querySelector('meta[name="drawn-on"]');
if (drawnOn) history.replaceState(null, "", drawnOn.content);

// Grave acts ask once: a form, a button or a chosen answer with data-grave names what it does in the question.
const question = document.getElementById("grave");
document.addEventListener("submit", (event) => {
  const form = event.target;
  const grave =
    event.submitter?.dataset.grave ??
    form.querySelector("input:checked[data-grave]")?.dataset.grave ??
    form.dataset.grave;
  if (!grave || !question || form.dataset.asked) return;
  event.preventDefault();
  question.querySelector("p").textContent = grave;
  question.onclose = () => {
    if (question.returnValue !== "yes") return;
    form.dataset.asked = "yes";
    form.requestSubmit(event.submitter);
  };
  question.showModal();
});
