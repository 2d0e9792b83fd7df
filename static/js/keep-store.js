// What this browser keeps of texts not saved yet: a person's own, for a week, and nothing after the sign-out.
const WEEK = 7 * 24 * 60 * 60 * 1000;
const PREFIX = "draft:";
const SIGNED_OUT = "signed-out"; // when somebody last signed out here, in whichever window
const opened = Date.now();

export const mine = () => document.body.dataset.user;
const keyOf = (token) => `${PREFIX}${mine()}:${location.pathname}:${token}`;

export function forgetAll() {
  for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX)) localStorage.removeItem(key);
}

export function signedOut() {
  forgetAll();
  localStorage.setItem(SIGNED_OUT, Date.now());
}

// Whether it is kept: the storage may be full or forbidden.
export function write(token, entry) {
  try {
    if (Number(localStorage.getItem(SIGNED_OUT)) > opened) return false;
    localStorage.setItem(keyOf(token), JSON.stringify(entry));
    return true;
  } catch {
    return false;
  }
}

// The own entries, newest first; what is too old or somebody else's goes.
export function read() {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map(entryOf)
    .filter(Boolean)
    .sort((one, other) => other.at - one.at);
}

function entryOf(key) {
  const [, user, address, token] = key.split(":");
  try {
    const { at, words } = JSON.parse(localStorage.getItem(key));
    if (user === mine() && Date.now() - at < WEEK && Array.isArray(words)) return { address, token, at, words };
  } catch {
    /* nothing that can be used */
  }
  localStorage.removeItem(key);
}

export function remove(token) {
  for (const key of Object.keys(localStorage))
    if (key.startsWith(PREFIX) && key.endsWith(`:${token}`)) localStorage.removeItem(key);
}
