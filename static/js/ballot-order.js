// How a ranking list is rearranged; measures/ordering.py does the same without script.
export function moved(order, move, item, place) {
  const here = order.indexOf(item) + 1;
  const target = {
    up: here && Math.max(here - 1, 1),
    down: here && here + 1,
    to: Math.max(place, 1),
    append: order.length + 1,
    remove: 0,
  }[move];
  const rest = order.filter((other) => other !== item);
  if (target) rest.splice(target - 1, 0, item);
  return rest;
}
