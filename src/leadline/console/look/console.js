// Times in the reader's zone, keys, and copying. Loaded by every page of the console; talks to nobody.
"use strict";

// The page's language: as the reader's browser writes it where that is one of theirs. Words of this script come along.
const spoken = document.documentElement.lang || "en";
const tongue = spoken.split("-")[0];
const locale = navigator.languages.find((each) => each.split("-")[0] === tongue) ?? spoken;
const dates = new Intl.Locale(locale, { numberingSystem: "latn" });
const words = JSON.parse(document.querySelector("meta[name=leadline-words]")?.content ?? "{}");
const said = (english) => words[english] ?? english;

// A time: today only the clock, else the day too; the full date when the mouse rests on it.
class Moment extends HTMLElement {
  static observedAttributes = ["datetime"];
  connectedCallback() { this.write(); }
  attributeChangedCallback() { this.write(); }
  write() {
    const at = new Date(this.getAttribute("datetime"));
    if (isNaN(at)) return;
    const now = new Date(), today = at.toDateString() === now.toDateString();
    const day = at.getFullYear() === now.getFullYear() ? { day: "numeric", month: "short" } : { dateStyle: "medium" };
    const clock = { hour: "2-digit", minute: "2-digit" };
    const written = today ? at.toLocaleTimeString(dates, clock)
      : `${at.toLocaleDateString(dates, day)}, ${at.toLocaleTimeString(dates, clock)}`;
    if (this.textContent !== written) this.textContent = written;
    this.title = at.toLocaleString(dates, { dateStyle: "full", timeStyle: "long" });
  }
}
customElements.define("ll-time", Moment);

// Who uses several workspaces: what leads from a page stays in the page's own, whatever other tabs show.
const workspace = document.querySelector("meta[name=leadline-workspace]")?.content;
const within = (address) => {
  const to = new URL(address, location.href);
  if (!to.searchParams.has("workspace")) to.searchParams.set("workspace", workspace);
  return to.pathname + to.search + to.hash;
};
if (workspace) {
  history.replaceState(history.state, "", within(location.href));
  for (const kind of ["pointerdown", "focusin", "click"]) document.addEventListener(kind, (event) => {
    const link = event.target.closest?.("a[href^='/console']");
    if (link) link.setAttribute("href", within(link.getAttribute("href")));
  }, true);
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "get" || form.elements.workspace) return;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "workspace", value: workspace }));
  }, true);
}

// The menu of a phone: folded until somebody asks for it.
document.addEventListener("click", (event) => {
  const unfold = event.target.closest?.(".ll-unfold");
  if (unfold) unfold.setAttribute("aria-expanded", String(unfold.getAttribute("aria-expanded") !== "true"));
});

// Keys: whatever carries data-key is pressed by it. Two letters are typed one after the other.
const typing = (e) => e.closest("input, textarea, select, [contenteditable=true]");
const keyed = () => [...document.querySelectorAll("[data-key]")].filter((e) => e.dataset.key
  && (e.offsetParent !== null || e.closest(".ll-menu")));
const named = (e) => e.getAttribute("aria-label") || e.placeholder || e.textContent.trim() || said("Search");
let typed = "", typedAt = 0;

// Things one after the other: j and k go from one to the next, and letters press what belongs to the one stood on.
const stops = () => [...document.querySelectorAll("[data-stop]")];
let stood = null, place = 0;
document.addEventListener("focusin", (event) => {
  const stop = event.target.closest("[data-stop]");
  stood = stop;
  if (stop) place = stops().indexOf(stop);
});
function stand(index) {
  const all = stops();
  all[Math.max(0, Math.min(index, all.length - 1))]?.focus();
}
// Where the one stood on is gone, the one that took its place is stood on.
new MutationObserver(() => {
  if (stood && !stood.isConnected) { stood = null; stand(place); }
}).observe(document, { childList: true, subtree: true });
const owned = (e) => e.closest("[data-stop]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "?") { event.preventDefault(); showKeys(); return; }
  if (document.querySelector("dialog[open], .q-dialog--modal")) return;
  if (event.key.length !== 1) return;
  if ((event.key === "j" || event.key === "k") && stops().length) {
    event.preventDefault();
    stand(stood ? place + (event.key === "j" ? 1 : -1) : place);
    return;
  }
  typed = Date.now() - typedAt < 1200 ? `${typed} ${event.key}` : event.key;
  typedAt = Date.now();
  const pressed = (key) => keyed().filter((e) => e.dataset.key === key);
  const own = pressed(event.key).find((e) => owned(e) && owned(e) === stood);
  const found = (typed.includes(" ") && pressed(typed)[0]) || own || pressed(event.key)[0];
  if (!found) return;
  event.preventDefault();
  typed = "";
  if (owned(found) && owned(found) !== stood) { stand(place); return; } // what is pressed was seen before
  if (found.matches("input, select, textarea")) found.focus(); else found.click();
});

document.addEventListener("click", (event) => {
  const press = event.target.closest("[data-testid=keys], [data-copy]");
  if (!press) return;
  if (press.dataset.copy !== undefined) {
    navigator.clipboard.writeText(press.dataset.copy).then(() => { press.dataset.copied = "yes"; });
  } else showKeys();
});

function showKeys() {
  const open = document.querySelector("dialog.ll-help");
  if (open) { open.close(); return; }
  const dialog = document.createElement("dialog"), list = document.createElement("dl");
  dialog.className = "ll-help";
  dialog.setAttribute("aria-label", said("Keys"));
  const title = document.createElement("h2");
  title.textContent = said("Keys");
  const seen = new Set();
  const steps = stops().length ? [["j", said("Go to the next one")], ["k", said("Go to the one before")]] : [];
  const lines = [["?", said("Show or close this list")], ...steps, ...keyed().map((e) => [e.dataset.key, named(e)]),
    ["Tab", said("Go to the next link or button")]];
  for (const [key, words] of lines) {
    if (seen.has(key)) continue;
    seen.add(key);
    const term = document.createElement("dt"), meaning = document.createElement("dd");
    for (const [number, each] of key.split(" ").entries()) {
      if (number) term.append(" ");
      term.append(Object.assign(document.createElement("kbd"), { textContent: each }));
    }
    meaning.textContent = words;
    list.append(term, meaning);
  }
  const close = Object.assign(document.createElement("button"), { type: "button", className: "ll-button", textContent: said("Close") });
  close.onclick = () => dialog.close();
  dialog.append(title, list, close);
  dialog.onclose = () => dialog.remove();
  document.body.append(dialog);
  dialog.showModal();
}
