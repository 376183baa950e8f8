"use strict";
// The same checks as `forbear verify`, in the browser: nothing leaves this page and nothing is asked of the lender.
// The rules are those of src/forbear/core/evidence/verify.py, step by step under the same names.
const FILES = ["README.txt", "bundle.json", "bundle.sig", "lender.pub.pem", "seals.jsonl", "seals.sig", "events.jsonl", "proofs.jsonl", "personal.jsonl"];
const LINES = ["seals.jsonl", "seals.sig", "events.jsonl", "proofs.jsonl", "personal.jsonl", "bundle.json"];
const LONGEST = 1 << 20, LONGEST_STATEMENT = 1 << 26, MOST_FLAWS = 100;
const HASH = /^[0-9a-f]{64}$/, SIGNATURE = /^[0-9a-f]{128}$/, FIELD = /^[a-z][a-z0-9_]{0,63}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, DAY = /^\d{4}-\d\d-\d\d$/, KEY = /^[A-Za-z0-9_.@:/-]{1,128}$/;
const PROOF = /^\{"number":(0|[1-9][0-9]{0,14}),"path":"([0-9a-f]{0,4096})","seal":(0|[1-9][0-9]{0,14}),"seq":(0|[1-9][0-9]{0,14})\}$/;
const EVENT_FIELDS = "actor at attachments body borrower event_id format kind number personal previous";
const SEAL_FIELDS = "count day first_seq format key made_at number previous root until";
const STATEMENT_FIELDS = "borrower events files format head key lender made_at seals";

// the page's sentences in the reader's language; a sentence that isn't there stays English
const TEXTS = JSON.parse(document.getElementById("texts").textContent);
const gettext = (sentence, values = {}) => (TEXTS[sentence] ?? sentence).replace(/%\((\w+)\)s/g, (place, name) => values[name] ?? place);

class Bad extends Error {}
const utf8 = new TextEncoder();
const textOf = (bytes) => {
  try { return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes); } catch { throw new Bad(gettext("is not UTF-8 text")); }
};
const hex = (bytes) => Array.from(bytes, (each) => each.toString(16).padStart(2, "0")).join("");
const unhex = (text) => Uint8Array.from(text.match(/../g) || [], (each) => parseInt(each, 16));
const joined = (...parts) => {
  const made = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { made.set(part, at); at += part.length; }
  return made;
};
const same = (one, other) => one.length === other.length && one.every((each, at) => each === other[at]);
const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const isText = (value) => typeof value === "string";
const isWhole = (value) => Number.isSafeInteger(value);
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const isHash = (value) => isText(value) && HASH.test(value);
const fieldsOf = (value) => (isObject(value) ? Object.keys(value).sort().join(" ") : "");

