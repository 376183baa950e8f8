// The visitors' app: today's route, leave taken with a network, the visit made without one, sent when there is one.
import * as recorder from "./recorder.js";
import * as store from "./store.js";

const SYNC_MS = 20_000;
const ASK_MS = 12_000;
const PLACE = { enableHighAccuracy: true, timeout: 8_000, maximumAge: 20_000 };
const view = document.getElementById("view");
const messages = document.getElementById("messages");
let day = null; // what the server gave, with what happened here since
let open = ""; // the visit on the screen
let showing = false; // the card that is held out, which says nothing of the debt
let signedOut = false;
let lastPlace = null;
let offset = 0; // the server's clock minus ours, in ms
let busy = null;

// texts and views come from the page, which is in the reader's language; `values` stand in the text's braces
const words = (kind, name, values = {}) => {
  const text = document.querySelector(`#words [data-${kind}="${name}"]`)?.textContent ?? name;
  return text.replace(/\{(\w+)\}/g, (place, key) => values[key] ?? place);
};
const copy = (name) => document.getElementById(`t-${name}`).content.cloneNode(true);
const visitOf = (id) => day?.visits.find((visit) => visit.id === id);
const now = () => new Date(Date.now() + offset);
const clock = (text) => new Date(text).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });

function fill(part, values) {
  for (const [name, value] of Object.entries(values)) {
    for (const place of part.querySelectorAll(`[data-is="${name}"]`)) place.textContent = value ?? "";
  }
  return part;
}

function say(text, bad = false) {
  messages.replaceChildren();
  add(text, bad);
}

function unsay(text) {
  for (const line of [...messages.children]) if (line.textContent === text) line.remove();
}

// what several answers bring stands together: an alarm's receipt hides no conflict
function add(text, bad = false) {
  if ([...messages.children].some((line) => line.textContent === text)) return;
  const line = document.createElement("p");
  line.textContent = text;
  if (bad) line.className = "bad";
  messages.append(line);
}

// ---- asking the server

class SignedOut extends Error {}

async function ask(path, options = {}) {
  const token = document.cookie.match(/(?:^|; )(?:__Host-)?csrftoken=([^;]+)/)?.[1] ?? "";
  const headers = { ...options.headers, ...(options.method === "POST" && { "X-CSRFToken": token }) };
  let answer;
  try {
    answer = await fetch(path, {
      ...options,
      headers,
      credentials: "same-origin",
      redirect: "manual",
      cache: "no-store",
      signal: AbortSignal.timeout(options.body instanceof FormData ? ASK_MS * 10 : ASK_MS),
    });
  } catch (error) {
    setOnline(false);
    throw error;
  }
  setOnline(true);
  if (answer.type === "opaqueredirect" || [302, 403, 404].includes(answer.status)) throw new SignedOut();
  return answer.json();
}

const post = (path, body) =>
  ask(path, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });

function setOnline(is) {
  for (const part of document.querySelectorAll("[data-net]")) part.hidden = (part.dataset.net === "online") !== is;
}

// ---- telling what happened, once

async function push(kind, visit, more = {}) {
  await store.push({ id: crypto.randomUUID(), kind, visit, at: now().toISOString(), place: lastPlace, ...more });
  await count();
}

async function count() {
  const waits = (await store.queue()).length + (day?.sounds?.length ?? 0);
  const shown = document.getElementById("waiting");
  shown.hidden = !waits;
  shown.querySelector("b").textContent = waits;
  return waits;
}

function sync() {
  busy ??= doSync()
    .catch((error) => {
      if (error instanceof SignedOut) signOutSeen();
    })
    .finally(() => {
      busy = null;
    });
  return busy;
}

async function doSync() {
  const rows = await store.queue();
  if (rows.length) {
    const { answers } = await post("/field/sync", { events: rows.map((row) => row.event) });
    for (const [index, answer] of answers.entries()) {
      await take(rows[index].event, answer);
      await store.drop(rows[index].name);
    }
  }
  await sendSounds();
  if (!(await store.queue()).length) await refresh();
  await count();
}

