// The recording of a visit: begun before the visit, kept piece by piece, bound by its SHA-256 when it ends.
import * as store from "./store.js";

const PIECE_MS = 4000;
const KINDS = ["audio/webm;codecs=opus", "audio/webm", "audio/ogg;codecs=opus", "audio/mp4"];
let running = null;

export const recording = () => running?.name ?? "";

// Throws when there is no microphone or nobody allowed it: then nobody rings.
export async function begin() {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const kind = KINDS.find((each) => MediaRecorder.isTypeSupported(each));
  const recorder = new MediaRecorder(stream, { ...(kind && { mimeType: kind }), audioBitsPerSecond: 24000 });
  const name = crypto.randomUUID();
  const mine = { name, recorder, stream, began: performance.now(), number: 0, saving: Promise.resolve() };
  recorder.ondataavailable = (event) => {
    if (!event.data.size) return;
    const number = mine.number++;
    const seconds = Math.round((performance.now() - mine.began) / 1000);
    mine.saving = mine.saving.then(() => store.addSound(name, number, event.data, seconds));
  };
  recorder.start(PIECE_MS);
  running = mine;
  return name;
}

export async function end() {
  const mine = running;
  if (!mine) return;
  running = null;
  await new Promise((resolve) => {
    mine.recorder.onstop = resolve;
    mine.recorder.stop();
  });
  for (const track of mine.stream.getTracks()) track.stop();
  await mine.saving;
}

const hex = (bytes) => [...new Uint8Array(bytes)].map((each) => each.toString(16).padStart(2, "0")).join("");

// What the end of the visit says of each recording; the file follows when there is a network.
export async function bound(names) {
  const found = [];
  for (const name of names) {
    const { blob, seconds, pieces } = await store.sound(name);
    if (!pieces) continue;
    found.push({ name, sha256: hex(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer())), seconds });
  }
  return found;
}
