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
    shown("h2", "完整且未被改动 · Whole and unchanged", "good");
    shown("p", `${verdict.events} 条事件，${verdict.sealed} 条在每日封存之下 · ${verdict.events} events, ${verdict.sealed} under daily seals`);
    shown("p", `${verdict.first_at} – ${verdict.last_at}`);
    shown("p", `个人信息 ${verdict.values} 项，附件 ${verdict.files} 个 · ${verdict.values} personal values, ${verdict.files} attachments`);
    shown("p", `${verdict.lender} · ${verdict.made_at}`);
    shown("p", verdict.pinned ? "签名与您给出的公钥一致。· Signed with the key given." : `公钥来自证据包自身，请与机构公布的比对：· The key came with the bundle; compare it: ${verdict.key}`);
    return;
  }
  shown("h2", `有 ${verdict.found} 处与签名时不同 · ${verdict.found} places are not as signed`, "bad");
  for (const { file, line, what } of verdict.flaws) {
    const [english, chinese] = what.split("|");
    shown("p", `${file}${line ? ` : ${line}` : ""} — ${chinese || ""} · ${english}`);
  }
}
async function check() {
  const file = document.getElementById("bundle").files[0], key = document.getElementById("key").value.trim().toLowerCase();
  if (!file) return;
  place.replaceChildren();
  if (!globalThis.crypto || !crypto.subtle) return shown("p", "请用 https 打开本页或另存后打开。· Open this page over https, or save it first.", "bad");
  try { await crypto.subtle.importKey("raw", new Uint8Array(32), { name: "Ed25519" }, false, ["verify"]); } catch (error) {
    if (error.name === "NotSupportedError") return shown("p", "这个浏览器太旧，不能核对签名。· This browser is too old to check signatures.", "bad");
  }
  shown("p", "正在核对… · Checking…");
  show(await checkBundle(new Uint8Array(await file.arrayBuffer()), file.name, key));
}
const input = document.getElementById("bundle");
input.addEventListener("click", () => { input.value = ""; }); // the same name chosen again is looked at again
input.addEventListener("change", check);
document.getElementById("key").addEventListener("change", check);
