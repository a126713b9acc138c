"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const colours = ["#3f7fc4", "#d8336f", "#2a9d8f", "#e08a2e", "#8a6fd1", "#9a7a55", "#4f9d3a", "#c65a55", "#3aa6c9", "#7d8794"];

function sortTable(table, header) {
  const index = [...header.parentNode.children].indexOf(header);
  const up = header.getAttribute("aria-sort") !== "ascending";
  for (const other of header.parentNode.children) if (other.hasAttribute("aria-sort")) other.setAttribute("aria-sort", "none");
  header.setAttribute("aria-sort", up ? "ascending" : "descending");
  const body = table.tBodies[0];
  const key = row => row.cells[index].dataset.value ?? row.cells[index].textContent.trim();
  const rows = [...body.rows].map((row, place) => ({row, place, key: key(row)}));
  rows.sort((a, b) => {
    if ((a.key === "") !== (b.key === "")) return a.key === "" ? 1 : -1;
    const x = Number(a.key), y = Number(b.key);
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
    const order = Number.isNaN(x) ? a.key.localeCompare(b.key, "en", {numeric: true}) : x - y;
    return (up ? order : -order) || a.place - b.place;
  });
  body.append(...rows.map(entry => entry.row));
}

for (const table of document.querySelectorAll("table.sortable"))
  for (const header of table.tHead.rows[0].cells)
    header.querySelector("button")?.addEventListener("click", () => sortTable(table, header));

const filter = document.getElementById("filter");
function applyFilter() {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0, all = 0;
  for (const item of document.querySelectorAll("[data-text]")) {
    const fits = words.every(word => item.dataset.text.toLowerCase().includes(word));
    item.hidden = !fits;
    if (item.closest("#settings")) { all++; shown += fits; }
  }
  document.getElementById("count").textContent = words.length ? `${shown} of ${all} settings` : "";
  drawCurves();
}
filter.addEventListener("input", applyFilter);

