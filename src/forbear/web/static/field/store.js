// What the phone keeps for the day: encrypted with a key that can't be taken out of this browser, and wiped as a whole.
const NAME = "forbear-field";
const PLACES = ["keys", "kept", "queue", "sound"];
let opened = null;

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("keys");
      asked.result.createObjectStore("kept");
      asked.result.createObjectStore("queue", { autoIncrement: true });
      asked.result.createObjectStore("sound");
    };
    asked.onsuccess = () => {
      asked.result.onclose = () => {
        opened = null;
      }; // the browser cleared it
      resolve(asked.result);
    };
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function at(place, mode = "readonly") {
  return (await open()).transaction(place, mode).objectStore(place);
}

async function key() {
  const known = await done((await at("keys")).get("day"));
  if (known) return known;
  const made = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  try {
    await done((await at("keys", "readwrite")).add(made, "day"));
    return made;
  } catch {
    return done((await at("keys")).get("day")); // another part of the app was quicker
  }
}

async function hide(bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key(), bytes) };
}

async function show(hidden) {
  return crypto.subtle.decrypt({ name: "AES-GCM", iv: hidden.iv }, await key(), hidden.bytes);
}

const written = (value) => new TextEncoder().encode(JSON.stringify(value));
const read = (bytes) => JSON.parse(new TextDecoder().decode(bytes));

export async function keep(name, value) {
  const hidden = await hide(written(value));
  await done((await at("kept", "readwrite")).put(hidden, name));
}

export async function kept(name) {
  const hidden = await done((await at("kept")).get(name));
  return hidden ? read(await show(hidden)) : null;
}

// Events wait in the order in which they happened.
export async function push(event) {
  const hidden = await hide(written(event));
  await done((await at("queue", "readwrite")).add(hidden));
}

export async function queue() {
  const place = await at("queue");
  const [names, rows] = await Promise.all([done(place.getAllKeys()), done(place.getAll())]);
  return Promise.all(rows.map(async (row, index) => ({ name: names[index], event: read(await show(row)) })));
}

export async function drop(name) {
  await done((await at("queue", "readwrite")).delete(name));
}

// A recording lies here piece by piece, so that a phone that goes out loses seconds and not the visit.
export async function addSound(recording, number, blob, seconds) {
  const hidden = await hide(await blob.arrayBuffer());
  await done((await at("sound", "readwrite")).put({ ...hidden, type: blob.type, seconds }, [recording, number]));
}

export async function sound(recording) {
  const range = IDBKeyRange.bound([recording, 0], [recording, Infinity]);
  const rows = await done((await at("sound")).getAll(range));
  const pieces = await Promise.all(rows.map(show));
  const last = rows.at(-1);
  return { blob: new Blob(pieces, { type: last?.type ?? "" }), seconds: last?.seconds ?? 0, pieces: rows.length };
}

export async function dropSound(recording) {
  await done((await at("sound", "readwrite")).delete(IDBKeyRange.bound([recording, 0], [recording, Infinity])));
}

// Everything goes, with the key, so that nothing can be read even if a copy of the rest were left somewhere.
export async function wipe() {
  const database = await open();
  const change = database.transaction(PLACES, "readwrite");
  for (const place of PLACES) change.objectStore(place).clear();
  await new Promise((resolve, reject) => {
    change.oncomplete = resolve;
    change.onerror = () => reject(change.error);
  });
  database.close();
  opened = null;
  await new Promise((resolve) => {
    const gone = indexedDB.deleteDatabase(NAME);
    gone.onsuccess = gone.onerror = gone.onblocked = resolve;
  });
}
