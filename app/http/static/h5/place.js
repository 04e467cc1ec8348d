// Keeps the place where somebody stopped reading, on this device, and leads back to it.
"use strict";

(function () {
  const KEPT_MAX = 50;
  const DONE_SHARE = 0.95;
  const SAVE_MS = 400;
  const article = document.querySelector("[data-work]");
  const body = document.querySelector("[data-place]");
  const note = document.querySelector("[data-place-note]");
  if (!article || !body) {
    return;
  }
  const key = "juanliu.place";
  const work = article.dataset.work;

  function places() {
    try {
      return JSON.parse(localStorage.getItem(key)) || {};
    } catch (unreadable) {
      return {};
    }
  }

  function keep(paragraph) {
    const kept = places();
    delete kept[work];
    if (paragraph > 0) {
      kept[work] = paragraph;
    }
    Object.keys(kept).slice(0, -KEPT_MAX).forEach(function (old) { delete kept[old]; });
    try {
      localStorage.setItem(key, JSON.stringify(kept));
    } catch (full) {
      // No place is kept then; the text reads as well from its beginning.
    }
  }

  // The first paragraph that is still to be seen; 0 at the beginning and when all was read.
  function current() {
    const box = body.getBoundingClientRect();
    if ((window.innerHeight - box.top) / box.height >= DONE_SHARE) {
      return 0;
    }
    return Math.max(0, Array.from(body.children).findIndex(function (one) {
      return one.getBoundingClientRect().bottom > 0;
    }));
  }

  const paragraph = body.children[places()[work]];
  if (paragraph && !window.location.hash) {
    paragraph.scrollIntoView();
    note.hidden = false;
    note.querySelector("[data-place-top]").addEventListener("click", function () {
      window.scrollTo(0, 0);
      note.hidden = true;
    });
  }
  let timer = 0;
  window.addEventListener("scroll", function () {
    clearTimeout(timer);
    timer = setTimeout(function () { keep(current()); }, SAVE_MS);
  }, { passive: true });
})();
