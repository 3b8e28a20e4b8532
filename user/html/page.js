// Draws what the tables say, from the JSON in this page. Nothing is asked of anybody else.
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
const SVG = "http://www.w3.org/2000/svg";
const OTHERS = 8; // the colour of all that has none
const HEATS = 9;

// --- words and numbers ---------------------------------------------------------------------

function duration(ns) {
	if (ns < 1000)
		return `${Math.round(ns)} ns`;
	const units = [[1e9, "s"], [1e6, "ms"], [1e3, "us"]];
	const [unit, name] = units.find(([size]) => ns >= size);
	const value = ns / unit;

	return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${name}`;
}

// A limit on a logarithmic axis: 1 us, 10 ms.
function decade(ns) {
	const units = [[1e9, "s"], [1e6, "ms"], [1e3, "us"], [1, "ns"]];
	const [unit, name] = units.find(([size]) => ns >= size) ?? [1, "ns"];

	return `${Math.round(ns / unit)} ${name}`;
}

function count(n) {
	return Math.round(n).toLocaleString("en-US");
}

function rate(n) {
	return n >= 100 ? count(n) : n.toFixed(n >= 10 ? 1 : 2);
}

// Since the start of the run: 5 s, 2:05, 1:02:05.
function clock(ns) {
	const all = ns / 1e9, s = Math.floor(all) % 60, m = Math.floor(all / 60) % 60, h = Math.floor(all / 3600);
	const two = n => String(n).padStart(2, "0");

	if (all < 60)
		return `${all < 10 && all % 1 ? all.toFixed(1) : Math.round(all)} s`;
	return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

// --- elements ----------------------------------------------------------------------------------

function add(parent, tag, attributes = {}, text) {
	const made = document.createElement(tag);

	for (const [key, value] of Object.entries(attributes))
		made.setAttribute(key, value);
	if (text !== undefined)
		made.textContent = text;
	parent.append(made);
	return made;
}

function draw(parent, tag, attributes = {}, text) {
	const made = document.createElementNS(SVG, tag);

	for (const [key, value] of Object.entries(attributes))
		made.setAttribute(key, value);
	if (text !== undefined)
		made.textContent = text;
	parent.append(made);
	return made;
}

// A set of radio buttons; change(value) is called.
function choice(parent, name, label, options, change) {
	const set = add(parent, "fieldset");

	add(set, "legend", {}, label);
	options.forEach(([value, text], i) => {
		const one = add(set, "label");
		const button = add(one, "input", { type: "radio", name, value });

		button.checked = !i;
		button.addEventListener("change", () => change(value));
		one.append(` ${text}`);
	});
}

// --- axes ------------------------------------------------------------------------------------------

const time = data.time;
const bins = time.end_ns.length;
const begin = i => i ? time.end_ns[i - 1] : time.start_ns;
const seconds = i => Math.max(time.end_ns[i] - begin(i), 1) / 1e9;

// Where a chart is drawn: the figure's width, and room for labels.
function plot(figure, height, label) {
	const width = Math.max(figure.clientWidth, 300);
	const svg = draw(figure, "svg", { viewBox: `0 0 ${width} ${height}`, role: "group", tabindex: 0,
		"aria-roledescription": "chart", "aria-label": label });

	return { svg, left: 58, right: width - 8, top: 26, bottom: height - 24, width, height };
}

// Steps of 1, 2 or 5 that make about n lines up to most.
function steps(most, n) {
	const raw = most / n, power = 10 ** Math.floor(Math.log10(raw || 1));
	const step = [1, 2, 5, 10].map(m => m * power).find(s => s >= raw) ?? power;

	return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

function timeSteps(span, n) {
	const known = [.1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];

	return known.find(s => span / s <= n) ?? span / n;
}

function timeAxis(area) {
	const from = time.start_ns, to = time.end_ns[bins - 1];
	const x = ns => area.left + (ns - from) / Math.max(to - from, 1) * (area.right - area.left);
	const step = timeSteps((to - from) / 1e9, area.width / 90) * 1e9;

	for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
		const anchor = x(at) > area.right - 20 ? "end" : "middle";

		draw(area.svg, "path", { class: "grid", d: `M${x(at)} ${area.bottom}v4` });
		draw(area.svg, "text", { x: x(at), y: area.bottom + 17, "text-anchor": anchor }, clock(at));
	}
	return x;
}

function countAxis(area, highest, title) {
	const most = highest * 1.04 || 1;
	const y = n => area.bottom - n / (most || 1) * (area.bottom - area.top);

	for (const n of steps(most, 4)) {
		draw(area.svg, "path", { class: "grid", d: `M${area.left} ${y(n)}H${area.right}` });
		draw(area.svg, "text", { x: area.left - 6, y: y(n) + 4, "text-anchor": "end" },
			most < 10 ? String(+n.toFixed(2)) : count(n));
	}
	draw(area.svg, "text", { x: 0, y: 11 }, title);
	return y;
}

// Moves a cursor by pointer and by arrow keys; show(column, row) tells what is there, leave() takes it away.
function follow(area, columns, rows, at, show, leave) {
	let column = 0, row = Math.floor(rows / 2);
	const keys = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
	const go = () => show(column, row);

	area.svg.addEventListener("pointermove", event => {
		const box = area.svg.getBoundingClientRect(), scale = area.width / box.width;

		[column, row] = at((event.clientX - box.left) * scale, (event.clientY - box.top) * scale);
		go();
	});
	area.svg.addEventListener("pointerleave", leave);
	area.svg.addEventListener("blur", leave);
	area.svg.addEventListener("keydown", event => {
		const move = keys[event.key];

		if (event.key === "Home")
			column = 0;
		else if (event.key === "End")
			column = columns - 1;
		else if (!move || (rows < 2 && move[1]))
			return;
		else {
			column = Math.min(Math.max(column + move[0], 0), columns - 1);
			row = Math.min(Math.max(row + move[1], 0), rows - 1);
		}
		event.preventDefault();
		go();
	});
}

function nearestBin(x, area) {
	const ns = time.start_ns + (x - area.left) / (area.right - area.left) * (time.end_ns[bins - 1] - time.start_ns);
	const found = time.end_ns.findIndex(end => ns < end);

	return ns < time.start_ns ? 0 : found < 0 ? bins - 1 : found;
}

// --- colours: the same of a reason in all of the page -----------------------------------------------

function weigh() {
	const all = data.reasons.reduce((sum, r) => [sum[0] + r.count, sum[1] + (r.idle ? 0 : r.sum_ns)], [0, 0]);

	return data.reasons.map((r, i) => ({ i, weight: r.count / (all[0] || 1) + (r.idle ? 0 : r.sum_ns / (all[1] || 1)) }))
		.sort((a, b) => b.weight - a.weight);
}

const colour = reason => `c${colourOf.get(reason) ?? OTHERS}`;
const colourOf = new Map(weigh().slice(0, OTHERS).map((one, rank) => [one.i, rank]));

document.querySelectorAll("details.reason").forEach(card => {
	card.querySelector(".swatch").classList.add(colour(+card.dataset.reason));
});
// The tables of all reasons, too: a row's name is a reason's, but where there are levels.
function paintRows() {
	document.querySelectorAll("#reasons > .scroll tbody th").forEach(cell => {
		const i = data.reasons.findIndex(r => r.name === cell.textContent);

		if (i >= 0)
			cell.prepend(add(cell, "span", { class: `swatch ${colour(i)}` }), " ");
	});
}

if (data.reasons.every(r => r.level === 1))
	paintRows();

// --- exits over time -------------------------------------------------------------------------------

// What has no colour of its own is one layer.
function layers(by) {
	const made = [], others = { name: "all others", colour: OTHERS, count: Array(bins).fill(0), sum_ns: Array(bins).fill(0), idle: false };
	let any = false;

	for (const line of time[by === "reason" ? "reasons" : "vms"]) {
		const of = line[by];
		const colour = of === null ? undefined : by === "reason" ? colourOf.get(of) : of < OTHERS ? of : undefined;

		if (colour === undefined) {
			line.count.forEach((n, i) => { others.count[i] += n; });
			line.sum_ns.forEach((n, i) => { others.sum_ns[i] += n; });
			any = true;
			continue;
		}
		made.push({ colour, count: line.count, sum_ns: line.sum_ns,
			name: by === "reason" ? data.reasons[of].name : `${data.vms[of].name} (${data.vms[of].pid})`,
			idle: by === "reason" && data.reasons[of].idle });
	}
	made.sort((a, b) => a.colour - b.colour);
	return any ? [...made, others] : made;
}

const value = (layer, what, i) => layer[what][i] / seconds(i) / (what === "count" ? 1 : 1e9);

function layerPath(low, high, x, y) {
	let there = "", back = "";

	for (let i = 0; i < bins; i++) {
		const x0 = x(begin(i)).toFixed(1), x1 = x(time.end_ns[i]).toFixed(1);

		there += `${i ? "L" : "M"}${x0} ${y(high[i]).toFixed(1)}H${x1}`;
		back = `L${x1} ${y(low[i]).toFixed(1)}H${x0}` + back;
	}
	return `${there}${back}Z`;
}

function drawLayers(area, shown, what, x, y) {
	const sum = Array(bins).fill(0);

	for (const layer of shown) {
		const low = [...sum];

		for (let i = 0; i < bins; i++)
			sum[i] += value(layer, what, i);
		draw(area.svg, "path", { class: `area c${layer.colour}`, d: layerPath(low, sum, x, y) });
	}
	time.lost.forEach((n, i) => {
		if (n)
			draw(draw(area.svg, "rect", { class: "lost", x: x(begin(i)), width: Math.max(x(time.end_ns[i]) - x(begin(i)), 2),
				y: area.top - 5, height: 5 }), "title", {}, `${count(n)} exits or events were lost`);
	});
}

function rateChart(figure) {
	const state = { by: "reason", what: "count", hidden: new Set() };
	const controls = add(figure, "div", { class: "controls" });
	const place = add(figure, "div"), readout = add(figure, "p", { class: "readout", "aria-live": "polite" });
	const legend = add(figure, "ul", { class: "legend" });
	let all, values;

	function tell(i) {
		const whole = i === undefined, unit = state.what === "count" ? "exits a second" : "vCPUs away on average";
		const mean = layer => whole ? layer[state.what].reduce((a, b) => a + b, 0) /
			((time.end_ns[bins - 1] - time.start_ns) / 1e9) / (state.what === "count" ? 1 : 1e9) : value(layer, state.what, i);
		const sum = all.filter(l => !state.hidden.has(l.name)).reduce((n, l) => n + mean(l), 0);

		readout.textContent = `${whole ? "In all of the time" : `From ${clock(begin(i))} to ${clock(time.end_ns[i])}`}: ${rate(sum)} ${unit}` +
			(whole || !time.lost[i] ? "" : `; ${count(time.lost[i])} were lost`);
		all.forEach((layer, n) => { values[n].textContent = rate(mean(layer)); });
	}

	function list() {
		legend.replaceChildren();
		values = all.map(layer => {
			const button = add(add(legend, "li"), "button", { type: "button", "aria-pressed": !state.hidden.has(layer.name) });

			add(button, "span", { class: `swatch c${layer.colour}` });
			add(button, "span", { class: "name" }, layer.name);
			button.addEventListener("click", () => {
				if (!state.hidden.delete(layer.name))
					state.hidden.add(layer.name);
				button.setAttribute("aria-pressed", !state.hidden.has(layer.name));
				redraw();
			});
			return add(button, "span", { class: "value" });
		});
	}

	function redraw() {
		const shown = all.filter(layer => !state.hidden.has(layer.name));
		const most = Math.max(0, ...Array.from({ length: bins }, (_, i) => shown.reduce((sum, l) => sum + value(l, state.what, i), 0)));
		const title = state.what === "count" ? "exits a second" : "vCPUs away";

		place.replaceChildren();
		const area = plot(place, 300, `${title} over time, stacked. Left and right arrow: the numbers of a bin. The table below has the same.`);
		const y = countAxis(area, most, title), x = timeAxis(area);

		drawLayers(area, shown, state.what, x, y);
		const cursor = draw(area.svg, "rect", { class: "cursor", y: area.top, height: area.bottom - area.top, visibility: "hidden" });

		follow(area, bins, 1, px => [nearestBin(px, area), 0], i => {
			cursor.setAttribute("x", x(begin(i)));
			cursor.setAttribute("width", Math.max(x(time.end_ns[i]) - x(begin(i)), 1));
			cursor.setAttribute("visibility", "visible");
			tell(i);
		}, () => {
			cursor.setAttribute("visibility", "hidden");
			tell();
		});
		tell();
	}

	function change() {
		all = layers(state.by);
		// Idleness is long, and hides all else.
		state.hidden = new Set(state.what === "sum_ns" ? all.filter(l => l.idle).map(l => l.name) : []);
		list();
		redraw();
	}

	choice(controls, "what", "Show", [["count", "how often"], ["sum_ns", "how much time"]], to => { state.what = to; change(); });
	if (data.vms.length > 1)
		choice(controls, "by", "by", [["reason", "reason"], ["vm", "VM"]], to => { state.by = to; change(); });
	change();
	return redraw;
}

// --- the heat map -----------------------------------------------------------------------------------

// Of the reasons that are wanted: how many exits each bin has in each band.
function bands(wanted) {
	const sum = Array.from({ length: bins }, () => new Map());

	for (const line of time.reasons) {
		if (!wanted(line.reason))
			continue;
		line.bands.forEach((cell, i) => cell.slice(1).forEach((n, k) => {
			if (n)
				sum[i].set(cell[0] + k, (sum[i].get(cell[0] + k) ?? 0) + n);
		}));
	}
	return sum;
}

// The band that so many percent of a bin's exits stay within; undefined: it has none.
function rank(cell, percent) {
	const order = [...cell.keys()].sort((a, b) => a - b);
	let left = percent / 100 * [...cell.values()].reduce((a, b) => a + b, 0);

	return order.find(band => (left -= cell.get(band)) <= 0);
}

function limits(sum) {
	const used = sum.flatMap(cell => [...cell.keys()]);

	return used.length ? [used.reduce((a, b) => Math.min(a, b)), used.reduce((a, b) => Math.max(a, b))] : [40, 80];
}

const level = (n, most) => Math.min(HEATS - 1, Math.floor(Math.log(n) / Math.log(most + 1) * HEATS));

function bandAxis(area, low, high) {
	const log = band => Math.log10(Math.max(time.band_ns[band], 1));
	const y = band => area.bottom - (log(band) - log(low)) / (log(high + 1) - log(low) || 1) * (area.bottom - area.top);

	for (let power = 0; power < 19; power++) {
		const at = area.bottom - (power - log(low)) / (log(high + 1) - log(low)) * (area.bottom - area.top);

		if (at > area.bottom + 1 || at < area.top - 1)
			continue;
		draw(area.svg, "path", { class: "grid", d: `M${area.left} ${at}H${area.right}` });
		draw(area.svg, "text", { x: area.left - 6, y: at + 4, "text-anchor": "end" }, decade(10 ** power));
	}
	draw(area.svg, "text", { x: 0, y: 11 }, "time until the guest ran again");
	return y;
}

// A path for each colour, however many cells.
function drawHeat(area, sum, most, x, y) {
	const paths = Array(HEATS).fill("");

	sum.forEach((cell, i) => cell.forEach((n, band) => {
		const x0 = x(begin(i)), x1 = x(time.end_ns[i]), y0 = y(band + 1), y1 = y(band);

		paths[level(n, most)] += `M${x0.toFixed(1)} ${y0.toFixed(1)}H${(x1 + .3).toFixed(1)}V${(y1 + .3).toFixed(1)}H${x0.toFixed(1)}Z`;
	}));
	paths.forEach((d, i) => { if (d) draw(area.svg, "path", { class: `h${i}`, d }); });
}

function drawRank(area, sum, percent, x, y) {
	let d = "", on = false;

	sum.forEach((cell, i) => {
		const band = rank(cell, percent);

		if (band !== undefined)
			d += `${on ? "L" : "M"}${x(begin(i)).toFixed(1)} ${((y(band) + y(band + 1)) / 2).toFixed(1)}H${x(time.end_ns[i]).toFixed(1)}`;
		on = band !== undefined;
	});
	draw(area.svg, "path", { class: "edge", d });
	draw(area.svg, "path", { class: `p${percent}`, d });
}

const within = (band) => `${duration(time.band_ns[band])} to ${duration(time.band_ns[band + 1])}`;

function tellHeat(readout, sum, i, band) {
	const cell = sum[i], all = [...cell.values()].reduce((a, b) => a + b, 0), n = cell.get(band) ?? 0;
	const half = rank(cell, 50), most = rank(cell, 99);

	readout.textContent = `From ${clock(begin(i))} to ${clock(time.end_ns[i])}, ${within(band)}: ${count(n)} exits of ${count(all)}` +
		(all ? `; p50 in ${within(half)}, p99 in ${within(most)}` : "");
}

function heatChart(figure) {
	const controls = add(figure, "div", { class: "controls" });
	const place = add(figure, "div"), readout = add(figure, "p", { class: "readout", "aria-live": "polite" });
	const scale = add(figure, "div", { class: "scale" });
	const label = add(controls, "label", {}, "Exits for "), select = add(label, "select");
	const idle = data.reasons.some(r => r.idle);
	const hint = "Point at a place, or go there with the arrow keys, for its numbers.";

	add(select, "option", { value: "busy" }, idle ? "all reasons but idle ones" : "all reasons");
	if (idle)
		add(select, "option", { value: "all" }, "all reasons");
	time.reasons.forEach(line => {
		if (line.reason !== null)
			add(select, "option", { value: line.reason }, data.reasons[line.reason].name);
	});

	function wanted(reason) {
		if (select.value === "all")
			return true;
		return select.value === "busy" ? reason === null || !data.reasons[reason].idle : reason === +select.value;
	}

	function key(most) {
		scale.replaceChildren();
		const colours = add(scale, "span", {}, "1 exit"), row = add(colours, "span", { class: "steps", "aria-hidden": "true" });

		for (let i = 0; i < HEATS; i++)
			add(row, "span", { class: `h${i}` });
		colours.append(`${count(most)} in a bin`);
		add(add(scale, "span"), "span", { class: "key50", "aria-hidden": "true" }).after("half stay within (p50)");
		add(add(scale, "span"), "span", { class: "key99", "aria-hidden": "true" }).after("99 of 100 do (p99)");
	}

	function redraw() {
		const sum = bands(wanted), [low, high] = limits(sum);
		const most = sum.reduce((n, cell) => Math.max(n, ...cell.values()), 1);

		place.replaceChildren();
		const area = plot(place, 340, "How long exits took over time, as a map of heat. Arrow keys: the numbers of a place.");
		const y = bandAxis(area, low, high), x = timeAxis(area);

		drawHeat(area, sum, most, x, y);
		drawRank(area, sum, 50, x, y);
		drawRank(area, sum, 99, x, y);
		const cursor = draw(area.svg, "rect", { class: "cursor", visibility: "hidden" });
		const bandAt = py => Array.from({ length: high - low + 1 }, (_, k) => k).findLast(k => py <= y(low + k)) ?? 0;

		follow(area, bins, high - low + 1, (px, py) => [nearestBin(px, area), bandAt(py)], (i, k) => {
			cursor.setAttribute("x", x(begin(i)));
			cursor.setAttribute("width", Math.max(x(time.end_ns[i]) - x(begin(i)), 1));
			cursor.setAttribute("y", y(low + k + 1));
			cursor.setAttribute("height", y(low + k) - y(low + k + 1));
			cursor.setAttribute("visibility", "visible");
			tellHeat(readout, sum, i, low + k);
		}, () => {
			cursor.setAttribute("visibility", "hidden");
			readout.textContent = hint;
		});
		readout.textContent = hint;
		key(most);
	}

	select.addEventListener("change", redraw);
	redraw();
	return redraw;
}

// --- a reason's distribution ------------------------------------------------------------------------

function drawRanks(area, reason, x) {
	let last = -1e9, up = 0;

	for (const name of ["p50", "p90", "p99"]) {
		const at = x(reason[`${name}_ns`]);

		up = at - last < 95 ? up + 1 : 0;
		last = at;
		draw(area.svg, "path", { class: "rank", d: `M${at.toFixed(1)} ${area.top}V${area.bottom}` });
		draw(area.svg, "text", { x: at > area.right - 90 ? at - 4 : at + 4, y: area.top + 10 + 14 * up,
			"text-anchor": at > area.right - 90 ? "end" : "start" }, `${name} ${duration(reason[`${name}_ns`])}`);
	}
}

function logAxis(area, low, high) {
	const a = Math.log10(low), b = Math.log10(high);
	const x = ns => area.left + (Math.log10(Math.max(ns, 1)) - a) / (b - a || 1) * (area.right - area.left);

	for (let power = Math.ceil(a); power <= b; power++) {
		draw(area.svg, "path", { class: "grid", d: `M${x(10 ** power)} ${area.bottom}v4` });
		draw(area.svg, "text", { x: x(10 ** power), y: area.bottom + 17, "text-anchor": "middle" }, decade(10 ** power));
	}
	return x;
}

function histogram(figure) {
	const reason = data.reasons[+figure.dataset.reason], buckets = reason.histogram;
	const place = add(figure, "div"), readout = add(figure, "p", { class: "readout", "aria-live": "polite" });

	if (!buckets.length) {
		readout.textContent = "None of its exits came back: there is no distribution.";
		return () => {};
	}

	function redraw() {
		place.replaceChildren();
		const low = Math.max(buckets[0][0], 1) / 1.5, high = buckets.at(-1)[1] * 1.5;
		const area = plot(place, 190, `How many exits for ${reason.name} took how long. Left and right arrow: the numbers of a bar.`);
		const y = countAxis(area, Math.max(...buckets.map(b => b[2])), "exits"), x = logAxis(area, low, high);

		for (const [lo, hi, n] of buckets) {
			const x0 = x(lo), top = Math.min(y(n), area.bottom - 1);

			draw(area.svg, "rect", { class: colour(+figure.dataset.reason), x: x0.toFixed(1),
				width: Math.max(x(hi) - x0 - .5, 1).toFixed(1), y: top.toFixed(1), height: (area.bottom - top).toFixed(1) });
		}
		drawRanks(area, reason, x);
		const cursor = draw(area.svg, "rect", { class: "cursor", y: area.top, height: area.bottom - area.top, visibility: "hidden" });
		const nearest = px => buckets.reduce((best, b, i) => Math.abs(x(b[0]) - px) < Math.abs(x(buckets[best][0]) - px) ? i : best, 0);

		follow(area, buckets.length, 1, px => [nearest(px), 0], i => {
			const [lo, hi, n] = buckets[i], before = buckets.slice(0, i + 1).reduce((sum, b) => sum + b[2], 0);

			cursor.setAttribute("x", x(lo));
			cursor.setAttribute("width", Math.max(x(hi) - x(lo), 1));
			cursor.setAttribute("visibility", "visible");
			readout.textContent = `${duration(lo)} to ${duration(hi)}: ${count(n)} exits; ` +
				`${(before / reason.timed * 100).toFixed(2)}% took no longer`;
		}, () => {
			cursor.setAttribute("visibility", "hidden");
			readout.textContent = "";
		});
	}

	redraw();
	return redraw;
}

// --- all of them -------------------------------------------------------------------------------------

const makers = { rate: rateChart, heat: heatChart, histogram };
const redraws = new Map();

// What is not open has no width yet.
function make(figure) {
	if (redraws.has(figure) || (figure.dataset.chart !== "histogram" && !bins) || !figure.clientWidth)
		return;
	redraws.set(figure, makers[figure.dataset.chart](figure));
}

const figures = [...document.querySelectorAll("figure[data-chart]")];
let width = document.documentElement.clientWidth;

figures.forEach(make);
document.querySelectorAll("details.reason").forEach(card => card.addEventListener("toggle", () => card.querySelectorAll("figure").forEach(make)));
addEventListener("resize", () => {
	if (width === document.documentElement.clientWidth)
		return;
	width = document.documentElement.clientWidth;
	redraws.forEach((redraw, figure) => { if (figure.clientWidth) redraw(); });
});

// On paper all is open, but for what the charts say already.
let opened = [];

addEventListener("beforeprint", () => {
	opened = [...document.querySelectorAll("details:not([open]):not(.table)")];
	opened.forEach(one => { one.open = true; });
	figures.forEach(make);
});
addEventListener("afterprint", () => opened.forEach(one => { one.open = false; }));
document.documentElement.dataset.drawn = "yes";
})();
