const place = document.getElementById("verdict");
const shown = (tag, text, kind = "") => {
  const made = document.createElement(tag);
  made.textContent = text;
  if (kind) made.className = kind;
  place.append(made);
};
function show(verdict) {
  place.replaceChildren();
  if (verdict.sound) {
    shown("h2", gettext("Whole and unchanged"), "good");
    shown("p", gettext("Events: %(events)s, under daily seals: %(sealed)s", verdict));
    shown("p", `${verdict.first_at} – ${verdict.last_at}`);
    shown("p", gettext("Personal values: %(values)s, attachments: %(files)s", verdict));
    shown("p", `${verdict.lender} · ${verdict.made_at}`);
    const key = verdict.key.replace(/.{4}(?=.)/g, "$& ");
    shown("p", verdict.pinned ? gettext("Signed with the key given.") : gettext("The key came with the bundle. Compare it with the lender's published key: %(key)s", { key }));
    return;
  }
  shown("h2", gettext("Places that are not as signed: %(found)s", verdict), "bad");
  for (const { file, line, what } of verdict.flaws) {
    shown("p", `${file}${line ? ` : ${line}` : ""} — ${what}`);
  }
}
async function check() {
  const file = document.getElementById("bundle").files[0], key = document.getElementById("key").value.normalize("NFKC").replace(/[\s:-]/g, "").toLowerCase();
  if (!file) return;
  place.replaceChildren();
  if (!globalThis.crypto || !crypto.subtle) return shown("p", gettext("Open this page over https, or save it first."), "bad");
  try { await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "Ed25519" }, false, ["verify"]); } catch (error) {
    if (error.name === "NotSupportedError") return shown("p", gettext("This browser is too old to check signatures."), "bad");
  }
  shown("p", gettext("Checking…"));
  show(await checkBundle(new Uint8Array(await file.arrayBuffer()), file.name, key));
}
const input = document.getElementById("bundle");
input.addEventListener("click", () => { input.value = ""; }); // the same name chosen again is looked at again
input.addEventListener("change", check);
document.getElementById("key").addEventListener("change", check);
