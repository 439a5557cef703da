// Renews the live parts of a page when the server says that there is news of them. Without it the page is whole, too.
//
// A live part is an element with `data-live` and an id: the page is asked for again, and the part replaced by its new
// self. A part in which somebody has typed stays as it is, and the page says that there is news.
"use strict";
(() => {
  const mark = document.getElementById("live");
  if (mark === null || document.querySelector("[data-live]") === null) return;
  const LEAST_MS = 5000; // between two renewals
  const FIRST_RETRY_MS = 1000;
  const LONGEST_RETRY_MS = 60000;
  let retryMs = FIRST_RETRY_MS;
  let renewedAt = 0;
  let timer = 0;
  let isDue = false;
  let wasOpen = false;

  const timeOfDay = () =>
    new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });

  const isTyped = (part) =>
    [...part.querySelectorAll("input:not([type=hidden]), textarea")].some(
      (field) => field.value !== field.defaultValue || field === document.activeElement,
    );

  const say = (text, withLink) => {
    mark.replaceChildren(text);
    if (withLink) {
      const link = document.createElement("a");
      link.href = location.href;
      link.textContent = mark.dataset.show;
      mark.append(" ", link);
    }
    mark.hidden = false;
  };

  const replace = (part, news) => {
    const opened = [...part.querySelectorAll("details")].map((details) => details.open);
    news.querySelectorAll("details").forEach((details, at) => (details.open = opened[at] ?? details.open));
    part.replaceWith(news);
  };

  const renew = async () => {
    timer = 0;
    if (document.hidden) {
      isDue = true;
      return;
    }
    isDue = false;
    renewedAt = Date.now();
    let answer;
    try {
      answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    } catch {
      return;
    }
    if (!answer.ok || answer.redirected) return; // logged out: the next click says so
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    let isLeft = false;
    for (const part of document.querySelectorAll("[data-live]")) {
      const news = fresh.getElementById(part.id);
      if (news === null || news.isEqualNode(part)) continue;
      if (isTyped(part)) isLeft = true;
      else replace(part, document.adoptNode(news));
    }
    if (isLeft) say(mark.dataset.news, true);
    else say(mark.dataset.renewed.replace("{time}", timeOfDay()), false);
  };

  const hear = () => {
    if (timer === 0) timer = setTimeout(renew, Math.max(0, renewedAt + LEAST_MS - Date.now()));
  };

  const later = (ms) => {
    setTimeout(open, ms ?? retryMs * (0.5 + Math.random() / 2));
    retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
  };

  const open = async () => {
    let token;
    try {
      const answer = await fetch("/live/token", { method: "POST", headers: { Accept: "application/json" } });
      if (answer.status === 401 || answer.status === 403) return; // logged out
      ({ token } = await answer.json());
    } catch {
      later();
      return;
    }
    const socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/live`);
    socket.onopen = () => socket.send(JSON.stringify({ t: "page", token }));
    socket.onmessage = ({ data }) => {
      const { t } = JSON.parse(data);
      if (t === "news") hear();
      if (t !== "ready") return;
      retryMs = FIRST_RETRY_MS;
      if (wasOpen) hear(); // what was missed meanwhile
      wasOpen = true;
      mark.dataset.open = "";
    };
    socket.onclose = ({ reason }) => {
      delete mark.dataset.open;
      const told = /^come back in ([0-9.]+) s$/.exec(reason);
      later(told === null ? undefined : 1000 * Number(told[1]));
    };
  };

  document.addEventListener("visibilitychange", () => {
    if (isDue && !document.hidden) hear();
  });
  open();
})();
