// form[data-guard]: leaving with unsaved changes asks first, and the bar says how many fields were changed.
import { say } from "./words.js";

const field = "input[name]:not([type=hidden], [type=submit]), select, textarea";
const before = new WeakMap();
let leaving = false;

const state = (input) => (input.matches("[type=checkbox], [type=radio]") ? String(input.checked) : input.value);

function remember(root) {
  for (const input of root.querySelectorAll(`form[data-guard] :is(${field})`)) before.set(input, state(input));
}

// What the server has just refused is unsaved from the start.
const isRefused = (form) => form.querySelector("[data-error-summary]") !== null;

const isChanged = (input) => (before.has(input) ? before.get(input) !== state(input) : state(input) !== "");

function changedIn(form) {
  const names = [...form.querySelectorAll(field)].filter(isChanged).map((input) => input.name);
  return new Set(names).size;
}

function tell(form) {
  const line = form.querySelector("[data-guard-status]");
  const n = changedIn(form);
  if (line) line.textContent = n === 0 ? "" : say(n === 1 ? "changedOne" : "changedMany", n);
}

remember(document);
document.addEventListener("htmx:load", (event) => remember(event.target));
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) tell(form);
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-guard]") && !event.defaultPrevented) leaving = true;
});
window.addEventListener("pageshow", () => (leaving = false));
window.addEventListener("beforeunload", (event) => {
  const forms = [...document.querySelectorAll("form[data-guard]")];
  if (!leaving && forms.some((form) => isRefused(form) || changedIn(form) > 0)) event.preventDefault();
});
