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

// Tabs: parts of a page of which one is seen at a time. Without script each stands below the one before.
const parts = [...document.querySelectorAll("main [data-tab]")];
const tabOf = new Map();

function showPart(shown) {
  for (const [part, tab] of tabOf) {
    part.hidden = part !== shown;
    tab.classList.toggle("active", part === shown);
    tab.setAttribute("aria-selected", String(part === shown));
    tab.tabIndex = part === shown ? 0 : -1;
  }
}

// What is about to be used or read is shown first: its tab is opened.
function reveal(found) {
  const part = found?.closest("[data-tab]");
  if (part?.hidden) showPart(part);
}

function showNamed() {
  const found = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!found || !found.closest("[data-tab]")) return;
  reveal(found);
  found.scrollIntoView({ block: "nearest" });
}

function makeTabs() {
  const list = document.createElement("div");
  list.className = "nav nav-tabs";
  list.setAttribute("role", "tablist");
  parts[0].before(list);
  for (const part of parts) {
    const tab = list.appendChild(document.createElement("button"));
    Object.assign(tab, { type: "button", className: "nav-link", id: `tab-${part.id}` });
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", part.id);
    tab.textContent = part.querySelector("h2").textContent.trim();
    if (part.dataset.count) {
      tab.append(" ");
      const count = tab.appendChild(document.createElement("span"));
      count.className = "badge tag wait";
      count.textContent = part.dataset.count;
    }
    part.setAttribute("role", "tabpanel");
    part.setAttribute("aria-labelledby", tab.id);
    part.classList.add("tabbed");
    tab.addEventListener("click", () => {
      showPart(part);
      history.replaceState(null, "", `#${part.id}`);
    });
    // where a form of a tab is sent, the page comes back with the same tab
    part.addEventListener("submit", (event) => {
      const [path] = event.target.action.split("#");
      event.target.action = `${path}#${part.id}`;
    });
    tabOf.set(part, tab);
  }
  list.addEventListener("keydown", (event) => {
    const tabs = [...tabOf.values()];
    const at = tabs.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
  showPart(parts.find((part) => part.querySelector(".wrong, [role=alert]")) ?? parts[0]);
  showNamed();
  addEventListener("hashchange", showNamed);
}
if (parts.length) makeTabs();

// After a call has begun the note has the focus: what is typed is written there, and Alt with a key chooses a result.
// A telephone's keyboard is not thrown over the page.
const startWriting = () => {
  if (!matchMedia("(pointer: fine)").matches || document.activeElement !== document.body) return;
  document.querySelector("main [data-focus]")?.focus({ preventScroll: true });
};
startWriting();
document.addEventListener("htmx:afterSwap", startWriting);

// Keys at the desk: outside of fields a letter or digit presses what carries it in data-key; inside, Alt with it chooses
// an answer. Saving is Ctrl+Enter or Cmd+Enter, from inside of a field too, so that nobody saves by typing a word.
const SAVE = "s";
const isField = (at) =>
  /^(TEXTAREA|SELECT)$/.test(at.tagName) ||
  (at.tagName === "INPUT" && !["radio", "checkbox"].includes(at.type)) ||
  at.isContentEditable;
const press = (found) => {
  reveal(found);
  // the amount of a promise is there once a promise is what was agreed
  const promise = found.offsetParent ? null : found.form?.querySelector("[name=result][value=promise]");
  if (promise) promise.checked = true;
  found.focus();
  found.click();
  found.select?.();
};
const withKey = (key) => document.querySelector(`[data-key="${CSS.escape(key)}"]`);
const keys = document.getElementById("keys");

// A result chosen by its key: a promise goes on to its amount, another leaves the cursor where it is.
function choose(found, writing) {
  found.checked = true;
  found.dispatchEvent(new Event("change", { bubbles: true }));
  const amount = found.value === "promise" && found.form?.elements.namedItem("amount");
  if (amount) press(amount);
  else if (!writing) found.focus();
}

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

// Alt with a letter writes another sign on some keyboards: the key itself counts, as it is named.
const keyOf = (event) => /^(?:Key|Digit)(.)$/.exec(event.code)?.[1].toLowerCase() ?? event.key.toLowerCase();

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
  if (event.ctrlKey || event.metaKey) return;
  if (event.altKey) {
    const found = withKey(keyOf(event));
    if (found?.type !== "radio") return;
    event.preventDefault();
    choose(found, isField(event.target));
    return;
  }
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
  const found = withKey(key);
  if (!found) return;
  event.preventDefault();
  if (found.type === "radio") choose(found, false);
  else press(found);
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
