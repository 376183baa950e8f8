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
