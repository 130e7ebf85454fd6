// The article page: two panes that follow one another, decisions, spans by selection or by arrow keys.
import { post, say, whileBusy } from "./api.js";
import { selectedSpan, selectSpan } from "./offsets.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const text = () => $("#text");
const current = () => $(".item[aria-current]");
const record = () => Number($("#work").dataset.record);

// --- which item is looked at -------------------------------------------------------------------

function select(item, { from = "keys" } = {}) {
  if (!item) return;
  current()?.removeAttribute("aria-current");
  item.setAttribute("aria-current", "true");
  for (const on of $$(".piece.on")) on.classList.remove("on");
  const own = piecesOf(item);
  for (const piece of own) piece.classList.add("on");
  if (from !== "text") reveal(own[0]);
  if (from !== "card") reveal(item);
  if (from !== "load" || location.hash) history.replaceState(null, "", `#${item.id}`);
}

const piecesOf = (item) =>
  item.dataset.what === "figure"
    ? $$(`[data-figure="${CSS.escape(item.id)}"]`, text())
    : $$(`[data-claims~="${CSS.escape(item.id)}"], [data-holds~="${CSS.escape(item.id)}"]`, text()).sort(
        (a, b) => Number(a.dataset.holds !== undefined) - Number(b.dataset.holds !== undefined),
      );

function reveal(element) {
  if (!element) return;
  const pane = element.closest(".paper, .cards");
  const box = element.getBoundingClientRect();
  const view = pane.getBoundingClientRect();
  if (box.top < view.top + 90 || box.bottom > view.bottom - 40) {
    pane.scrollTop += box.top - view.top - view.height / 3;
  }
}

function step(selector, by) {
  const all = $$(selector, $(".cards"));
  const at = all.indexOf(current());
  if (at >= 0) return select(all[Math.min(all.length - 1, Math.max(0, at + by))]);
  const before = current() ? all.filter((one) => one.compareDocumentPosition(current()) & 4) : [];
  select(by > 0 ? all[before.length] : all[Math.max(0, before.length - 1)]);
}

/** After a verdict: the next claim that nobody has decided on. */
function stepToOpen(id) {
  const all = $$(".item", $(".cards"));
  const at = all.findIndex((one) => one.id === id);
  const open = (one) => (one.dataset.what === "claim" ? one.closest(".card") : one).matches(".open");
  const kind = all[at]?.dataset.what;
  const later = [...all.slice(at + 1), ...all.slice(0, at)];
  select(later.find((one) => one.dataset.what === kind && open(one)) ?? all[at]);
}

// --- decisions ---------------------------------------------------------------------------------

function decide(item, field, value) {
  const id = item.dataset.what === "article" ? "" : item.id;
  const after = Number(item.dataset.after);
  return whileBusy(async () => {
    const done = await post("/api/decisions", { record: record(), item: id, field, value, after });
    if (!done) return;
    await refresh();
    if (field === "verdict" && value !== "reopen" && id) stepToOpen(id);
  });
}

/** Load the article's present state; scroll positions and the current item stay. */
async function refresh(wanted = current()?.id) {
  const tops = [$(".paper").scrollTop, $(".cards").scrollTop];
  await htmx.ajax("GET", location.pathname, { target: "#work", swap: "outerHTML" });
  [$(".paper").scrollTop, $(".cards").scrollTop] = tops;
  select(wanted && document.getElementById(wanted));
}

function add(what, span) {
  return whileBusy(async () => {
    const found = await post("/api/additions", { record: record(), what, ...span });
    if (!found) return;
    await refresh(found.item);
    if (what === "figure") ask("figure");
  });
}

// --- questions ---------------------------------------------------------------------------------

function ask(what) {
  const item = current();
  const form = $("#ask-form");
  $("#ask").dataset.what = what;
  for (const part of $$(".fields", form)) {
    part.hidden = part.dataset.for !== what;
    for (const input of $$("input, select, textarea", part)) input.disabled = part.hidden;
  }
  form.reset();
  if (what === "holder") form.elements.holder.value = item.dataset.holder;
  if (what === "figure") {
    for (const [name, value] of Object.entries(JSON.parse(item.dataset.reading))) form.elements[name].value = value ?? "";
  }
  $("#ask-title").textContent = $(`[data-ask="${what}"]`, item).textContent;
  $("#ask").showModal();
  $(".fields:not([hidden]) :is(input, textarea, select)", form).focus();
}

const number = (given) => (given.trim() === "" ? null : Number(given.replaceAll(",", "")));

