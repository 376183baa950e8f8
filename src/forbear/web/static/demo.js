// The demo's clock: it goes on without a reload, and while a night is run its progress is asked for again and again.
const bar = document.querySelector(".demo-bar");
const IDLE = 20_000;
const BUSY = 1_500;

async function ask() {
  let wait = IDLE;
  try {
    const response = await fetch(bar.dataset.clock, { credentials: "same-origin", redirect: "error" });
    const found = await response.json();
    bar.querySelector("time").textContent = found.now;
    const says = bar.querySelector(".demo-says");
    if (says.textContent !== found.says) says.textContent = found.says;
    const progress = bar.querySelector("progress");
    if (progress) {
      progress.max = found.of || 1;
      progress.value = found.done;
    }
    if (found.busy) wait = BUSY;
    // the morning is shown by itself where nobody is writing
    else if ("busy" in bar.dataset && !document.activeElement?.matches("input, textarea, select")) location.reload();
  } catch {
    // asked again soon
  }
  setTimeout(ask, wait);
}

if (bar) setTimeout(ask, "busy" in bar.dataset ? BUSY : IDLE);
