// A signed link lives ten minutes; a page may be open for hours. When a player finds its link
// worn out, it asks the lasting address again and goes on where it was. Without this script a
// reader goes on by loading the page again.
"use strict";

(function () {
  const PATIENCE_MS = 2000;

  function renew(player, state) {
    const now = Date.now();
    if (now - state.renewedAt < PATIENCE_MS) {
      return;
    }
    state.renewedAt = now;
    const at = state.at;
    const wasPlaying = state.wasPlaying;
    player.addEventListener("loadedmetadata", function () {
      player.currentTime = at;
      if (wasPlaying) {
        player.play().catch(function () { /* a tap will do it */ });
      }
    }, { once: true });
    player.src = state.address;
    player.load();
  }

  document.querySelectorAll("[data-player]").forEach(function (player) {
    const state = { address: player.getAttribute("src"), at: 0, wasPlaying: false, renewedAt: 0 };
    player.addEventListener("timeupdate", function () { state.at = player.currentTime; });
    player.addEventListener("seeking", function () { state.at = player.currentTime; });
    player.addEventListener("play", function () { state.wasPlaying = true; });
    player.addEventListener("pause", function () { state.wasPlaying = false; });
    player.addEventListener("error", function () { renew(player, state); });
  });
})();
