// Draws an order into the bands; what is not in it goes back to its field of action. The row in hand keeps its focus.
import { fill } from "./words.js";

export const rowsOf = (root) => [...root.querySelectorAll("[data-item]")];

export const orderOf = (root) => [...root.querySelectorAll("[data-band] > [data-item]")].map((row) => Number(row.dataset.item));

export function draw(root, order) {
  const rows = new Map(rowsOf(root).map((row) => [Number(row.dataset.item), row]));
  const held = document.activeElement;
  for (const band of root.querySelectorAll("[data-band]")) {
    const here = order.slice(band.dataset.first - 1, band.dataset.last).map((item) => rows.get(item));
    hold(band, here, held);
    band.parentElement.querySelector(".bempty").hidden = here.length > 0;
  }
  const rest = [...rows].filter(([item]) => !order.includes(item)).map(([, row]) => row);
  for (const list of root.querySelectorAll("[data-rest]")) drawRest(list, rest, held);
  order.forEach((item, index) => tell(rows.get(item), index + 1, order.length));
  count(root, order.length, rest.length);
  if (held !== document.activeElement && held.checkVisibility?.()) held.focus({ preventScroll: true });
}

// Moving a row takes its focus away, so the others are moved around the one that has it.
function hold(list, rows, held) {
  const anchor = rows.find((row) => row.parentElement === list && row.contains(held));
  if (!anchor) return list.replaceChildren(...rows);
  const at = rows.indexOf(anchor);
  anchor.before(...rows.slice(0, at));
  anchor.after(...rows.slice(at + 1));
}

function drawRest(list, rest, held) {
  const rows = rest.filter((row) => row.dataset.field === list.dataset.rest);
  rows.sort((a, b) => a.dataset.position - b.dataset.position);
  hold(list, rows, held);
  for (const row of rows) {
    row.querySelector(".pos").value = "";
    mend(row);
  }
  const group = list.closest("[data-rest-group]");
  group.hidden = rows.length === 0;
  group.querySelector("[data-ballot-group]").textContent = rows.length;
}

function tell(row, place, placed) {
  row.querySelector(".pos").value = place;
  mend(row);
  block(row.querySelector('[value^="up-"]'), place === 1);
  block(row.querySelector('[value^="down-"]'), place === placed);
}

function count(root, placed, left) {
  const places = Number(root.dataset.places);
  const full = placed >= places && left > 0;
  const words = { placed, places, left };
  root.querySelector("[data-ballot-counted]").textContent = fill(root.dataset.counted, words);
  root.querySelector("[data-ballot-bar] .bar rect").setAttribute("width", Math.round((100 * placed) / places));
  root.querySelector("[data-ballot-left]").textContent = fill(root.dataset.left, words);
  root.querySelector("[data-ballot-rest]").textContent = left;
  root.querySelector("[data-ballot-rest-note]").hidden = left === 0;
  root.querySelector("[data-ballot-all]").hidden = left > 0;
  root.querySelector("#rest-full").hidden = !full;
  for (const button of root.querySelectorAll(".b-append")) {
    block(button, full);
    if (full) button.setAttribute("aria-describedby", "rest-full");
    else button.removeAttribute("aria-describedby");
  }
}

export function block(button, isBlocked) {
  if (isBlocked) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

// Only one row is marked: the last one moved. The sticky bar must not cover it.
export function mark(root, item) {
  for (const row of rowsOf(root)) row.classList.toggle("moved", Number(row.dataset.item) === item && isPlaced(row));
}

export const isPlaced = (row) => row.parentElement.matches("[data-band]");

// An error at the place that was typed; what was typed stays.
export function object(row, sentence) {
  mend(row);
  const line = document.createElement("p");
  line.className = "err";
  line.id = `place-error-${row.dataset.item}`;
  line.setAttribute("role", "alert");
  row.append(line);
  line.textContent = sentence;
  const field = row.querySelector(".pos");
  field.classList.add("f--err");
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", line.id);
  field.dataset.refused = field.value.trim();
}

export function mend(row) {
  row.querySelector(".err")?.remove();
  const field = row.querySelector(".pos");
  field.classList.remove("f--err");
  field.removeAttribute("aria-invalid");
  field.removeAttribute("aria-describedby");
  delete field.dataset.refused;
}
