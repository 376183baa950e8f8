// Light or dark, before anything is drawn: as somebody chose here, or else as their system has it.
const system = matchMedia("(prefers-color-scheme: dark)");
const apply = () => {
  const chosen = localStorage.getItem("theme");
  document.documentElement.dataset.bsTheme = chosen || (system.matches ? "dark" : "light");
};
apply();
system.addEventListener("change", apply);
document.addEventListener("DOMContentLoaded", () => {
  document.getElementById("theme")?.addEventListener("click", () => {
    const dark = document.documentElement.dataset.bsTheme === "dark";
    localStorage.setItem("theme", dark ? "light" : "dark");
    apply();
  });
});
