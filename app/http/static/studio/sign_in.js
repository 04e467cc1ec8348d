// Asks every two seconds whether the creator has said yes, and goes on when they have.
"use strict";

(function () {
  const EVERY_MS = 2000;
  const waiting = document.querySelector("[data-waiting]");
  if (!waiting) {
    return;
  }
  const timer = setInterval(async function () {
    let said;
    try {
      const answer = await fetch("/studio/sign-in/state", { credentials: "same-origin" });
      said = await answer.json();
    } catch (offline) {
      return; // the next round asks again
    }
    if (said.state === "confirmed") {
      clearInterval(timer);
      window.location.reload();
    } else if (said.state === "over") {
      clearInterval(timer);
      waiting.hidden = true;
      document.querySelector("[data-over]").hidden = false;
    }
  }, EVERY_MS);
})();