// canonical JSON: one value, one spelling
function canonical(value) {
  if (value === null || typeof value === "boolean") return JSON.stringify(value);
  if (isText(value)) {
    if (value.isWellFormed && !value.isWellFormed()) throw new Bad(gettext("is not UTF-8 text"));
    return JSON.stringify(value);
  }
  if (typeof value === "number") {
    if (!isWhole(value)) throw new Bad(gettext("has a number that is not whole or beyond 2^53 - 1"));
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}
function plain(value, depth = 0) {
  if (depth > 32) throw new Bad(gettext("has a value nested more than 32 deep"));
  if (Array.isArray(value)) value.forEach((each) => plain(each, depth + 1));
  else if (isObject(value)) for (const key of Object.keys(value)) {
    if (!KEY.test(key)) throw new Bad(gettext("has a key that is no plain name"));
    plain(value[key], depth + 1);
  }
}
function readLine(bytes, longest = LONGEST) {
  if (bytes.length > longest) throw new Bad(gettext("is longer than %(longest)s bytes", { longest }));
  const text = textOf(bytes);
  let value;
  try { value = JSON.parse(text); } catch { throw new Bad(gettext("is not JSON")); }
  let again;
  try { again = canonical(value); } catch (error) { throw error instanceof Bad ? error : new Bad(gettext("is nested too deeply")); }
  if (again !== text) throw new Bad(gettext("is not in its canonical form"));
  return value;
}
function* linesOf(bytes) {
  let at = 0, number = 1;
  while (at < bytes.length) {
    let end = bytes.indexOf(10, at);
    if (end < 0) end = bytes.length;
    yield [number++, bytes.subarray(at, end)];
    at = end + 1;
  }
}

// the zip: stored files only, written in one way
const CRC = Uint32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1; return n >>> 0; });
function crc32(bytes) {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) crc = CRC[(crc ^ bytes[at]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
function packed(kinds, values) {
  const made = new DataView(new ArrayBuffer(kinds.reduce((sum, kind) => sum + kind, 0)));
  let at = 0;
  kinds.forEach((kind, n) => { if (kind === 2) made.setUint16(at, values[n], true); else made.setUint32(at, values[n], true); at += kind; });
  return new Uint8Array(made.buffer);
}
const localHead = (name, crc, size) => joined(packed([4, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2], [0x04034b50, 20, 0, 0, 0, 0x21, crc, size, size, name.length, 0]), name);
const centralHead = (name, crc, size, offset) => joined(packed([4, 2, 2, 2, 2, 2, 2, 4, 4, 4, 2, 2, 2, 2, 2, 4, 4], [0x02014b50, 0x0314, 20, 0, 0, 0, 0x21, crc, size, size, name.length, 0, 0, 0, 0, (0o100644 << 16) >>> 0, offset]), name);
const NO_ZIP = gettext("is no evidence bundle, or was cut or damaged: its zip directory can't be read");
function unzip(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (end >= 0 && end > bytes.length - 65558 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0 || view.getUint32(end, true) !== 0x06054b50) throw new Bad(NO_ZIP);
  const count = view.getUint16(end + 10, true), files = new Map();
  if (count === 0xffff || view.getUint32(end + 16, true) === 0xffffffff) throw new Bad(gettext("is too large for a browser; use forbear verify"));
  let at = end - view.getUint32(end + 12, true);
  for (let n = 0; n < count; n++) {
    if (at < 0 || at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw new Bad(NO_ZIP);
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [size, long, extra, note] = [view.getUint32(at + 24, true), view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)];
    const name = String.fromCharCode(...bytes.subarray(at + 46, at + 46 + long)), head = view.getUint32(at + 42, true);
    if (method !== 0 || flags & 1) throw new Bad(gettext("%(name)s: is compressed or encrypted; a bundle is neither. It was repacked", { name }));
    if (files.has(name)) throw new Bad(gettext("holds %(name)s twice; it was tampered with", { name }));
    if (head + 30 > bytes.length) throw new Bad(gettext("%(name)s lies outside the file; it was cut or damaged", { name }));
    const start = head + 30 + view.getUint16(head + 26, true) + view.getUint16(head + 28, true);
    if (start + size > bytes.length) throw new Bad(gettext("%(name)s lies outside the file; it was cut or damaged", { name }));
    files.set(name, bytes.subarray(start, start + size));
    at += 46 + long + extra + note;
  }
  return files;
}
function packedAnew(bytes, files) {
  const parts = [], directory = [];
  let at = 0;
  for (const [name, content] of files) {
    const raw = utf8.encode(name), crc = crc32(content), head = localHead(raw, crc, content.length);
    directory.push(centralHead(raw, crc, content.length, at));
    parts.push(head, content);
    at += head.length + content.length;
  }
  const central = joined(...directory);
  const end = packed([4, 2, 2, 2, 2, 4, 4, 2], [0x06054b50, 0, 0, files.size, files.size, central.length, at, 0]);
  return !same(joined(...parts, central, end), bytes);
}

// signatures and trees
async function signedBy(line, signature, key) {
  if (!SIGNATURE.test(signature) || !isHash(key)) return false;
  try {
    const known = await crypto.subtle.importKey("raw", unhex(key), { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, known, unhex(signature), line);
  } catch { return false; }
}
async function proves(leaf, index, count, path, root) {
  if (index < 0 || index >= count) return false;
  let last = count - 1, at = 0;
  for (; last > 0; index = Math.floor(index / 2), last = Math.floor(last / 2)) {
    const next = path.subarray(at, at + 32);
    if (index % 2) leaf = await sha256(joined([1], next, leaf));
    else if (index < last) leaf = await sha256(joined([1], leaf, next));
    else continue;
    at += 32;
  }
  return at === path.length && hex(leaf) === root;
}
function pemKey(bytes) {
  let found;
  try { found = textOf(bytes).match(/^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]{1,400})-----END PUBLIC KEY-----\s*$/); } catch { return ""; }
  if (!found) return "";
  let der;
  try { der = hex(Uint8Array.from(atob(found[1].replace(/\s/g, "")), (sign) => sign.charCodeAt(0))); } catch { return ""; }
  return /^302a300506032b6570032100[0-9a-f]{64}$/.test(der) ? der.slice(24) : "";
}

function readStatement(line) {
  const record = readLine(line, LONGEST_STATEMENT);
  if (fieldsOf(record) !== STATEMENT_FIELDS || record.format !== "forbear.bundle.1") throw new Bad(gettext("is no statement in the form forbear.bundle.1"));
  if (![record.lender, record.borrower, record.made_at, record.head, record.key].every(isText) || ![record.events, record.seals].every(isWhole)) throw new Bad(gettext("has a value that no statement has"));
  if (!isObject(record.files)) throw new Bad(gettext("lists no files"));
  for (const note of Object.values(record.files)) {
    if (fieldsOf(note) !== "media_type sha256 size" || !isWhole(note.size) || !isText(note.sha256)) throw new Bad(gettext("lists a file without its size, digest and media type"));
  }
  return record;
}
function readSeal(line) {
  const record = readLine(line);
  if (fieldsOf(record) !== SEAL_FIELDS || record.format !== "forbear.seal.1") throw new Bad(gettext("is no seal in the form forbear.seal.1"));
  const sound = [record.number, record.first_seq, record.count].every((each) => isWhole(each) && each >= 0) && isText(record.day) && DAY.test(record.day)
    && [record.until, record.made_at].every((each) => isText(each) && MOMENT.test(each)) && isHash(record.root) && isHash(record.key) && (record.previous === "" || isHash(record.previous));
  if (!sound) throw new Bad(gettext("has a value that no seal has"));
  return record;
}
function readEvent(line) {
  const record = readLine(line);
  if (fieldsOf(record) !== EVENT_FIELDS || record.format !== "forbear.event.1") throw new Bad(gettext("is no event in the form forbear.event.1"));
  const sound = Array.isArray(record.attachments) && [record.kind, record.event_id, record.borrower, record.actor].every(isText) && FIELD.test(record.kind)
    && isText(record.at) && MOMENT.test(record.at) && isWhole(record.number) && record.number >= 1
    && (record.number === 1 ? record.previous === "" : isHash(record.previous)) && isObject(record.body) && isObject(record.personal)
    && Object.entries(record.personal).every(([name, value]) => FIELD.test(name) && isHash(value)) && record.attachments.every(isHash);
  if (!sound) throw new Bad(gettext("has a value that no event has"));
  return record;
}
function readProof(line) {
  let found = null;
  try { found = PROOF.exec(textOf(line)); } catch { /* said below */ }
  if (!found || found[2].length % 64) throw new Bad(gettext("is no proof in its canonical form"));
  return { number: Number(found[1]), path: unhex(found[2]), seal: Number(found[3]), seq: Number(found[4]) };
}
function readValue(line) {
  const record = readLine(line);
  if (fieldsOf(record) !== "field number salt value" || !isWhole(record.number) || !isText(record.field) || !isText(record.salt)) throw new Bad(gettext("is no personal value"));
  if (!/^([0-9a-f]{2})*$/.test(record.salt)) throw new Bad(gettext("has a text that is not in hex"));
  if (record.salt.length < 32 || record.salt.length > 128) throw new Bad(gettext("has a salt of another length than 16 to 64 bytes"));
  plain(record.value);
  return record;
}

class Check {
  constructor(files, pinned) {
    this.files = files; this.pinned = pinned; this.statement = null;
    this.seals = new Map(); this.erased = { fields: new Map(), attachments: new Map() };
    this.missing = new Map(); this.present = new Set(); this.named = new Map(); this.lastSeal = 0; this.lastSeq = 0;
    this.verdict = { sound: true, found: 0, flaws: [], lender: "", borrower: "", made_at: "", key: "", events: 0, sealed: 0, seals: 0, first_at: "", last_at: "", values: 0, erased_values: 0, files: 0, erased_files: 0, pinned: Boolean(pinned) };
  }
  add(file, line, what) {
    this.verdict.sound = false;
    if (++this.verdict.found <= MOST_FLAWS) this.verdict.flaws.push({ file, line, what });
  }
  lines(name) { return this.files.has(name) ? linesOf(this.files.get(name)) : [][Symbol.iterator](); }
  async run() {
    await this.readStatement();
    await this.readFiles();
    await this.readSeals();
    await this.readEvents();
    this.explainMissing();
    this.checkAttachments();
    return this.verdict;
  }
  async readStatement() {
    if (!this.files.has("bundle.json")) return this.add("bundle.json", 0, gettext("is missing: this is no evidence bundle"));
    const record = [...this.lines("bundle.json")], line = record.length ? record[0][1] : new Uint8Array();
    try { this.statement = readStatement(line); } catch (error) { return this.add("bundle.json", 1, error.message); }
    const { lender, borrower, made_at, key } = this.statement;
    Object.assign(this.verdict, { lender, borrower, made_at, key });
    if (record.length !== 1) this.add("bundle.json", 2, gettext("has more than one line"));
    let signature = "";
    try { signature = textOf(this.files.get("bundle.sig") || new Uint8Array()); } catch { /* no signature */ }
    if (!signature.endsWith("\n") || !(await signedBy(line, signature.slice(0, -1), key))) this.add("bundle.json", 1, gettext("is not what bundle.sig signs with the key it names"));
    else if (this.pinned && key !== this.pinned) this.add("bundle.json", 1, gettext("is signed with another key than the one given"));
  }
  async readFiles() {
    const record = this.statement ? this.statement.files : {};
    for (const name of [...FILES, ...Object.keys(record).filter((each) => !FILES.includes(each)).sort()]) {
      if (!this.files.has(name) && name !== "bundle.json") this.add(name, 0, gettext("is missing"));
    }
    for (const name of [...this.files.keys()].sort()) {
      const content = this.files.get(name), attached = /^attachments\/([0-9a-f]{64})$/.exec(name);
      if (!FILES.includes(name) && name !== "timeline.pdf" && !attached) { this.add(name, 0, gettext("does not belong into an evidence bundle")); continue; }
      const digest = hex(await sha256(content));
      if (attached) {
        this.present.add(attached[1]);
        if (digest !== attached[1]) this.add(name, 0, gettext("was changed: its SHA-256 is %(digest)s", { digest }));
      }
      if (LINES.includes(name) && content.length && content[content.length - 1] !== 10) this.add(name, 0, gettext("breaks off in its last line"));
      if (this.statement && name !== "bundle.json" && name !== "bundle.sig") {
        const note = Object.hasOwn(record, name) ? record[name] : null;
        if (!note) this.add(name, 0, gettext("was added: bundle.json does not list it"));
        else if (note.size !== content.length || note.sha256 !== digest) this.add(name, 0, gettext("is not the file that was signed"));
      }
    }
  }
  async readSeals() {
    const signatures = this.lines("seals.sig");
    let before = null, beforeLine = null, broken = false, count = 0;
    for (const [number, line] of this.lines("seals.jsonl")) {
      count = number;
      const next = signatures.next();
      let signature = "", seal;
      try { signature = next.done ? "" : textOf(next.value[1]); } catch { /* no signature */ }
      try { seal = readSeal(line); } catch (error) {
        this.add("seals.jsonl", number, error.message);
        [before, beforeLine, broken] = [null, line, true];
        continue;
      }
      if (!broken && (seal.number !== (before ? before.number + 1 : 1) || seal.previous !== (before ? hex(await sha256(beforeLine)) : "")
        || seal.first_seq !== (before ? before.first_seq + before.count : 1) || (before && (seal.day <= before.day || seal.until <= before.until)))) {
        this.add("seals.jsonl", number, gettext("seal %(number)s of %(day)s does not follow the one before it", { number: seal.number, day: seal.day }));
      }
      if (!(await signedBy(line, signature, seal.key))) this.add("seals.jsonl", number, gettext("line %(number)s of seals.sig is not its signature", { number }));
      this.seals.set(seal.number, seal);
      [before, beforeLine, broken] = [seal, line, false];
    }
    for (const [number] of signatures) this.add("seals.sig", number, gettext("signs no seal"));
    this.verdict.seals = count;
    if (!this.statement) return;
    if (this.statement.seals !== count) this.add("seals.jsonl", 0, gettext("has %(count)s seals, but %(seals)s were signed", { count, seals: this.statement.seals }));
    if (this.files.has("lender.pub.pem") && pemKey(this.files.get("lender.pub.pem")) !== this.statement.key) this.add("lender.pub.pem", 0, gettext("is not the key that bundle.json names"));
  }
  rows(name, read) {
    const found = [];
    let before = [0, ""];
    for (const [number, line] of this.lines(name)) {
      let row;
      try { row = read(line); } catch (error) { this.add(name, number, error.message); continue; }
      const place = [row.number, row.field === undefined ? "\x7f" : row.field];
      if (place[0] < before[0] || (place[0] === before[0] && place[1] <= before[1])) { this.add(name, number, gettext("is out of order or stands twice")); continue; }
      before = place;
      found.push([number, row]);
    }
    return { name, found, at: 0 };
  }
  take(rows, number) {
    const taken = [];
    for (; rows.at < rows.found.length && rows.found[rows.at][1].number <= number; rows.at++) {
      const [line, row] = rows.found[rows.at];
      if (row.number < number) this.add(rows.name, line, gettext("is of event %(number)s, which does not stand here", { number: row.number }));
      else taken.push([line, row]);
    }
    return taken;
  }
  async readEvents() {
    const proofs = this.rows("proofs.jsonl", readProof), values = this.rows("personal.jsonl", readValue);
    let previous = "", number = 0, count = 0;
    for (const [place, line] of this.lines("events.jsonl")) {
      count = place;
      const leaf = await sha256(joined([0], line));
      let event;
      try { event = readEvent(line); } catch (error) {
        this.add("events.jsonl", place, error.message);
        [previous, number] = [hex(leaf), number + 1];
        this.take(proofs, number); this.take(values, number);
        continue;
      }
      if (event.number !== number + 1) this.add("events.jsonl", place, gettext("is event %(number)s where event %(expected)s belongs", { number: event.number, expected: number + 1 }));
      else if (event.previous !== previous) this.add("events.jsonl", place, gettext("event %(number)s follows another event", { number: event.number }));
      if (this.statement && event.borrower !== this.statement.borrower) this.add("events.jsonl", place, gettext("event %(number)s is another borrower's", { number: event.number }));
      await this.checkProof(event, place, leaf, proofs);
      await this.checkValues(event, values);
      this.note(event);
      [previous, number] = [hex(leaf), event.number];
    }
    for (const rows of [proofs, values]) for (; rows.at < rows.found.length; rows.at++) this.add(rows.name, rows.found[rows.at][0], gettext("is of event %(number)s, which is not there", { number: rows.found[rows.at][1].number }));
    this.verdict.events = count;
    if (this.statement && (this.statement.events !== count || this.statement.head !== previous)) this.add("events.jsonl", count, gettext("is not the last of the %(events)s events that were signed", { events: this.statement.events }));
  }
  async checkProof(event, line, leaf, proofs) {
    const taken = this.take(proofs, event.number);
    if (!taken.length) return this.add("events.jsonl", line, gettext("event %(number)s has no proof", { number: event.number }));
    const [place, proof] = taken[0];
    if (!proof.seal && !proof.seq && !proof.path.length) { this.lastSeal = Infinity; return; }
    const seal = this.seals.get(proof.seal);
    if (!seal) return this.add("proofs.jsonl", place, gettext("names seal %(seal)s, which is not there", { seal: proof.seal }));
    if (proof.seal < this.lastSeal || proof.seq <= this.lastSeq) this.add("proofs.jsonl", place, gettext("puts its event before one that it follows"));
    [this.lastSeal, this.lastSeq] = [proof.seal, proof.seq];
    if (await proves(leaf, proof.seq - seal.first_seq, seal.count, proof.path, seal.root)) this.verdict.sealed++;
    else this.add("events.jsonl", line, gettext("event %(number)s does not lead to seal %(seal_number)s of %(day)s: it or its proof was changed", { number: event.number, seal_number: seal.number, day: seal.day }));
  }
  async checkValues(event, values) {
    const absent = new Set(Object.keys(event.personal));
    const remember = (name) => this.missing.set(name, [...(this.missing.get(name) || []), event.number]);
    for (const [place, row] of this.take(values, event.number)) {
      if (!Object.hasOwn(event.personal, row.field)) { this.add("personal.jsonl", place, gettext("event %(number)s has no %(field)s", { number: event.number, field: row.field })); continue; }
      absent.delete(row.field);
      this.verdict.values++;
      const opened = hex(await sha256(joined(unhex(row.salt), utf8.encode(canonical(row.value)))));
      if (opened !== event.personal[row.field]) this.add("personal.jsonl", place, gettext("the %(field)s of event %(number)s is not the one that was committed to", { field: row.field, number: event.number }));
      remember(`+${row.field}`);
    }
    absent.forEach(remember);
  }
  note(event) {
    const v = this.verdict;
    if (!v.first_at || event.at < v.first_at) v.first_at = event.at;
    if (event.at > v.last_at) v.last_at = event.at;
    event.attachments.forEach((digest) => this.named.set(digest, event.number));
    const { through, fields, attachments } = event.body;
    const texts = (value) => Array.isArray(value) && value.every(isText);
    if (event.kind !== "erasure" || !isWhole(through) || through >= event.number || !texts(fields) || !texts(attachments)) return;
    for (const [known, names] of [[this.erased.fields, fields], [this.erased.attachments, attachments]]) names.forEach((name) => known.set(name, Math.max(through, known.get(name) || 0)));
  }
  explainMissing() {
    for (const [name, numbers] of this.missing) {
      const kept = name.startsWith("+"), field = kept ? name.slice(1) : name;
      for (const number of numbers) {
        const erased = number <= (this.erased.fields.get(field) || 0);
        if (kept && erased) this.add("personal.jsonl", 0, gettext("the %(field)s of event %(number)s is here, though it was erased", { field, number }));
        else if (!kept && !erased) this.add("personal.jsonl", 0, gettext("the %(field)s of event %(number)s is missing, and no event tells that it was erased", { field, number }));
        else if (!kept) this.verdict.erased_values++;
      }
    }
  }
  checkAttachments() {
    for (const [digest, number] of this.named) {
      const erased = number <= (this.erased.attachments.get(digest) || 0), file = `attachments/${digest}`;
      if (this.present.has(digest)) {
        this.verdict.files++;
        if (erased) this.add(file, 0, gettext("is here, though it was erased"));
      } else if (erased) this.verdict.erased_files++;
      else this.add(file, 0, gettext("is missing; event %(number)s names it", { number }));
    }
    for (const digest of [...this.present].sort()) if (!this.named.has(digest)) this.add(`attachments/${digest}`, 0, gettext("is named by no event"));
  }
}

async function checkBundle(bytes, name, pinned = "") {
  let files;
  try { files = unzip(bytes); } catch (error) {
    const refused = new Check(new Map(), pinned);
    refused.add(name, 0, error instanceof Bad ? error.message : NO_ZIP);
    return refused.verdict;
  }
  const check = new Check(files, pinned), verdict = await check.run();
  if (verdict.sound && packedAnew(bytes, files)) check.add(name, 0, gettext("is not as it was packed; the files inside are as signed"));
  return verdict;
}
