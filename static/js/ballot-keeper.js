// Keeps an order: on the server as soon as it can be reached, in this browser until then.
//
// keep(order) is called after each change, undo() takes the last one back, saved() waits until nothing is open. The page
// hears onOpen() of what has to be saved, onSettled() when nothing is left, onSaved(state), onTrouble(name, sentence),
// onConflict(mine, state), and onState(state, name) where the order itself comes from the server.
const WAIT = 300; // moves in a row are one change
const RETRY = 5000;
const TIMEOUT = 15000;

export function keeper({ ballot, version, order, isKnown, pageUrl, arrangeUrl, undoUrl, hears }) {
  const store = `ballot:${ballot}`;
  let kept = order; // as the server has it
  let wanted = order;
  let other; // the list of another window, while a choice is due
  let soon, again, sending, stuck; // stuck: the page has to be reloaded, or the choice made

  const isOpen = () => String(wanted) !== String(kept);

  function keep(newOrder) {
    wanted = newOrder;
    hears.onOpen();
    if (isOpen()) remember();
    else if (!stuck) forget();
    clearTimeout(soon);
    soon = setTimeout(save, WAIT);
  }

  // The storage may be full or forbidden; then the open page alone keeps the order.
  function remember() {
    try {
      localStorage.setItem(store, JSON.stringify({ version, order: wanted }));
    } catch {
      /* nothing to be done */
    }
  }

  function forget() {
    localStorage.removeItem(store);
  }

  function remembered() {
    try {
      const found = JSON.parse(localStorage.getItem(store));
      return Array.isArray(found?.order) && found.order.every(isKnown) ? found : null;
    } catch {
      return null;
    }
  }

  async function save() {
    clearTimeout(soon);
    clearTimeout(again);
    if (stuck) return;
    if (sending) return sending.then(save);
    if (!isOpen()) return hears.onSettled();
    const state = await alone(arrangeUrl, wanted);
    if (state && isOpen()) return save();
  }

  // One request at a time: each needs the version that the one before has made.
  async function alone(url, sent) {
    sending = send(url, sent);
    const state = await sending;
    sending = undefined;
    return state;
  }

  async function send(url, sent) {
    const body = new URLSearchParams([["ballot", ballot], ["version", version], ...(sent ?? []).map((item) => ["order", item])]);
    try {
      const signal = AbortSignal.timeout(TIMEOUT);
      const headers = { Accept: "application/json", "X-CSRFToken": token() };
      const answer = await fetch(url, { method: "POST", body, headers, signal, keepalive: true });
      return await understood(answer, sent);
    } catch {
      return trouble("retry", sent);
    }
  }

  async function understood(answer, sent) {
    if (answer.status === 403) return trouble("signedOut", sent);
    if (answer.status >= 500) return trouble("retry", sent);
    const state = await answer.json();
    if (answer.ok) return accepted(state, sent);
    if (state.order) return differs(state);
    stuck = true;
    if (answer.status === 422) forget(); // or it would be refused after each reload
    hears.onTrouble("refused", state.problem);
  }

  function accepted(state, sent) {
    ({ version, order: kept } = state);
    if (!sent) wanted = kept;
    hears.onSaved(state);
    if (isOpen()) {
      remember();
      hears.onOpen();
    } else forget();
    return state;
  }

  function differs(state) {
    ({ version, order: kept } = state);
    other = kept;
    stuck = true;
    hears.onTrouble("choose");
    hears.onConflict(wanted, state);
  }

  function trouble(name, sent) {
    clearTimeout(again);
    again = setTimeout(sent ? save : undo, RETRY);
    hears.onTrouble(name);
  }

  async function saved() {
    if (!stuck) await save();
    return !isOpen();
  }

  async function undo() {
    if (!(await saved())) return;
    const state = await alone(undoUrl);
    if (state) hears.onState(state, "undone");
  }

  // Back in this window: another one, or another device, may have gone on.
  async function look() {
    if (document.visibilityState !== "visible" || stuck) return;
    if (isOpen()) return save();
    try {
      const answer = await fetch(pageUrl, { headers: { Accept: "application/json" }, redirect: "error" });
      const state = await answer.json();
      if (isOpen() || sending || state.version === version) return;
      accepted(state);
      hears.onState(state, "otherWindow");
    } catch {
      /* the next change will tell */
    }
  }

  // Both lists are saved one after the other, so that undo leads from the one that holds to the other. Returns the one that
  // holds, or nothing where the server could not be reached.
  async function choose(which) {
    stuck = false;
    await save();
    if (isOpen()) return;
    if (which === "theirs") {
      keep(other);
      await save();
    }
    return wanted;
  }

  // What an ended session or a lost connection has left here.
  function restore() {
    const left = remembered();
    if (!left || String(left.order) === String(kept)) return forget();
    wanted = left.order;
    if (left.version !== version) return differs({ version, order: kept });
    keep(wanted);
    return wanted;
  }

  window.addEventListener("online", save);
  window.addEventListener("pagehide", save);
  document.addEventListener("submit", save, true); // signing out, above all
  document.addEventListener("visibilitychange", () => (document.hidden ? save() : look()));

  return { keep, saved, undo, choose, restore };
}

// The cookie is newer than the page where somebody has signed in again in another window.
function token() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  return cookie ? cookie[1] : document.querySelector("[name=csrfmiddlewaretoken]").value;
}
