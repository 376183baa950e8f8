// Charts from the figures that stand beside them on the page.
const colours = ["#0b5d5b", "#7a4b00", "#4b6b8a", "#8a4b6b", "#5b7d2a", "#9a5b2a", "#566165", "#2a6f9a"];
function draw(box, names, series, stack, more, type = "bar") {
  if (!names.length) {
    box.remove();
    return;
  }
  const ink = getComputedStyle(document.body).color;
  const line = getComputedStyle(document.documentElement).getPropertyValue("--line").trim();
  const chart = echarts.init(box, null, { renderer: "svg" });
  chart.setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    color: colours,
    textStyle: { color: ink },
    tooltip: { trigger: "axis" },
    legend: { textStyle: { color: ink }, type: "scroll" },
    grid: { left: 48, right: 12, top: 36, bottom: 28 },
    xAxis: { type: "category", data: names, axisLabel: { color: ink } },
    yAxis: { type: "value", axisLabel: { color: ink }, splitLine: { lineStyle: { color: line } }, ...more },
    series: series.map((one) => ({ ...one, type, stack, barMaxWidth: 36 })),
  });
  addEventListener("resize", () => chart.resize());
}
for (const box of document.querySelectorAll(".chart[data-chart]")) {
  const data = JSON.parse(document.getElementById(box.dataset.source).textContent);
  if (box.dataset.chart === "stack") draw(box, data.days, data.series, "all", { minInterval: 1 });
  else if (box.dataset.chart === "lines") draw(box, data.names, data.series, undefined, {}, "line");
  else draw(box, data.names, data.series, box.dataset.stack, {}); // groups side by side, or stacked
}
