// Charts from the figures that stand beside them on the page.
const colours = ["#0b5d5b", "#7a4b00", "#4b6b8a", "#8a4b6b", "#5b7d2a", "#9a5b2a", "#566165", "#2a6f9a"];
for (const box of document.querySelectorAll(".chart[data-chart=stack]")) {
  const told = JSON.parse(document.getElementById(box.dataset.source).textContent);
  if (!told.days.length) { box.remove(); continue; }
  const ink = getComputedStyle(document.body).color;
  const chart = echarts.init(box, null, { renderer: "svg" });
  chart.setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    color: colours,
    textStyle: { color: ink },
    tooltip: { trigger: "axis" },
    legend: { textStyle: { color: ink }, type: "scroll" },
    grid: { left: 48, right: 12, top: 36, bottom: 28 },
    xAxis: { type: "category", data: told.days, axisLabel: { color: ink } },
    yAxis: { type: "value", minInterval: 1, axisLabel: { color: ink } },
    series: told.series.map((one) => ({ ...one, type: "bar", stack: "all", barMaxWidth: 36 })),
  });
  addEventListener("resize", () => chart.resize());
}
// Groups side by side (or stacked): a few names, several figures each.
for (const box of document.querySelectorAll(".chart[data-chart=side]")) {
  const told = JSON.parse(document.getElementById(box.dataset.source).textContent);
  if (!told.names.length) { box.remove(); continue; }
  const ink = getComputedStyle(document.body).color;
  const chart = echarts.init(box, null, { renderer: "svg" });
  chart.setOption({
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    color: colours,
    textStyle: { color: ink },
    tooltip: { trigger: "axis" },
    legend: { textStyle: { color: ink } },
    grid: { left: 48, right: 12, top: 36, bottom: 28 },
    xAxis: { type: "category", data: told.names, axisLabel: { color: ink } },
    yAxis: { type: "value", axisLabel: { color: ink } },
    series: told.series.map((one) => ({ ...one, type: "bar", stack: box.dataset.stack, barMaxWidth: 36 })),
  });
  addEventListener("resize", () => chart.resize());
}
