/* The guests' pages work without it. It adds: dishes without a new page, search, and what is new as it happens. */
"use strict";
(() => {
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy("comanda", { createHTML: (text) => text, createScriptURL: (url) => url })
    : { createHTML: (text) => text, createScriptURL: (url) => url };
  const root = document.body;
  const base = root.dataset.base;
  const words = root.dataset;
  const show = (id, text) => {
    const place = document.getElementById(id);
    if (!place) return;
    place.textContent = text;
    place.hidden = !text;
  };

  // A dish goes into the cart without a new page.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    const button = event.submitter;
    if (button) setTimeout(() => { button.disabled = true; }, 0);
    if (!form.matches("[data-add]")) return;
    event.preventDefault();
    try {
      const answer = await fetch(form.action, {
        method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "application/json" },
      });
      const said = await answer.json();
      show("said", answer.ok ? words.added : said.detail || words.failed);
      if (answer.ok) {
        form.reset();
        form.closest("details").open = false;
      }
      await look();
    } catch {
      show("said", words.failed);
    } finally {
      if (button) button.disabled = false;
    }
  });

  // Search hides what does not fit; without script the whole menu stands there.
  const search = document.getElementById("search");
  const folded = (text) => text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  if (search) {
    search.parentElement.hidden = false;
    search.addEventListener("input", () => {
      const wanted = folded(search.value.trim()).split(/\s+/);
      for (const shelf of document.querySelectorAll("[data-shelf]")) {
        let shown = 0;
        for (const dish of shelf.querySelectorAll(".dish")) {
          const fits = wanted.every((word) => folded(dish.dataset.words).includes(word));
          dish.hidden = !fits;
          shown += fits ? 1 : 0;
        }
        shelf.hidden = !shown;
      }
    });
  }

  // What is new: a socket says that there is something, the page asks. Without a socket it asks every ten seconds.
  let version = null;
  let asking = null;
  let again = false;
  const look = async () => {
    if (asking) { again = true; return asking; }
    asking = (async () => {
      try {
        const answer = await fetch(`${base}/state`, { headers: { Accept: "application/json" } });
        if (!answer.ok) return;
        await take(await answer.json());
        show("away", "");
      } catch {
        show("away", words.away);
      } finally {
        asking = null;
      }
    })();
    await asking;
    if (again) { again = false; await look(); }
  };
  const take = async (state) => {
    show("silent", state.heard ? "" : words.silent);
    show("pieces", state.pieces ? `${state.pieces} · ${state.cart}` : "");
    const out = new Set(state.out);
    for (const dish of document.querySelectorAll(".dish[data-item]")) {
      const gone = out.has(dish.dataset.item);
      dish.classList.toggle("out", gone);
      const sold = dish.querySelector(".sold-out");
      if (sold) sold.hidden = !gone;
      for (const button of dish.querySelectorAll("button")) button.disabled = gone;
    }
    if (version !== null && version !== state.version) await renew();
    version = state.version;
  };
  const renew = async () => {
    const old = document.getElementById("live");
    if (!old || old.contains(document.activeElement) && document.activeElement.matches("input")) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(policy.createHTML(await answer.text()), "text/html");
    const fresh = page.getElementById("live");
    if (fresh) old.replaceWith(fresh);
  };

  let waits = 500;
  let timer = null;
  const poll = () => { timer = timer || setInterval(look, 10000); };
  const listen = () => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}${base}/live`);
    socket.onmessage = () => { waits = 500; clearInterval(timer); timer = null; look(); };
    socket.onclose = () => { poll(); setTimeout(listen, waits); waits = Math.min(waits * 2, 30000); };
  };
  if (base) {
    look();
    listen();
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
    if (navigator.serviceWorker) {
      navigator.serviceWorker
        .register(policy.createScriptURL("/g-static/worker.js"), { scope: "/g/" })
        .catch(() => {});
    }
  }
})();
