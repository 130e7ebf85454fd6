// Talks to the server. "Saved" is said when it has answered, which it does once the decision is on disk.

const words = document.body.dataset;

/** Say something in the status line. */
export function say(text, kind = "") {
  const line = document.getElementById("status");
  line.textContent = text;
  line.className = kind;
}

let work = Promise.resolve();

/** Do one thing after another, with the page marked as busy meanwhile. */
export function whileBusy(task) {
  const main = document.getElementById("main");
  main.setAttribute("aria-busy", "true");
  const mine = work.then(() => task()).finally(() => {
    if (work !== mine) return;
    main.removeAttribute("aria-busy");
    document.dispatchEvent(new CustomEvent("lichang:idle"));
  });
  work = mine;
  return mine;
}

/** Send JSON; the answer's body, or null after saying what went wrong. */
export async function post(path, body, method = "POST") {
  say("…");
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    say(words.offline, "bad");
    return null;
  }
  const found = await answer.json().catch(() => ({ detail: answer.statusText }));
  if (answer.ok) {
    say(words.saved, "good");
    return found;
  }
  const detail = typeof found.detail === "string" ? found.detail : JSON.stringify(found.detail);
  say((answer.status === 409 ? words.conflict : words.failed) + detail, "bad");
  if (answer.status === 409) document.dispatchEvent(new CustomEvent("lichang:stale"));
  return null;
}

/** Undo the reviewer's last decision, wherever it was made. */
export async function undo() {
  const found = await post("/api/undo", {});
  if (!found) return;
  say(found.undone.length ? `${words.undone} (${found.undone.length})` : words.nothing, "good");
  document.dispatchEvent(new CustomEvent("lichang:stale"));
}
