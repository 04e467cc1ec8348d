// Draws the income of each day from the facts that stand in the page; nothing is fetched.
"use strict";

(function () {
  function yuan(fen) {
    return "¥" + (fen / 100).toFixed(2);
  }

  document.addEventListener("DOMContentLoaded", function () {
    const place = document.querySelector("[data-chart]");
    const held = document.getElementById("chart-facts");
    if (!place || !held || !window.echarts) {
      return;
    }
    const facts = JSON.parse(held.textContent);
    const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    const chart = window.echarts.init(place, dark ? "dark" : null);
    chart.setOption({
      backgroundColor: "transparent",
      animation: false,
      // Drawn on the canvas: an HTML tooltip would need inline styles, which the page forbids.
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: yuan },
      grid: { left: 4, right: 8, bottom: 4, top: 16, containLabel: true },
      xAxis: { type: "category", data: facts.days, axisLabel: { formatter: function (day) { return day.slice(5); } } },
      yAxis: { type: "value", splitNumber: 3, axisLabel: { formatter: function (fen) { return fen / 100; } } },
      series: [{ name: facts.name, type: "bar", data: facts.creator_fen, itemStyle: { color: dark ? "#4cc98a" : "#07a355" }, barMaxWidth: 28 }],
    });
    window.addEventListener("resize", function () { chart.resize(); });
  });
})();
