// The list of plans becomes a slider; without this script it stays a list.
for (const box of document.querySelectorAll(".offers[data-slider]")) {
  const labels = [...box.querySelectorAll("label")];
  if (labels.length < 2) continue;
  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = "0";
  slider.max = String(labels.length - 1);
  slider.value = "0";
  slider.setAttribute("aria-label", box.dataset.slider);
  const show = () => {
    labels.forEach((label, index) => label.classList.toggle("on", String(index) === slider.value));
    const chosen = labels[Number(slider.value)];
    chosen.querySelector("input").checked = true;
    slider.setAttribute("aria-valuetext", chosen.innerText.replace(/\s+/g, " "));
  };
  slider.addEventListener("input", show);
  box.classList.add("slid");
  box.querySelector("legend").after(slider);
  show();
}
