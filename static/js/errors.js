// A page that comes back with errors puts the focus on their summary.
const focusSummary = (root) => root.querySelector("[data-error-summary]")?.focus();

focusSummary(document);
document.addEventListener("htmx:load", (event) => focusSummary(event.target));
