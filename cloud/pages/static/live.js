// Renews the live parts of a page when the server says that there is news of them. Without it the page is whole, too.
//
// A live part is an element with `data-live` and an id: the page is asked for again, and the part replaced by its new
// self, with the focus where it was and what is read where it stood. A part in which somebody has typed stays as it is,
// and the page says that there is news.
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
  // Whose page this is: in another window its reader may choose another organization.
  const asked = { "Comanda-Renewal": mark.dataset.madeFor ?? "1" };
  const ELSEWHERE = 409;

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

  // The focused element of a part, as its new self is found again: by its id, else by what it leads to, and which of
  // those it is.
  const focusOf = (part) => {
    const focused = document.activeElement;
    if (focused === null || focused === part || !part.contains(focused)) return null;
    const name = ["id", "href", "name"].find((each) => focused.hasAttribute(each));
    const value = name === undefined ? "" : `[${name}="${CSS.escape(focused.getAttribute(name))}"]`;
    const selector = focused.localName + value;
    return { selector, place: [...part.querySelectorAll(selector)].indexOf(focused) };
  };

  // What somebody reads: the first element with an id that begins in the window, and where. It stays there.
  const readNow = () => {
    if (scrollY === 0) return null;
    const begun = [...document.querySelectorAll("[data-live] [id]")].map((each) => [each, each.getBoundingClientRect()]);
    const [element, box] = begun.find(([, { top, height }]) => top >= 0 && height > 0) ?? [null, null];
    return element === null ? null : { id: element.id, top: box.top };
  };

  const stay = (read) => {
    const again = read === null ? null : document.getElementById(read.id);
    if (again !== null) scrollBy({ top: again.getBoundingClientRect().top - read.top, behavior: "instant" });
  };

  const replace = (part, news) => {
    const opened = [...part.querySelectorAll("details")].map((details) => details.open);
    news.querySelectorAll("details").forEach((details, at) => (details.open = opened[at] ?? details.open));
    const focus = focusOf(part);
    part.replaceWith(news);
    if (focus !== null) {
      const same = news.querySelectorAll(focus.selector);
      (same[focus.place] ?? same[0] ?? document.querySelector("main"))?.focus({ preventScroll: true });
    }
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
      answer = await fetch(location.href, { headers: { Accept: "text/html", ...asked } });
    } catch {
      return;
    }
    if (answer.status === ELSEWHERE) say(mark.dataset.elsewhere, false);
    if (!answer.ok || answer.redirected) return; // logged out: the next click says so
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    let isLeft = false;
    const read = readNow();
    for (const part of document.querySelectorAll("[data-live]")) {
      const news = fresh.getElementById(part.id);
      if (news === null || news.isEqualNode(part)) continue;
      if (isTyped(part)) isLeft = true;
      else replace(part, document.adoptNode(news));
    }
    if (isLeft) say(mark.dataset.news, true);
    else say(mark.dataset.renewed.replace("{time}", timeOfDay()), false);
    stay(read);
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
      const answer = await fetch("/live/token", {
        method: "POST",
        headers: { Accept: "application/json", ...asked },
      });
      if (answer.status === ELSEWHERE) say(mark.dataset.elsewhere, false);
      if ([401, 403, ELSEWHERE].includes(answer.status)) return; // logged out, or in another organization
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
