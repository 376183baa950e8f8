// Lists: ticked rows are counted in the button that acts on them, j and k go from row to row, and an address that is
// sent holds only what was chosen.
const bulk = document.getElementById("bulk");
if (bulk) {
  const buttons = [...bulk.querySelectorAll("[data-bulk-many]")].map((each) => [each, each.textContent]);
  const ticks = () => [...document.querySelectorAll('input[name="id"][form="bulk"]')];
  const chosen = (button) => {
    const choice = bulk.elements[button.dataset.bulkChoice];
    return choice?.selectedOptions ? choice.selectedOptions[0].textContent.trim() : (choice?.value ?? "");
  };
  const say = () => {
    const number = ticks().filter((each) => each.checked).length;
    for (const [button, usual] of buttons) {
      const text = number === 1 ? button.dataset.bulkOne : button.dataset.bulkMany;
      button.textContent = number ? text.replace("{number}", number).replace("{to}", chosen(button)) : usual;
      button.disabled = number === 0;
    }
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) {
      for (const each of ticks()) each.checked = event.target.checked;
    }
    say();
  });
  say();
}

const isTyped = (at) => /^(SELECT|TEXTAREA)$/.test(at.tagName) || (at.tagName === "INPUT" && at.type !== "checkbox");
document.addEventListener("keydown", (event) => {
  const way = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!way || event.ctrlKey || event.metaKey || event.altKey || isTyped(event.target)) return;
  const links = [...document.querySelectorAll(".list tbody tr")]
    .map((row) => row.querySelector("a") ?? row.querySelector("input, summary"))
    .filter(Boolean);
  const here = document.activeElement?.closest(".list tbody tr");
  const at = links.findIndex((each) => each.closest("tr") === here);
  const next = at < 0 && event.key.startsWith("Arrow") ? null : links[at < 0 ? 0 : at + way];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

for (const form of document.querySelectorAll(".list-tools form[method=get]")) {
  form.addEventListener("submit", () => {
    for (const each of form.elements) {
      if (each.name && each.value === "" && each.tagName !== "BUTTON") each.disabled = true;
    }
  });
}
