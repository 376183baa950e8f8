// Passkeys: the browser is asked, and its answer goes into the form that holds the question.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function create(options) {
  const made = await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: known(options.excludeCredentials),
    },
  });
  return [made, { attestationObject: text(made.response.attestationObject) }];
}

async function get(options) {
  const found = await navigator.credentials.get({
    publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: known(options.allowCredentials) },
  });
  const { authenticatorData, signature, userHandle } = found.response;
  return [
    found,
    {
      authenticatorData: text(authenticatorData),
      signature: text(signature),
      userHandle: userHandle ? text(userHandle) : null,
    },
  ];
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const options = JSON.parse(document.getElementById("passkey-options").textContent);
  const trouble = form.querySelector("[role=alert]");
  if (!window.PublicKeyCredential) {
    trouble.hidden = false;
    form.querySelector("button").disabled = true;
    continue;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.hidden = true;
    try {
      const [key, more] = await (form.dataset.passkey === "create" ? create : get)(options);
      form.elements.answer.value = JSON.stringify({
        id: key.id,
        rawId: text(key.rawId),
        type: key.type,
        response: { clientDataJSON: text(key.response.clientDataJSON), ...more },
      });
      form.submit();
    } catch {
      trouble.hidden = false; // the person said no, took too long, or has no passkey here
    }
  });
}
