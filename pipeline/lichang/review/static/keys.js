// Keys press buttons: whatever carries data-key is what the key does, here and in the key map.
import { undo } from "./api.js";

/** The control a key stands for: of the current item first, then of the page. */
export function control(key) {
  const selector = `[data-key="${CSS.escape(key)}"]`;
  const current = document.querySelector(".item[aria-current]");
  return [...(current?.querySelectorAll(selector) ?? []), ...document.querySelectorAll(selector)].find(
    (found) => found.checkVisibility({ visibilityProperty: true }) && !found.disabled && ownItem(found, current),
  );
}

/** Buttons of other items are not meant. */
function ownItem(found, current) {
  const item = found.closest(".item");
  return item === null || item === current || found.dataset.global !== undefined;
}

const typing = (target) => target.matches?.("input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && typing(event.target) && !document.querySelector("dialog[open]")) event.target.blur();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "Enter" && event.target.matches("a, button, summary")) return;
  if (!control(event.key)) return;
  event.preventDefault();
  pressed.push(event.key);
  pressNext();
});

/** Press what the keys stand for, one at a time: a key typed during a save is meant for what comes after it. */
function pressNext() {
  while (pressed.length && !document.querySelector("#main[aria-busy]")) {
    const found = control(pressed.shift());
    if (found?.dataset.focus !== undefined) found.focus();
    else found?.click();
  }
}

const pressed = [];
document.addEventListener("lichang:idle", pressNext);

function showKeys() {
  const dialog = document.getElementById("keymap");
  const rows = new Map();
  for (const found of document.querySelectorAll("[data-key]")) {
    if (rows.has(found.dataset.key)) continue;
    const label = found.closest("label") ?? found;
    const does = found.dataset.does ?? (label.textContent.trim() || found.getAttribute("aria-label") || "");
    rows.set(found.dataset.key, does.split("\n")[0]);
  }
  const list = dialog.querySelector("dl");
  list.replaceChildren();
  for (const [key, label] of rows) {
    const term = document.createElement("dt");
    term.append(Object.assign(document.createElement("kbd"), { textContent: key }));
    list.append(term, Object.assign(document.createElement("dd"), { textContent: label }));
  }
  dialog.showModal();
}

/** The page shown, in the other language: filters may have changed the address since it was loaded. */
function translate(link) {
  const here = new URL(location.href);
  here.searchParams.set("lang", link.dataset.language);
  link.href = here.href;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#language")) translate(event.target.closest("#language"));
  if (event.target.closest("#help")) showKeys();
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
  if (event.target.closest("#undo")) undo();
});
document.getElementById("who").addEventListener("change", (event) => event.target.form.submit());