const plot = document.getElementById("plot");
let axis = "step";
function ticks(low, high, count) {
  const raw = (high - low) / count, power = 10 ** Math.floor(Math.log10(raw || 1));
  const step = [1, 2, 2.5, 5, 10].map(x => x * power).find(x => x >= raw) || raw || 1;
  const found = [];
  for (let x = Math.ceil(low / step - 1e-9) * step; x <= high + step * 1e-9; x += step) found.push(Math.abs(x) < step * 1e-9 ? 0 : x);
  return found;
}
function short(x) {
  if (Math.abs(x) >= 1e4 && axis === "step" && Number.isInteger(x)) return x.toLocaleString("en");
  return Number(x.toPrecision(4)).toString();
}
function make(name, attributes, text) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}
function drawCurves() {
  if (!plot) return;
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const lines = data.lines.filter(line => words.every(word => line.text.toLowerCase().includes(word)))
    .map(line => ({...line, points: line.points.filter(point => point[axis] !== null)}))
    .filter(line => line.points.length > 1);
  const width = Math.max(320, plot.clientWidth || 900), height = Math.min(430, Math.max(260, width * .45));
  const left = 58, right = 14, top = 24, bottom = 42;
  const svg = make("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `${data.objective} against ${axis}`});
  const xs = lines.flatMap(line => line.points.map(point => point[axis]));
  const ys = lines.flatMap(line => line.points.map(point => point.value));
  if (data.floor !== null) ys.push(data.floor);
  const log = data.mode === "min" && Math.min(...ys) > 0 && Math.max(...ys) > 10 * Math.min(...ys);
  const scale = y => log ? Math.log10(y) : y;
  let low = Math.min(...ys.map(scale)), high = Math.max(...ys.map(scale));
  const margin = (high - low) * .05 || 1; low -= margin; high += margin;
  const farthest = Math.max(...xs, 1e-9);
  const X = x => left + (width - left - right) * x / farthest;
  const Y = y => height - bottom - (height - top - bottom) * (scale(y) - low) / (high - low);
  const group = make("g", {});
  if (!lines.length) group.append(make("text", {x: left, y: 40}, "No run that fits was measured twice."));
  else {
    const marks = log ? ticks(Math.ceil(low), high, Math.min(5, Math.max(1, high - low))).filter(Number.isInteger).map(x => 10 ** x) : ticks(low, high, 5);
    for (const y of marks) {
      group.append(make("line", {x1: left, x2: width - right, y1: Y(y), y2: Y(y), class: "grid"}));
      group.append(make("text", {x: left - 8, y: Y(y) + 4, "text-anchor": "end"}, short(y)));
    }
    for (const x of ticks(0, farthest, width < 500 ? 4 : 8))
      group.append(make("text", {x: X(x), y: height - bottom + 18, "text-anchor": X(x) > width - 30 ? "end" : "middle"}, short(x)));
    group.append(make("text", {x: (left + width - right) / 2, y: height - 6, "text-anchor": "middle"}, axis === "step" ? "iteration" : "seconds"));
    if (data.floor !== null) {
      group.append(make("line", {x1: left, x2: width - right, y1: Y(data.floor), y2: Y(data.floor), class: "floor"}));
      group.append(make("text", {x: width - right - 4, y: Y(data.floor) - 5, "text-anchor": "end"}, "floor: real samples"));
    }
    for (const line of [...lines].reverse()) {
      const path = line.points.map((point, i) => `${i ? "L" : "M"}${X(point[axis]).toFixed(1)},${Y(point.value).toFixed(1)}`).join("");
      const node = make("path", {d: path, stroke: colours[line.rank % colours.length], "data-rank": line.rank});
      if (line.state !== "finished") node.setAttribute("stroke-dasharray", "5 4");
      group.append(node);
    }
  }
  const dot = make("circle", {r: 4.5, fill: "currentColor", visibility: "hidden"});
  svg.append(group, dot);
  plot.querySelector("svg")?.remove();
  plot.prepend(svg);
  const tip = plot.querySelector(".tip");
  tip.hidden = true;
  svg.addEventListener("pointermove", event => {
    const box = svg.getBoundingClientRect(), factor = width / box.width;
    const x = (event.clientX - box.left) * factor, y = (event.clientY - box.top) * factor;
    let best = null;
    for (const line of lines) for (const point of line.points) {
      const distance = Math.hypot(X(point[axis]) - x, Y(point.value) - y);
      if (!best || distance < best.distance) best = {distance, line, point};
    }
    if (!best || best.distance > 60) return leave();
    light(best.line.rank);
    dot.setAttribute("cx", X(best.point[axis])); dot.setAttribute("cy", Y(best.point.value));
    dot.setAttribute("visibility", "visible");
    const seconds = best.point.seconds === null ? "" : `, ${best.point.seconds.toFixed(0)} s`;
    tip.textContent = `${best.line.name}: ${best.point.value.toPrecision(4)} at iteration ${best.point.step}${seconds}`;
    tip.hidden = false;
    const place = X(best.point[axis]) / factor;
    tip.style.left = `${Math.max(4, Math.min(place + 12, box.width - tip.offsetWidth - 4))}px`;
    tip.style.top = `${Math.max(4, Y(best.point.value) / factor - tip.offsetHeight - 12)}px`;
  });
  const leave = () => { tip.hidden = true; dot.setAttribute("visibility", "hidden"); light(null); };
  svg.addEventListener("pointerleave", leave);
}
function light(rank) {
  plot?.querySelector("g")?.classList.toggle("dim", rank !== null);
  for (const path of plot?.querySelectorAll("path") ?? []) path.classList.toggle("lit", path.dataset.rank === String(rank));
  for (const row of document.querySelectorAll("#settings tr[data-rank]")) row.classList.toggle("lit", row.dataset.rank === String(rank));
}
for (const item of document.querySelectorAll("#settings tr[data-rank], .legend [data-rank]")) {
  item.addEventListener("pointerenter", () => light(item.dataset.rank));
  item.addEventListener("pointerleave", () => light(null));
  item.addEventListener("focus", () => light(item.dataset.rank));
  item.addEventListener("blur", () => light(null));
}
for (const button of document.querySelectorAll(".choice button"))
  button.addEventListener("click", () => {
    axis = button.dataset.axis;
    for (const other of document.querySelectorAll(".choice button")) other.setAttribute("aria-pressed", String(other === button));
    drawCurves();
  });
for (const swatch of document.querySelectorAll(".legend i")) swatch.style.background = colours[swatch.parentNode.dataset.rank % colours.length];
let drawnAt = 0;
addEventListener("resize", () => { if (plot && plot.clientWidth !== drawnAt) { drawnAt = plot.clientWidth; drawCurves(); } });
drawCurves();