async function take(event, answer) {
  const visit = visitOf(event.visit);
  if (event.kind === "alarm") {
    unsay(words("say", "alarm-waits"));
    return add(words("say", "alarm-sent"));
  }
  if (answer.wrong && event.kind === "start" && visit?.state === "under_way") {
    await recorder.end();
    for (const name of visit.parts ?? []) await store.dropSound(name);
    Object.assign(visit, { state: "planned", leave_until: null, parts: [] });
    add(words("say", "stop", { why: answer.wrong }), true);
    render();
  } else if (answer.wrong) add(words("say", "not-taken", { why: answer.wrong }), true);
  else if (answer.conflicts?.length) add(words("say", "conflict", { why: answer.conflicts.join("; ") }), true);
  if (visit && answer.lacks) visit.lacks = answer.lacks;
}

async function sendSounds() {
  for (const sound of [...(day?.sounds ?? [])]) {
    const { blob, pieces } = await store.sound(sound.name);
    if (pieces) {
      const form = new FormData();
      form.append("file", blob, "recording");
      const answer = await ask(`/field/visit/${sound.visit}/recording`, { method: "POST", body: form });
      if (answer.wrong) add(words("say", "not-taken", { why: answer.wrong }), true);
    }
    await store.dropSound(sound.name);
    day.sounds = day.sounds.filter((each) => each.name !== sound.name);
    await store.keep("day", day);
  }
}

async function refresh() {
  const asked = Date.now();
  const fresh = await ask("/field/day");
  offset = Date.parse(fresh.now) - (asked + Date.now()) / 2;
  if (day && day.person !== fresh.person) {
    if (await count()) return say(words("say", "someone-else"), true);
    await store.wipe();
    day = null;
  }
  // what only the phone knows stays with the visit it belongs to
  for (const visit of fresh.visits) {
    const before = visitOf(visit.id);
    if (before?.parts) visit.parts = before.parts;
    if (before?.typed) visit.typed = before.typed;
  }
  fresh.sounds = day?.sounds ?? [];
  const same = JSON.stringify({ ...fresh, now: 0 }) === JSON.stringify({ ...day, now: 0 });
  day = fresh;
  signedOut = false;
  await store.keep("day", day);
  await store.keep("offset", offset);
  if (!same) render();
}

function signOutSeen() {
  signedOut = true;
  if (visitOf(open)?.state !== "under_way") view.replaceChildren(copy("signed-out"));
}

// ---- where we are

function place() {
  return new Promise((resolve) => {
    if (!navigator.geolocation) return resolve(null);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        lastPlace = { latitude: coords.latitude, longitude: coords.longitude, accuracy: coords.accuracy };
        resolve(lastPlace);
      },
      () => resolve(null),
      PLACE,
    );
  });
}

// ---- what the two do

