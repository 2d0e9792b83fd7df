// Light, dark or as the system has it. Loaded in the head and not as a module, so that no page flashes in the other theme.
(() => {
  const root = document.documentElement;
  const chosen = () => localStorage.getItem("theme") || "system";

  function apply() {
    if (chosen() === "system") delete root.dataset.kernTheme;
    else root.dataset.kernTheme = chosen();
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", button.dataset.themeChoice === chosen());
    }
  }

  root.classList.add("js");
  apply();
  document.addEventListener("DOMContentLoaded", apply);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    localStorage.setItem("theme", button.dataset.themeChoice);
    apply();
  });
})();
