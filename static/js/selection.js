// data-selection around rows with input[data-select]: counts them, shows the bar, data-select-all takes all rows shown.
import { say } from "./words.js";

const boxes = (area) => [...area.querySelectorAll("input[data-select]")];

function count(area) {
  const all = boxes(area);
  const n = all.filter((box) => box.checked).length;
  for (const bar of area.querySelectorAll("[data-selection-bar]")) bar.toggleAttribute("data-empty", n === 0);
  for (const line of area.querySelectorAll("[data-selection-count]")) line.textContent = say("selected", n);
  for (const box of area.querySelectorAll("[data-select-all]")) {
    box.checked = n > 0 && n === all.length;
    box.indeterminate = n > 0 && n < all.length;
  }
}

function tick(area, checked) {
  for (const box of boxes(area)) box.checked = checked;
  count(area);
}

const countAll = () => document.querySelectorAll("[data-selection]").forEach(count);

countAll();
document.addEventListener("htmx:load", countAll);
document.addEventListener("change", (event) => {
  const area = event.target.closest("[data-selection]");
  if (!area) return;
  if (event.target.matches("[data-select-all]")) tick(area, event.target.checked);
  else if (event.target.matches("[data-select]")) count(area);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-select-none]");
  if (button) tick(button.closest("[data-selection]"), false);
});
