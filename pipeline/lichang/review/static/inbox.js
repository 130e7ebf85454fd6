// The inbox: rows and filters by key, saved filters, bulk decisions with a preview.
import { post, say, whileBusy } from "./api.js";

const $ = (selector) => document.querySelector(selector);
const rows = () => [...document.querySelectorAll(".row a.main")];
const links = () => [...document.querySelectorAll(".facet a")];

/** To the next row, or where a filter has the focus to the next filter. */
function step(by) {
  const all = document.activeElement.matches(".facet a") ? links() : rows();
  const at = all.indexOf(document.activeElement);
  all[Math.min(all.length - 1, Math.max(0, at + by))]?.focus();
}

/** What the article page steps through with [ and ]. */
function keepWorklist() {
  const articles = [...new Set(rows().map((row) => row.pathname))];
  sessionStorage.setItem("lichang-worklist", JSON.stringify({ articles, back: location.pathname + location.search }));
}

// --- saved filters: in the store, by name --------------------------------------------------------

document.addEventListener("submit", async (event) => {
  if (event.target.id === "filters") document.activeElement.blur(); // what is typed next are keys again
  if (event.target.id !== "save-filter") return;
  event.preventDefault();
  document.activeElement.blur();
  const name = event.target.querySelector("input").value;
  if (await post("/api/filters", { name, address: location.search }, "PUT")) reload();
});

document.addEventListener("click", async (event) => {
  const { drop } = event.target.dataset;
  if (drop === undefined) return;
  if (await post(`/api/filters?name=${encodeURIComponent(drop)}`, {}, "DELETE")) reload();
});

// --- bulk ---------------------------------------------------------------------------------------

const FILTERS = ["status", "camp", "attitude", "kind", "holder", "outlet", "since", "until", "text"];

function filters() {
  const given = new URLSearchParams(location.search);
  const found = Object.fromEntries(FILTERS.filter((name) => given.get(name)).map((name) => [name, given.get(name)]));
  return { ...found, conflict: given.has("conflict") };
}

const choice = () => new FormData($("#bulk-form")).get("choice")?.split(":") ?? [];
let stamp = null;

async function preview() {
  const found = await post("/api/bulk/preview", filters());
  if (!found) return;
  say("");
  stamp = found.stamp;
  const label = $("#bulk-form input:checked").closest("label").textContent.trim();
  const output = $("#bulk-preview");
  output.replaceChildren(
    Object.assign(document.createElement("p"), { textContent: `${found.count} ${output.dataset.will}「${label}」` }),
    ...found.examples.map((example) => Object.assign(document.createElement("blockquote"), { textContent: example })),
  );
  $("#bulk-apply").disabled = found.count === 0;
  $("#bulk-apply").focus();
}

async function apply() {
  const [field, value] = choice();
  const done = await post("/api/bulk", { filters: filters(), field, value, stamp });
  $("#bulk").close();
  if (!done) return;
  await reload();
  say(`${done.count} ${document.body.dataset.doneFor}`, "good");
}

/** Fields that are empty say nothing: they stay out of the address. */
document.addEventListener("htmx:configRequest", ({ detail }) => {
  for (const [name, value] of Object.entries(detail.parameters)) if (value === "") delete detail.parameters[name];
});

const reload = () =>
  htmx.ajax("GET", location.pathname + location.search, { target: "#inbox", select: "#inbox", swap: "outerHTML" });

$("#bulk-form").addEventListener("submit", (event) => {
  event.preventDefault();
  preview();
});
$("#bulk-form").addEventListener("change", () => {
  $("#bulk-apply").disabled = true;
  $("#bulk-preview").replaceChildren();
});
$("#bulk-apply").addEventListener("click", apply);
$("#open-bulk").addEventListener("click", () => $("#bulk").showModal());
document.addEventListener("lichang:stale", () => whileBusy(reload)); // keys wait for the list to come
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.target.matches("input, select, textarea")) return;
  const by = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  step(by);
});
document.addEventListener("htmx:afterSettle", keepWorklist);
keepWorklist();
