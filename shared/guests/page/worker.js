/* Keeps the menu readable without a network. What is a guest's own is never kept. */
"use strict";
const KEPT = "comanda-guest-1";
const isMenu = (url) => /^\/g\/[A-Za-z0-9]+\/[A-Za-z0-9-]+$/.test(url.pathname);
const isFile = (url) => url.pathname.startsWith("/g-static/") && url.search;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || !(isMenu(url) || isFile(url))) return;
  event.respondWith((async () => {
    const kept = await caches.open(KEPT);
    if (isFile(url)) {
      const held = await kept.match(event.request);
      if (held) return held;
    }
    try {
      const answer = await fetch(event.request);
      if (answer.ok) await kept.put(event.request, answer.clone());
      return answer;
    } catch (error) {
      const held = await kept.match(event.request, { ignoreVary: true });
      if (held) return held;
      throw error;
    }
  })());
});