const acts = {
  card: () => {
    showing = true;
    render();
  },
  "card-back": () => {
    showing = false;
    render();
  },
  back: () => {
    open = "";
    render();
  },
  "set-out": async () => {
    let answer;
    try {
      answer = await post(`/field/visit/${open}/leave`, {});
    } catch (error) {
      return error instanceof SignedOut ? signOutSeen() : say(words("say", "offline"), true);
    }
    if (answer.gone) {
      say(words("say", "gone", { why: answer.gone }), true);
      return refresh();
    }
    if (answer.wrong) {
      const why = answer.wrong.join("; ");
      return say(words("say", answer.until ? "refused-until" : "refused", { why, until: answer.until }), true);
    }
    messages.replaceChildren();
    Object.assign(visitOf(open), answer.visit);
    await store.keep("day", day);
    render();
  },
  start: async () => {
    const visit = visitOf(open);
    if (!visit.leave_until || Date.parse(visit.leave_until) < now()) return say(words("say", "ran-out"), true);
    // also without a network: the hours that the borrower was told bind those who ring
    const [from] = visit.announced ?? [];
    if (from && Date.parse(from) > now()) return say(words("say", "too-early", { from: clock(from) }), true);
    let name;
    try {
      name = await recorder.begin();
    } catch {
      return say(words("say", "no-microphone"), true);
    }
    const began = now().toISOString();
    const where = await place();
    Object.assign(visit, { state: "under_way", started: began, parts: [name] });
    delete visit.typed;
    await push("start", visit.id, { at: began, place: where });
    await store.keep("day", day);
    messages.replaceChildren();
    if (!where) say(words("say", "no-place"));
    render();
    await sync();
  },
  record: async () => {
    try {
      const name = await recorder.begin();
      const visit = visitOf(open);
      visit.parts = [...(visit.parts ?? []), name];
      await store.keep("day", day);
      render();
    } catch {
      say(words("say", "no-microphone"), true);
    }
  },
  "leave-now": () => end("asked_to_leave", view.querySelector("[data-in=note]").value),
  "stay-away": async () => {
    const visit = visitOf(open);
    await push("stay_away", visit.id, { note: view.querySelector("[data-in=note]").value });
    forget(visit, "called_off");
    open = "";
    render();
    await sync();
  },
  out: async () => {
    await sync();
    if (await count()) return say(words("say", "unsent"), true);
    try {
      await ask(document.body.dataset.signOut, { method: "POST" });
    } catch (error) {
      if (!(error instanceof SignedOut)) return say(words("say", "offline"), true);
    }
    try {
      await clear();
    } finally {
      // the server tells the browser to clear it too, and may have been quicker
      location.replace(document.body.dataset.signIn);
    }
  },
};

async function end(outcome, note) {
  const visit = visitOf(open);
  const ended = now().toISOString();
  await recorder.end();
  const bound = await recorder.bound(visit.parts ?? []);
  const where = await place();
  const recordings = bound.map(({ sha256, seconds }) => ({ sha256, seconds }));
  await push("end", visit.id, { at: ended, place: where, outcome, note, recordings });
  day.sounds = [...(day.sounds ?? []), ...bound.map(({ name }) => ({ name, visit: visit.id }))];
  forget(visit, "ended");
  await store.keep("day", day);
  open = "";
  render();
  await sync();
}

// Once a visit is over nobody needs to know any more who lives there.
function forget(visit, state) {
  const { id, position, arrives, area } = visit;
  for (const name of Object.keys(visit)) delete visit[name];
  Object.assign(visit, { id, position, arrives, area, state, name: "***", address: "", lacks: [], conflicts: [] });
}

async function clear() {
  day = null;
  await store.wipe();
  for (const name of await caches.keys()) if (name.startsWith("field-")) await caches.delete(name);
  for (const each of (await navigator.serviceWorker?.getRegistrations()) ?? []) await each.unregister();
}

document.getElementById("alarm").addEventListener("click", async () => {
  await push("alarm", open);
  say(words("say", "alarm-waits"), true);
  await sync();
  if (await place()) await push("alarm", open); // the same alarm, with where we are
  await sync();
});

// ---- the screen

let before = "";
const stateOf = (visit) =>
  visit.state === "planned" && visit.leave_until && Date.parse(visit.leave_until) > now() ? "leave" : visit.state;

function render() {
  if (signedOut && visitOf(open)?.state !== "under_way") return view.replaceChildren(copy("signed-out"));
  const under = day?.visits.find((visit) => visit.state === "under_way");
  if (under) open = under.id; // at a door, that door is shown
  if (!day || !day.visits.length) return view.replaceChildren(copy("none"));
  const visit = visitOf(open);
  if (!visit) showing = false;
  view.replaceChildren(visit ? screen(visit) : route());
  const shown = `${open} ${visit?.state ?? ""} ${showing}`;
  document.body.classList.toggle("showing", showing);
  if (shown !== before) document.getElementById("page").scrollTop = 0; // another view begins at its beginning
  before = shown;
}

