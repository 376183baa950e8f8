// Terms of the trade: the explanation opens on pointing, focus and tapping, stays while the pointer is over it, and
// goes with Escape.
let shown = null;
let from = null;
let leaving = 0;

const tipOf = (word) => word.parentElement.querySelector(".term-tip");

function show(word) {
  clearTimeout(leaving);
  const tip = tipOf(word);
  if (shown === tip) return;
  hide();
  [shown, from] = [tip, word];
  tip.showPopover();
  place();
}

function place() {
  if (!shown) return;
  const tip = shown;
  const at = from.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, document.documentElement.clientWidth - size.width - 8));
  const below = at.bottom + 4 + size.height <= document.documentElement.clientHeight;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? at.bottom + 4 : Math.max(0, at.top - size.height - 4)}px`;
}

function hide() {
  clearTimeout(leaving);
  shown?.hidePopover();
  shown = null;
}

for (const word of document.querySelectorAll(".term > button")) {
  const term = word.parentElement;
  term.addEventListener("pointerenter", () => show(word));
  term.addEventListener("pointerleave", () => {
    if (document.activeElement !== word) leaving = setTimeout(hide, 200);
  });
  word.addEventListener("focus", () => show(word));
  word.addEventListener("blur", hide);
  word.addEventListener("click", () => show(word));
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hide();
});
document.addEventListener("scroll", place, { passive: true, capture: true });
