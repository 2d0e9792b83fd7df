// [data-ballot]: orders measures by drag, buttons, keys and place numbers; each does the same and is said once.
import { makeDraggable } from "./ballot-drag.js";
import { keeper } from "./ballot-keeper.js";
import { block, draw, isPlaced, mark, mend, object, orderOf, rowsOf } from "./ballot-list.js";
import { moved } from "./ballot-order.js";
import { fill } from "./words.js";

const KEYS = { ArrowUp: "up", ArrowDown: "down" };

const root = document.querySelector("[data-ballot]");
const part = (name) => root.querySelector(`[data-ballot-${name}]`);
const places = Number(root.dataset.places);
const undoButton = part("undo").querySelector("button");
let order = orderOf(root);

const words = (item) => ({
  title: rowOf(item)?.dataset.title,
  place: order.indexOf(item) + 1,
  placed: order.length,
  places,
});
const rowOf = (item) => rowsOf(root).find((row) => Number(row.dataset.item) === item);

// Said even where the sentence is the same as before.
function announce(name, item) {
  const line = part("live");
  line.textContent = "";
  setTimeout(() => (line.textContent = fill(root.dataset[name], words(item))), 50);
}

// Moves

function move(name, item, place) {
  if (name === "append" && order.length >= places) return announce("full", item);
  change(moved(order, name, item, place), item);
}

function change(newOrder, item) {
  const before = order.indexOf(item);
  const same = String(newOrder) === String(order);
  order = newOrder;
  draw(root, order);
  mark(root, item);
  if (order.includes(item)) rowOf(item).scrollIntoView({ block: "nearest" });
  announce(same ? (before < 0 ? "removed" : "stays") : order.includes(item) ? "moved" : "removed", item);
  if (same) return;
  block(undoButton, false);
  kept.keep(order);
}

// A button that goes with its row hands the focus to its like in the next row, so that one can go on.
function press(button) {
  const [name, item] = button.value.split("-");
  const next = name === "append" || name === "remove" ? likeIn(button) : null;
  move(name, Number(item));
  if (button.checkVisibility()) return;
  (next?.checkVisibility() ? next : root.querySelector("#rest")).focus();
}

function likeIn(button) {
  const kind = button.value.split("-")[0];
  const area = button.closest("[data-band]") ? "[data-band]" : "[data-rest]";
  const alike = [...root.querySelectorAll(`${area} [value^="${kind}-"]`)];
  return alike[alike.indexOf(button) + 1] ?? alike.at(-2);
}

function give(field) {
  const row = field.closest("[data-item]");
  const item = Number(row.dataset.item);
  const typed = field.value.trim();
  if (!isPlaced(row) || typed === field.dataset.refused) return;
  if (typed === String(order.indexOf(item) + 1)) return mend(row);
  if (!/^[1-9]\d{0,3}$/.test(typed)) return object(row, fill(root.dataset.noNumber, words(item)));
  move("to", item, Number(typed));
}

root.addEventListener("click", (event) => {
  const button = event.target.closest('button[name="move"]');
  if (button) press(button);
});
root.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-item]");
  if (!row || !isPlaced(row)) return;
  if (event.altKey && KEYS[event.key]) {
    event.preventDefault();
    move(KEYS[event.key], Number(row.dataset.item));
  } else if (event.key === "Enter" && event.target.matches(".pos")) {
    event.preventDefault();
    give(event.target);
    event.target.select();
  }
});
// Leaving the field moves, too: number pads of phones have no Enter. The focus has moved on by then.
root.addEventListener("change", (event) => {
  if (event.target.matches(".pos")) setTimeout(() => give(event.target));
});
root.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.matches("[data-ballot-undo]")) undo();
});

function undo() {
  if (undoButton.getAttribute("aria-disabled")) announce("nothingToUndo");
  else kept.undo();
}

// Keeping

const hears = {
  onOpen() {
    root.setAttribute("data-unsaved", "");
  },
  onSaved(state) {
    const recovered = part("bar").classList.contains("bbar--warn");
    hears.onSettled();
    part("saved").textContent = state.saved;
    part("saved").previousElementSibling.hidden = false;
    block(undoButton, !state.undo);
    if (recovered) part("live").textContent = state.saved;
  },
  onSettled() {
    root.removeAttribute("data-unsaved");
    part("bar").classList.remove("bbar--warn");
    part("fault").textContent = "";
    part("sign-in").hidden = true;
  },
  onTrouble(name, sentence) {
    const said = sentence ?? root.dataset[name];
    part("bar").classList.add("bbar--warn");
    part("sign-in").hidden = name !== "signedOut";
    if (part("fault").textContent !== said) part("fault").textContent = said;
  },
  onConflict(mine, state) {
    const two = part("two");
    const saved = state.saved ?? part("saved").textContent;
    two.textContent = fill(two.dataset.text, { mine: mine.length, theirs: state.order.length, saved });
    show(mine);
    part("conflict").hidden = false;
    part("conflict").focus();
  },
  onState(state, name) {
    show(state.order);
    announce(name);
  },
};

function show(newOrder) {
  order = newOrder;
  draw(root, order);
  mark(root);
}

const kept = keeper({
  ballot: root.dataset.ballot,
  version: Number(root.dataset.version),
  order,
  isKnown: (item) => rowOf(item) !== undefined,
  pageUrl: location.pathname,
  arrangeUrl: root.dataset.arrange,
  undoUrl: root.dataset.undo,
  hears,
});

part("conflict").addEventListener("click", async (event) => {
  const choice = event.target.closest("[data-ballot-choice]")?.dataset.ballotChoice;
  if (!choice) return;
  const holds = await kept.choose(choice);
  if (!holds) return;
  show(holds);
  part("conflict").hidden = true;
  part("submit").focus();
});

// Nobody hands in a list that is not the one on the screen.
part("submit").addEventListener("click", async (event) => {
  event.preventDefault();
  if (order.length === 0) return announce("empty");
  if (await kept.saved()) location.href = part("submit").href;
});

const restored = kept.restore();
if (restored) {
  show(restored);
  announce("restored");
}
makeDraggable(root, () => order.length, (item) => change(orderOf(root), item));
root.setAttribute("data-scripted", "");
