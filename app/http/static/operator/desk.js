// Draws the revenue chart from the facts that stand in the page; nothing is fetched, nothing evaluated.
(function () {
  "use strict";

  function yuan(fen) {
    var language = document.documentElement.lang;
    return (fen / 100).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  }

  // Not by id: what has an id gets its old attributes copied in a swap, inline styles among them.
  function placeOfChart() {
    return document.querySelector("[data-chart]");
  }

  function draw() {
    var place = placeOfChart();
    var held = document.getElementById("chart-facts");
    if (!place || !held || !window.echarts) { return; }
    var facts = JSON.parse(held.textContent);
    var dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
    var old = window.echarts.getInstanceByDom(place);
    if (old) { old.dispose(); }
    var chart = window.echarts.init(place, dark ? "dark" : null);
    chart.setOption({
      backgroundColor: "transparent",
      animation: false,
      aria: { enabled: true },
      legend: { type: "scroll", top: 0 },
      // Drawn on the canvas: an HTML tooltip would need inline styles, which the page forbids.
      tooltip: { trigger: "axis", renderMode: "richText", valueFormatter: function (fen) { return yuan(fen) + " " + place.dataset.unit; } },
      grid: { left: 16, right: 16, bottom: 8, top: 40, containLabel: true },
      xAxis: { type: "category", data: facts.days },
      yAxis: { type: "value", name: place.dataset.unit, axisLabel: { formatter: function (fen) { return yuan(fen); } } },
      series: facts.series.map(function (one) {
        return { name: one.name, type: "bar", stack: "gross", data: one.gross_fen };
      })
    });
  }

  window.addEventListener("resize", function () {
    var place = placeOfChart();
    var chart = place && window.echarts && window.echarts.getInstanceByDom(place);
    if (chart) { chart.resize(); }
  });
  document.addEventListener("htmx:after:swap", draw);
  document.addEventListener("DOMContentLoaded", draw);
})();