function answer() {
  const form = $("#ask-form");
  const what = $("#ask").dataset.what;
  const data = Object.fromEntries(new FormData(form));
  if (what !== "figure") return data[what].trim() || null;
  const words = Object.fromEntries(["value", "unit", "of"].map((name) => [name, data[name].trim() || null]));
  const low = number(data.low);
  return { kind: data.kind, bound: data.bound, low, high: number(data.high) ?? low, ...words };
}

// --- spans: by selecting text, or by the arrow keys --------------------------------------------

let spanning = null; // {start, end, done}

function withSpan(start, end, done) {
  const chosen = selectedSpan(text());
  if (chosen) return done(chosen);
  spanning = { start, end, done };
  say(document.body.dataset.spanHelp);
  selectSpan(text(), start, end);
}

const stretches = () =>
  $$(".stretch", text()).map((one) => {
    const pieces = $$("[data-at]", one);
    const last = pieces.at(-1);
    return { start: Number(pieces[0].dataset.at), end: Number(last.dataset.at) + [...last.textContent].length };
  });

const move = {
  ArrowRight: (span, shift) => (shift ? { start: span.start + 1 } : { end: span.end + 1 }),
  ArrowLeft: (span, shift) => (shift ? { start: span.start - 1 } : { end: span.end - 1 }),
  ArrowDown: (span) => stretches().find((one) => one.start > span.start) ?? {},
  ArrowUp: (span) => stretches().findLast((one) => one.start < span.start) ?? {},
};

function spanKey(event) {
  if (!spanning) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.key === "Escape") return stopSpanning();
  if (event.key === "Enter") {
    const { start, end, done } = spanning;
    stopSpanning();
    return done({ start, end });
  }
  const last = stretches().at(-1).end;
  const next = { ...spanning, ...move[event.key]?.(spanning, event.shiftKey) };
  if (next.start < 0 || next.end > last || next.start >= next.end) return;
  spanning = next;
  selectSpan(text(), spanning.start, spanning.end);
}

function stopSpanning() {
  spanning = null;
  getSelection().removeAllRanges();
  say("");
}

/** Where the search for something missed begins: the sentence looked at, else the first. */
function here() {
  const at = Number(current()?.dataset.start ?? 0);
  return stretches().find((one) => one.end > at) ?? stretches()[0];
}

// --- the worklist that the article was opened from ---------------------------------------------

function otherArticle(by) {
  const list = JSON.parse(sessionStorage.getItem("lichang-worklist") ?? '{"articles": [], "back": "/"}');
  const at = list.articles.indexOf(location.pathname);
  location.href = (at >= 0 && list.articles[at + by]) || list.back;
}

// --- wiring ------------------------------------------------------------------------------------

document.addEventListener("keydown", spanKey, true);
document.addEventListener("lichang:stale", () => whileBusy(refresh));
document.addEventListener("change", (event) => {
  const choice = event.target.dataset.choice;
  if (!choice) return;
  const value = event.target.type === "checkbox" ? event.target.checked : event.target.value;
  decide(event.target.closest(".item"), choice, value);
});
$("#ask-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const what = $("#ask").dataset.what;
  const value = answer();
  $("#ask").close();
  if (value !== null || what === "holder") decide(current(), what, value);
});

const presses = {
  next: () => step(".claim-card", 1),
  previous: () => step(".claim-card", -1),
  "next-item": () => step(".item", 1),
  "previous-item": () => step(".item", -1),
  "next-article": () => otherArticle(1),
  "previous-article": () => otherArticle(-1),
  "add-claim": () => withSpan(here().start, here().end, (span) => add("claim", span)),
  "add-figure": () => withSpan(here().start, here().start + 1, (span) => add("figure", span)),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && presses[button.id]) return presses[button.id]();
  const item = event.target.closest(".item");
  if (button && item) {
    if (item.dataset.what !== "article") select(item, { from: "card" });
    if (button.dataset.field) return decide(item, button.dataset.field, button.dataset.value);
    if (button.dataset.ask) return ask(button.dataset.ask);
    if (button.dataset.span !== undefined) {
      return withSpan(Number(item.dataset.start), Number(item.dataset.end), (span) => decide(item, "span", span));
    }
  }
  if (item && item.closest(".cards") && !event.target.closest("summary, a")) return select(item, { from: "card" });
  const piece = event.target.closest(".piece");
  if (piece && getSelection().isCollapsed) {
    const id = piece.dataset.figure ?? piece.dataset.claims?.split(" ")[0] ?? piece.dataset.holds?.split(" ")[0];
    select(id && document.getElementById(id), { from: "text" });
  }
});

select(document.getElementById(location.hash.slice(1)) ?? $(".card.open .claim-card") ?? $(".claim-card"), { from: "load" });
