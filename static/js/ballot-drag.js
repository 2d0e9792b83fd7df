// Rows are dragged by their handle, within the bands, from the rest and back to it.
import Sortable from "../vendor/sortable.esm.js";

export function makeDraggable(root, placed, dropped) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const places = Number(root.dataset.places);
  const takes = {
    // A list has no gaps: the first free place is the last one a row can be dropped on.
    band: (to, from) => Number(to.el.dataset.first) <= placed() + 1 && (from.el.matches("[data-band]") || placed() < places),
    rest: true,
  };
  for (const list of root.querySelectorAll("[data-band], [data-rest]")) {
    Sortable.create(list, {
      group: { name: "ballot", put: list.matches("[data-band]") ? takes.band : takes.rest },
      handle: "[data-grip]",
      animation: calm ? 0 : 120,
      delay: 150,
      delayOnTouchOnly: true,
      onEnd: (event) => dropped(Number(event.item.dataset.item)),
    });
  }
}