function route() {
  const part = fill(copy("day"), { day: day.day, pair: day.pair.join(" + ") });
  for (const visit of day.visits) {
    const row = fill(copy("stop"), { ...visit, area: areaOf(visit), state: words("state", stateOf(visit)) });
    row.querySelector(".tag").dataset.state = stateOf(visit);
    row.querySelector("button").addEventListener("click", () => {
      open = visit.id;
      messages.replaceChildren();
      render();
      view.focus();
    });
    part.querySelector(".stops").append(row);
  }
  return part;
}

// an address often begins with its area: it is said once
const areaOf = (visit) => (visit.address?.startsWith(visit.area) ? "" : visit.area);

function list(part, name, texts) {
  const place = part.querySelector(`[data-list="${name}"]`);
  place.hidden = !texts.length;
  for (const text of texts) {
    const line = document.createElement("li");
    line.textContent = text;
    place.querySelector("ul").append(line);
  }
}

function screen(visit) {
  const state = stateOf(visit);
  const named = { planned: "planned", leave: "leave", under_way: "under_way" }[state] ?? "over";
  const name = showing && ["leave", "under_way"].includes(named) ? "card" : named;
  const part = fill(copy(name), {
    ...visit,
    area: areaOf(visit),
    state: words("state", state),
    lender: day.lender,
    phone: day.phone,
    verify: day.verify.replace(/^https?:\/\//, ""),
    visitors: (visit.visitors ?? []).join(" + "),
    owed: (visit.owed ?? []).join(", "),
    until: visit.leave_until ? clock(visit.leave_until) : "",
    from: visit.announced ? clock(visit.announced[0]) : "",
    to: visit.announced ? clock(visit.announced[1]) : "",
  });
  if (name === "over") {
    part.querySelector(".tag").dataset.state = state;
    list(
      part,
      "lacks",
      (visit.lacks ?? []).map((code) => words("lack", code)),
    );
    list(part, "conflicts", visit.conflicts ?? []);
  }
  for (const place of part.querySelectorAll('[data-has="phone"]')) place.hidden = !day.phone;
  for (const note of part.querySelectorAll("[data-in=note]")) note.value = visit.typed?.note ?? "";
  for (const pick of part.querySelectorAll("[name=outcome]")) pick.checked = pick.value === visit.typed?.outcome;
  if (name === "under_way") {
    part.querySelector(".rec-off").hidden = Boolean(recorder.recording());
    part.querySelector(".rec").hidden = !recorder.recording();
    part.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      const form = event.target;
      end(form.elements.outcome.value, form.querySelector("[data-in=note]").value);
    });
  }
  return part;
}

// What is typed stays on the phone with its visit until it is sent, also when the app is closed in between.
view.addEventListener("input", async (event) => {
  const visit = visitOf(open);
  const name = event.target.dataset.in ?? event.target.name;
  if (!visit || !name) return;
  visit.typed = { ...visit.typed, [name]: event.target.value };
  await store.keep("day", day);
});

view.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-do]");
  if (!button) return;
  button.disabled = true;
  try {
    await acts[button.dataset.do]();
  } finally {
    button.disabled = false;
  }
});

setInterval(() => {
  const visit = visitOf(open);
  const shown = view.querySelector('[data-is="clock"]');
  if (visit?.started && shown) {
    const seconds = Math.max(0, Math.round((now() - Date.parse(visit.started)) / 1000));
    shown.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}, 500);

// After its day nothing of it stays, but what has not been sent yet.
async function overnight() {
  if (!day || day.day >= now().toLocaleDateString("sv")) return;
  if (await count()) return;
  await store.wipe();
  day = null;
  render();
}

async function begin() {
  if ("serviceWorker" in navigator)
    navigator.serviceWorker.register(document.body.dataset.worker, { scope: "/field/" }).catch(() => {});
  day = await store.kept("day");
  if (day) offset = (await store.kept("offset")) ?? 0;
  await overnight();
  render();
  await count();
  await sync();
  if (!day) render();
  setInterval(async () => {
    await overnight();
    await sync();
  }, SYNC_MS);
  addEventListener("online", sync);
  addEventListener("offline", () => setOnline(false));
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) sync();
  });
}

begin();
