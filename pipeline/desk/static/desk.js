// Keys, and live arrival of stories. The pages work without it.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const kept = (name) => { try { return sessionStorage.getItem(name); } catch { return null; } };
  const keep = (name, value) => { try { sessionStorage.setItem(name, value); } catch { /* private window */ } };
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };

  // Keys -----------------------------------------------------------------------------------------------------------
  const help = one("#help"), keysOn = one("#keys-on"), helpButton = one("[data-help]");
  helpButton.hidden = false;
  helpButton.addEventListener("click", () => help.showModal());
  keysOn.checked = remembered("wiredesk-keys") !== "off";
  keysOn.addEventListener("change", () => remember("wiredesk-keys", keysOn.checked ? "on" : "off"));

  // From a story back to the list it was found in, however many versions were looked at in between. ------------------
  const here = location.pathname + location.search, results = one("[data-results]");
  if (one("[data-hits]")) keep("wiredesk-results", here);
  else if (results && results.pathname === "/") results.href = kept("wiredesk-results") || "/";

  const link = (row) => one("h2 a, a[data-open]", row);
  const choose = (step) => {
    const rows = [...document.querySelectorAll(".hit")];
    if (!rows.length) return;
    const now = rows.findIndex((row) => row.classList.contains("current"));
    const next = now < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(now + step, 0), rows.length - 1);
    if (now >= 0) rows[now].classList.remove("current");
    rows[next].classList.add("current");
    rows[next].scrollIntoView({ block: "nearest" });
    link(rows[next]).focus({ preventScroll: true });
  };
  const follow = (selector) => { const target = one(selector); if (target) target.click(); };
  const keys = {
    "/": () => { const field = one("[data-search]") || one("input[type=search]"); if (field) { field.focus(); field.select(); } else { location.href = "/"; } },
    j: () => choose(1),
    k: () => choose(-1),
    o: () => { const row = one(".hit.current"); if (row) link(row).click(); },
    n: () => follow("a[rel=next]"),
    p: () => follow("a[rel=prev]"),
    l: () => follow("[data-live]"),
    u: () => { if (results) results.click(); else location.href = "/"; },
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.matches("input, textarea, select")) { if (event.key === "Escape") event.target.blur(); return; }
    if (!keysOn.checked || !Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });

  // Live -----------------------------------------------------------------------------------------------------------
  // The server is asked for what reached it since shortly before this page was made; what we have is left out by its
  // key (story and version). On a page of newest stories it goes on top; else a line says how many there are.
  const button = one("[data-live]");
  if (!button) return;
  const list = one("[data-hits]"), line = one("#arrived");
  const known = new Set(button.dataset.known.split(" ").filter(Boolean));
  for (const row of list.children) known.add(row.dataset.key);
  const seconds = 3;
  let timer = 0, waiting = 0;

  const put = (row) => {
    for (const old of [...list.children]) if (old.dataset.cluster === row.cluster) old.remove();
    const none = one("[data-empty]");
    if (none) none.remove();
    list.insertAdjacentHTML("afterbegin", row.html);  // made and escaped by the server's own template
    while (list.children.length > 100) list.lastElementChild.remove();
  };
  const ask = async () => {
    const address = new URL("/arrivals" + location.search, location.origin);
    address.searchParams.set("after", button.dataset.after);
    const answer = await fetch(address, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const { rows, now } = await answer.json();
    const fresh = rows.filter((row) => !known.has(row.key)).reverse();
    for (const row of fresh) known.add(row.key);
    button.dataset.after = now;
    waiting += fresh.length;
    if (button.dataset.place === "top") fresh.forEach(put);
    if (fresh.length) {
      line.textContent = button.dataset.place === "top" ? `${fresh.length} new` : `${waiting} new: `;
      if (button.dataset.place !== "top") {
        const all = document.createElement("a"), search = new URLSearchParams(location.search);
        search.set("sort", "newest");
        all.href = "/?" + search;
        all.textContent = "show the newest first";
        line.append(all);
      }
      line.hidden = button.dataset.place === "top" ? false : !waiting;
    }
  };
  const tick = async () => {
    try { if (!document.hidden) await ask(); } catch { line.textContent = "The desk does not answer; trying again."; line.hidden = false; }
    if (timer) timer = setTimeout(tick, seconds * 1000);
  };
  const set = (on) => {
    button.setAttribute("aria-pressed", String(on));
    remember("wiredesk-live", on ? "on" : "off");
    clearTimeout(timer);
    timer = on ? setTimeout(tick, 0) : 0;
  };
  button.hidden = false;
  button.addEventListener("click", () => set(!timer));
  set(remembered("wiredesk-live") !== "off");
})();
