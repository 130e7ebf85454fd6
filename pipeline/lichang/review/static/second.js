// Blind second review, and settling what two reviewers saw differently.
import { post } from "./api.js";

const form = document.getElementById("judge");

function fit() {
  const data = new FormData(form);
  const camp = data.get("camp");
  const none = data.get("kind") === "none";
  for (const one of form.querySelectorAll("[name=camp]")) one.disabled = none;
  for (const one of form.querySelectorAll("[name=attitude]")) one.disabled = none || camp === "neither";
}

form?.addEventListener("change", fit);
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const data = new FormData(form);
  const kind = data.get("kind");
  const camp = kind === "none" ? "neither" : data.get("camp");
  const attitude = camp === "neither" ? null : data.get("attitude");
  const { record, item, after } = form.dataset;
  const value = { camp, attitude, kind };
  const done = await post("/api/decisions", { record: Number(record), item, after: Number(after), field: "second", value });
  if (done) location.reload();
});

document.addEventListener("click", async (event) => {
  const take = event.target.dataset.take;
  if (!take) return;
  const { record, item, after } = event.target.closest(".pair-card").dataset;
  const done = await post("/api/settlements", { record: Number(record), item, after: Number(after), take });
  if (done) location.reload();
});
document.addEventListener("lichang:stale", () => location.reload());
