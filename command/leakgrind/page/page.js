// SPDX-License-Identifier: GPL-2.0-or-later
// page.js: draws the page from the data in it (formats/html.py).
//
// texts: strings by number.  frames: [text, isPython, isOwn, file, line, module] with
// numbers of texts.  parents, nodeFrames: stacks as a tree; node i is one call, and
// parents[i] < i is the call outside of it, or -1.  groups: columns (kind, what, type,
// node, blocks, bytes, grown, leak) of all records; what: 0 lost, 1 waits for Python's
// collector, 2 in use.  leaks: groups of those; the first `suspects` are the worst.
// Nothing from the data becomes HTML: all of it is set as text.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const WHAT = ["lost", "cycles", "kept"];
const WHAT_TEXT = ["lost", "waits for the collector", "in use"];
const number = new Intl.NumberFormat("en-US").format;
const text = i => data.texts[i];

// An element; `properties` that begin with "on" are listeners, the others attributes.
function make(tag, properties, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children)
    if (child !== null && child !== undefined && child !== false) element.append(child);
  return element;
}

function bytes(n) {
  const sign = n < 0 ? "−" : "";
  let value = Math.abs(n);
  if (value < 10000) return sign + number(value) + " B";
  for (const unit of ["kB", "MB", "GB", "TB"]) {
    value /= 1000;
    if (value < 1000)
      return sign + value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0) + " " + unit;
  }
  return sign + number(value) + " PB";
}

const count = (n, one, many) => number(n) + " " + (n === 1 ? one : many || one + "s");

// Runs fn for Enter and space, as buttons do.
function onPress(fn) {
  return event => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    fn(event);
  };
}

// --- Stacks and paths ----------------------------------------------------------

function stackOf(node) {
  const frames = [];
  for (let i = node; i >= 0; i = data.parents[i]) frames.push(data.nodeFrames[i]);
  return frames;
}

function drawStack(node) {
  const list = make("ol", {class: "stack mono"});
  for (const f of stackOf(node)) {
    const [label, , isOwn] = data.frames[f];
    const source = data.sources[f];
    list.append(make("li", {class: isOwn ? "own" : null}, text(label),
      source ? make("span", {class: "source"}, source) : null));
  }
  return list;
}

function drawPaths(leak) {
  if (!leak.paths.length)
    return [make("p", {class: "path"}, leak.what === 2 ? "How it is reached is not in " +
      "the file." : leak.kind <= 2 ? "Nothing leads there." : "It is in use.")];
  return leak.paths.map(([n, steps]) => {
    const line = make("p", {class: "path mono"},
      leak.paths.length > 1 ? number(n) + ": " : null);
    steps.forEach((step, i) => {
      if (i) line.append(make("span", {class: "arrow"}, "→"));
      line.append(text(step));
    });
    return line;
  });
}

function facts(leak) {
  const all = [bytes(leak.bytes) + (leak.indirect
    ? " (" + bytes(leak.indirect) + " in what hangs from them)" : ""),
  count(leak.blocks, "block")];
  if (leak.references)
    all.push(count(leak.references, "reference") + " that nobody holds");
  if (leak.stacks > 1) all.push(count(leak.stacks, "stack"));
  if (!leak.own) all.push("library: " + text(leak.module));
  all.push("leak " + leak.signature);
  return all.join(" · ");
}

function nextStep(command) {
  return command
    ? make("p", {class: "next"}, "Next: ", make("code", {}, command)) : null;
}

// --- Suspects --------------------------------------------------------------------

function drawSuspects(view) {
  const leaks = data.leaks.slice(0, data.suspects);
  const keepers = data.owners.filter(o => o.own).slice(0, data.keepers);
  if (!leaks.length)
    view.append(make("p", {class: "empty"}, "Nothing is lost."));
  for (const leak of leaks)
    view.append(make("article", {class: "suspect" + (leak.own ? "" : " library")},
      make("h3", {}, leak.sentence + "."),
      make("p", {class: "facts"}, facts(leak)),
      drawStack(leak.node), ...drawPaths(leak), nextStep(leak.next)));
  if (keepers.length)
    view.append(make("h2", {}, "What your code keeps"));
  for (const o of keepers) {
    const types = o.types.slice(0, 3).map(
      ([kind, blocks, size]) => number(blocks) + " " + kind + ", " + bytes(size));
    view.append(make("article", {class: "suspect keeper"},
      make("h3", {}, o.name + " keeps " + bytes(o.bytes) + " in " +
        count(o.blocks, "block") + "."),
      make("p", {class: "facts"}, types.join(" · "))));
  }
}

// --- A list that is drawn in pieces -----------------------------------------------

const PIECE = 200;

// Draws rows 0 .. n-1 by `draw`, the next ones at the press of a button.
function drawList(list, n, draw) {
  let shown = 0;
  const more = make("button", {type: "button", class: "more", onclick: next});
  function next() {
    const upTo = Math.min(n, shown + PIECE);
    for (; shown < upTo; shown++) list.append(...[].concat(draw(shown)));
    more.textContent = "Show more (" + number(n - shown) + ")";
    more.hidden = shown === n;
  }
  next();
  list.after(more);
  return more;
}

// A row that unfolds what `detail` makes.
function foldingRow(className, cells, detail) {
  let open = null;
  function toggle() {
    if (open) {
      open.remove();
      open = null;
    } else {
      open = make("div", {class: "detail"}, ...detail());
      row.after(open);
    }
    row.setAttribute("aria-expanded", open !== null);
  }
  const row = make("div", {class: className, tabindex: 0, role: "button",
    "aria-expanded": "false", onclick: toggle, onkeydown: onPress(toggle)}, ...cells);
  return row;
}

// --- Leaks -----------------------------------------------------------------------

function leakRow(leak) {
  return foldingRow("row", [
    make("span", {class: "number"}, bytes(leak.bytes)),
    make("span", {class: "number blocks"}, number(leak.blocks)),
    make("span", {class: "name"},
      make("span", {class: "badge " + WHAT[leak.what]},
        leak.what ? WHAT_TEXT[leak.what] : data.kinds[leak.kind]),
      leak.sentence)],
  () => [make("p", {class: "facts"}, facts(leak)), drawStack(leak.node),
    ...drawPaths(leak), nextStep(leak.next)]);
}

function drawLeaks(view) {
  const search = make("input", {type: "search", id: "search",
    placeholder: "Type, function, file, signature  ( / )",
    "aria-label": "Search", oninput: later});
  const kind = make("select", {"aria-label": "Kind", onchange: draw});
  for (const [value, label] of [["0", "Lost"], ["1", "Waits for the collector"],
    ["2", "In use"], ["", "All"]])
    kind.append(make("option", {value}, label));
  const module = make("select", {"aria-label": "Module", onchange: draw},
    make("option", {value: ""}, "All modules"));
  const modules = new Set(data.leaks.map(leak => leak.module));
  for (const i of [...modules].sort((a, b) => text(a) < text(b) ? -1 : 1))
    if (text(i)) module.append(make("option", {value: i}, text(i)));
  const own = make("input", {type: "checkbox", id: "own", onchange: draw});
  const results = make("div");
  view.append(make("div", {class: "controls"}, search, kind, module,
    make("label", {for: "own"}, own, " own code only")), results);
  if (!data.leaks.some(leak => leak.what === 0)) kind.value = "";

  const haystacks = [];
  function haystack(i) {
    if (haystacks[i] === undefined) {
      const leak = data.leaks[i];
      haystacks[i] = (leak.sentence + " " + leak.signature + " " + text(leak.module) +
        " " + stackOf(leak.node).map(f => text(data.frames[f][0]) + " " +
          text(data.frames[f][3])).join(" ")).toLowerCase();
    }
    return haystacks[i];
  }
  let timer;
  function later() {
    clearTimeout(timer);
    timer = setTimeout(draw, 80);
  }
  function draw() {
    const words = search.value.toLowerCase().split(/\s+/).filter(w => w);
    const found = [];
    data.leaks.forEach((leak, i) => {
      if (kind.value !== "" && leak.what !== +kind.value) return;
      if (module.value !== "" && leak.module !== +module.value) return;
      if (own.checked && !leak.own) return;
      if (words.every(word => haystack(i).includes(word))) found.push(leak);
    });
    found.sort((a, b) => b.bytes - a.bytes);
    const list = make("div", {class: "list"}, make("div", {class: "row head"},
      make("span", {class: "number"}, "bytes"),
      make("span", {class: "number blocks"}, "blocks"), make("span", {}, "what")));
    results.replaceChildren(make("p", {class: "count", role: "status"},
      count(found.length, "leak") + ", " +
      bytes(found.reduce((sum, leak) => sum + leak.bytes, 0))), list);
    drawList(list, found.length, i => leakRow(found[i]));
  }
  draw();
}

// --- Owners ----------------------------------------------------------------------

function drawOwners(view) {
  if (!data.owners.length) {
    view.append(make("p", {class: "empty"}, "The file says nothing of owners."));
    return;
  }
  view.append(make("p", {class: "count"}, "What would go away if this one place let go" +
    (data.moment === "finalize" ? ", when Python's interpreter began to end." : ".")));
  drawTreemap(view);
  const list = make("div", {class: "list"}, make("div", {class: "row head"},
    make("span", {class: "number"}, "bytes"),
    make("span", {class: "number blocks"}, "blocks"), make("span", {}, "owner")));
  view.append(list);
  drawList(list, data.owners.length, i => {
    const o = data.owners[i];
    return foldingRow("row", [
      make("span", {class: "number"}, bytes(o.bytes)),
      make("span", {class: "number blocks"}, number(o.blocks)),
      make("span", {class: "name"},
        o.own ? make("span", {class: "badge kept"}, "own") : null, o.name)],
    () => o.types.map(([kind, blocks, size]) => make("div", {class: "row"},
      make("span", {class: "number"}, bytes(size)),
      make("span", {class: "number blocks"}, number(blocks)),
      make("span", {class: "name"}, kind))));
  });
}

function svgOf(view, width, height, label) {
  return d3.select(view).append("svg").attr("viewBox", [0, 0, width, height])
    .attr("role", "img").attr("aria-label", label);
}

// As much of the text as fits into the width, at 12 pixels.
function fitting(label, width) {
  const n = Math.floor((width - 8) / 7.2);
  return n < 3 ? "" : label.length <= n ? label : label.slice(0, n - 1) + "…";
}

function drawTreemap(view) {
  const width = Math.max(320, view.clientWidth || 1000), height = 380;
  const root = d3.hierarchy({children: data.owners.slice(0, 60)})
    .sum(o => o.bytes || 0).sort((a, b) => b.value - a.value);
  d3.treemap().size([width, height]).padding(2)(root);
  const cells = svgOf(view, width, height, "The largest owners by bytes")
    .attr("class", "treemap").selectAll("g").data(root.leaves()).enter().append("g")
    .attr("class", "cell").attr("transform", d => "translate(" + d.x0 + "," + d.y0 + ")");
  cells.append("rect").attr("width", d => d.x1 - d.x0).attr("height", d => d.y1 - d.y0)
    .attr("rx", 3).attr("class", d => d.data.own ? "fill-own" : "fill-kept");
  cells.append("title").text(d => d.data.name + ": " + bytes(d.value));
  const tall = d => d.y1 - d.y0 > 20;
  cells.filter(tall).append("text").attr("x", 5).attr("y", 15)
    .text(d => fitting(d.data.name, d.x1 - d.x0));
  cells.filter(d => d.y1 - d.y0 > 38).append("text").attr("x", 5).attr("y", 31)
    .attr("opacity", 0.7).text(d => fitting(bytes(d.value), d.x1 - d.x0));
  legend(view, [["fill-own", "your own modules"], ["fill-kept", "all others"]]);
}

function legend(view, entries) {
  view.append(make("p", {class: "legend"}, ...entries.map(([fill, label]) => {
    const entry = make("span");
    d3.select(entry).append("svg").attr("viewBox", "0 0 10 10").attr("aria-hidden", "true")
      .append("rect").attr("width", 10).attr("height", 10).attr("rx", 2)
      .attr("class", fill);
    entry.append(label);
    return entry;
  })));
}

// --- Flame graph -------------------------------------------------------------------

// The tree of calls with the bytes of the groups that `weight` is for.  Node 0 is all.
function callTree(weight, pythonOnly) {
  const tree = {parent: [-1], frame: [-1], bytes: [0], blocks: [0], children: [[]]};
  const numbers = new Map(), treeNode = new Int32Array(data.parents.length);
  for (let i = 0; i < data.parents.length; i++) {
    const f = data.nodeFrames[i];
    const outer = data.parents[i] < 0 ? 0 : treeNode[data.parents[i]];
    if (pythonOnly && !data.frames[f][1]) {
      treeNode[i] = outer;
      continue;
    }
    const key = outer * data.frames.length + f;
    let node = numbers.get(key);
    if (node === undefined) {
      node = tree.parent.length;
      numbers.set(key, node);
      tree.parent.push(outer);
      tree.frame.push(f);
      tree.bytes.push(0);
      tree.blocks.push(0);
      tree.children.push([]);
    }
    treeNode[i] = node;
  }
  const g = data.groups;
  for (let i = 0; i < (g.bytes || []).length; i++) {
    const size = weight(i);
    if (!size) continue;
    const node = g.node[i] < 0 ? 0 : treeNode[g.node[i]];
    tree.bytes[node] += size;
    tree.blocks[node] += g.blocks[i];
  }
  for (let i = tree.parent.length - 1; i > 0; i--) {
    tree.bytes[tree.parent[i]] += tree.bytes[i];
    tree.blocks[tree.parent[i]] += tree.blocks[i];
  }
  for (let i = 1; i < tree.parent.length; i++)
    if (tree.bytes[i] > 0) tree.children[tree.parent[i]].push(i);
  for (const children of tree.children)
    children.sort((a, b) => tree.bytes[b] - tree.bytes[a]);
  return tree;
}

const WEIGHTS = {
  lost: i => data.groups.what[i] < 2 ? data.groups.bytes[i] : 0,
  kept: i => data.groups.what[i] === 2 ? data.groups.bytes[i] : 0,
  grown: i => data.groups.grown[i],
};

function drawFlame(view) {
  const what = make("select", {"aria-label": "Blocks", onchange: rebuild});
  const sums = {};
  for (const [name, label] of [["lost", "Lost"], ["kept", "In use"],
    ["grown", "Grown since the check before"]]) {
    sums[name] = (data.groups.bytes || []).reduce((sum, _, i) => sum + WEIGHTS[name](i), 0);
    what.append(make("option", {value: name, disabled: !sums[name]}, label));
  }
  what.value = ["lost", "kept", "grown"].find(name => sums[name]) || "lost";
  const python = make("input", {type: "checkbox", id: "python", onchange: rebuild});
  const reset = make("button", {type: "button", onclick: () => zoom(0)}, "All");
  const readout = make("p", {class: "readout mono", role: "status"});
  const picture = make("div");
  view.append(make("div", {class: "controls"}, what,
    make("label", {for: "python"}, python, " Python only"), reset), readout, picture);
  legend(view, [["fill-own", "your own code"], ["fill-python", "Python"],
    ["fill-c", "C"]]);
  view.append(make("p", {class: "count"}, "Press a call, or Enter, to zoom in; Escape " +
    "zooms out; arrow keys go from call to call."));

  let tree, root = 0, cells = new Map();
  const hanging = data.leaks.some(leak => leak.indirect);
  const label = i => i === 0 ? "all" : text(data.frames[tree.frame[i]][0]);

  function tell(i) {
    const share = tree.bytes[0] ? 100 * tree.bytes[i] / tree.bytes[0] : 0;
    readout.textContent = label(i) + " · " + bytes(tree.bytes[i]) + " in " +
      count(tree.blocks[i], "block") + (hanging && what.value === "lost"
      ? " and what hangs from them" : "") + " · " + share.toFixed(1) + " %";
  }
  function rebuild() {
    tree = callTree(WEIGHTS[what.value], python.checked);
    zoom(0);
  }
  function zoom(i) {
    root = i;
    draw();
    tell(root);
  }
  // [node, depth, x, width]: the calls outside of the root, the root, and those inside
  // that are wide enough to be seen.
  function layout(width) {
    const placed = [], outside = [];
    for (let i = tree.parent[root]; i >= 0; i = tree.parent[i]) outside.unshift(i);
    outside.forEach((i, depth) => placed.push([i, depth, 0, width]));
    const scale = tree.bytes[root] ? width / tree.bytes[root] : 0;
    const rest = [[root, outside.length, 0]];
    while (rest.length) {
      const [i, depth, x] = rest.pop(), w = tree.bytes[i] * scale;
      if (w < 1.5 && i !== root) continue;
      placed.push([i, depth, x, i === root ? width : w]);
      let at = x;
      for (const child of tree.children[i]) {
        rest.push([child, depth + 1, at]);
        at += tree.bytes[child] * scale;
      }
    }
    return placed;
  }
  function fill(i) {
    if (i === 0) return "fill-all";
    const [, isPython, isOwn] = data.frames[tree.frame[i]];
    return isOwn ? "fill-own" : isPython ? "fill-python" : "fill-c";
  }
  function draw() {
    const width = Math.max(320, view.clientWidth || 1000), high = 19;
    const placed = layout(width);
    const depth = placed.reduce((most, p) => Math.max(most, p[1]), 0) + 1;
    picture.replaceChildren();
    if (!tree.bytes[0]) {
      picture.append(make("p", {class: "empty"}, "There are none."));
      return;
    }
    cells = new Map();
    const svg = svgOf(picture, width, depth * high, "Bytes by call stack")
      .attr("class", "flame").attr("role", "tree");
    const groups = svg.selectAll("g").data(placed).enter().append("g")
      .attr("class", "cell").attr("role", "treeitem")
      .attr("tabindex", p => p[0] === root ? 0 : -1)
      .attr("aria-label", p => label(p[0]) + ", " + bytes(tree.bytes[p[0]]))
      .attr("transform", p => "translate(" + p[2] + "," + p[1] * high + ")")
      .each(function ([i]) { listen(this, i); });
    groups.append("rect").attr("width", p => Math.max(0.5, p[3])).attr("height", high - 1)
      .attr("class", p => fill(p[0]));
    groups.append("text").attr("x", 4).attr("y", 13)
      .text(p => fitting(label(p[0]), p[3]));
  }
  function listen(cell, i) {
    cells.set(i, cell);
    cell.addEventListener("click", () => zoom(i));
    cell.addEventListener("mouseenter", () => tell(i));
    cell.addEventListener("focus", () => tell(i));
    cell.addEventListener("keydown", event => press(event, i));
  }
  function focus(i) {
    const cell = cells.get(i);
    if (cell) cell.focus();
  }
  function press(event, i) {
    const siblings = i > 0 ? tree.children[tree.parent[i]] : [0];
    const at = siblings.indexOf(i);
    const keys = {
      Enter: () => { zoom(i); focus(i); }, " ": () => { zoom(i); focus(i); },
      Escape: () => {
        const outer = Math.max(0, tree.parent[root]);
        zoom(outer);
        focus(outer);
      },
      ArrowDown: () => focus(tree.children[i][0]),
      ArrowUp: () => focus(tree.parent[i]),
      ArrowRight: () => focus(siblings[at + 1]), ArrowLeft: () => focus(siblings[at - 1]),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }
  let drawnWidth = view.clientWidth;
  addEventListener("resize", () => {
    if (view.hidden || view.clientWidth === drawnWidth) return;
    drawnWidth = view.clientWidth;
    draw();
  });
  rebuild();
}

// --- Types, lines, modules ------------------------------------------------------------

// The innermost Python frame, or else the innermost one with a line.
function lineOf(node) {
  let found = -1;
  for (let i = node; i >= 0; i = data.parents[i]) {
    const f = data.nodeFrames[i];
    if (data.frames[f][1]) return f;
    if (found < 0 && data.frames[f][4]) found = f;
  }
  return found;
}

const TABLES = {
  "By type": i => text(data.groups.type[i]) || "(no Python object)",
  "By line": i => {
    const f = lineOf(data.groups.node[i]);
    return f < 0 ? "(no line)" : text(data.frames[f][0]);
  },
  "By module": i => {
    const f = lineOf(data.groups.node[i]);
    return f < 0 ? "(none)" : text(data.frames[f][5]) || "(none)";
  },
};

function drawTables(view) {
  for (const [title, name] of Object.entries(TABLES)) {
    const rows = new Map();
    for (let i = 0; i < (data.groups.bytes || []).length; i++) {
      const key = name(i), at = data.groups.what[i] < 2 ? 0 : 2;
      let row = rows.get(key);
      if (!row) rows.set(key, row = [0, 0, 0, 0]);
      row[at] += data.groups.bytes[i];
      row[at + 1] += data.groups.blocks[i];
    }
    const sorted = [...rows].sort((a, b) =>
      b[1][0] - a[1][0] || b[1][2] - a[1][2] || (a[0] < b[0] ? -1 : 1));
    const list = make("div", {class: "list"}, make("div", {class: "row wide head"},
      make("span", {class: "number"}, "lost bytes"),
      make("span", {class: "number blocks"}, "blocks"),
      make("span", {class: "number"}, "bytes in use"),
      make("span", {class: "number blocks"}, "blocks"), make("span", {}, "")));
    view.append(make("h2", {}, title), list);
    let shown = Math.min(sorted.length, 15);
    const add = upTo => sorted.slice(list.childElementCount - 1, upTo).forEach(
      ([key, row]) => list.append(make("div", {class: "row wide"},
        make("span", {class: "number" + (row[0] ? " lost" : "")}, bytes(row[0])),
        make("span", {class: "number blocks"}, number(row[1])),
        make("span", {class: "number"}, bytes(row[2])),
        make("span", {class: "number blocks"}, number(row[3])),
        make("span", {class: "name"}, key))));
    add(shown);
    if (shown < sorted.length) {
      const more = make("button", {type: "button", class: "more", onclick: () => {
        add(shown += PIECE);
        more.hidden = shown >= sorted.length;
      }}, "Show more (" + number(sorted.length - shown) + ")");
      view.append(more);
    }
  }
}

// --- Course ---------------------------------------------------------------------------

function drawCourse(view) {
  const {points, unit} = data.course;
  if (!points.length) {
    view.append(make("p", {class: "empty"},
      "The run has no course. With --checks-every=1s it has."));
    return;
  }
  const axisX = at => unit === "ms" ? (at / 1000).toFixed(at < 10000 ? 1 : 0) + " s"
    : bytes(at);
  const bands = [["fill-lost", "lost", 1], ["fill-cycles", "waits for the collector", 2],
    ["fill-kept", "in use", 3]];
  const top = points.map(p => p[1] + p[2] + p[3]);
  const chart = chartOf(view, "Bytes over time", d3.max(top), axisX);
  const base = points.map(() => 0);
  for (const [fill, , column] of bands) {
    const low = base.slice();
    points.forEach((p, i) => { base[i] += p[column]; });
    const high = base.slice();
    chart.svg.append("path").attr("class", fill).attr("d", d3.area()
      .x((p, i) => chart.x(points[i][0])).y0((p, i) => chart.y(low[i]))
      .y1((p, i) => chart.y(high[i]))(points));
  }
  legend(view, bands);
  for (const [title, rows] of [["The largest owners", data.course.owners],
    ["The largest types", data.course.types]]) {
    if (!rows.length) continue;
    view.append(make("h2", {}, title));
    const lines = chartOf(view, title, d3.max(rows, row => d3.max(row[1])), axisX);
    const colours = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00"];
    const key = make("p", {class: "legend"});
    rows.forEach(([name, values], k) => {
      lines.svg.append("path").attr("class", "line").attr("stroke", colours[k])
        .attr("d", d3.line().x((v, i) => lines.x(points[i][0])).y(v => lines.y(v))(values));
      const entry = make("span");
      d3.select(entry).append("svg").attr("viewBox", "0 0 10 10").append("rect")
        .attr("width", 10).attr("height", 10).attr("rx", 2).attr("fill", colours[k]);
      entry.append(name);
      key.append(entry);
    });
    view.append(key);
  }
}

function chartOf(view, label, most, axisX) {
  const width = Math.max(320, view.clientWidth || 1000), height = 300;
  const points = data.course.points;
  const x = d3.scaleLinear().domain([points[0][0], points[points.length - 1][0] || 1])
    .range([70, width - 12]);
  const y = d3.scaleLinear().domain([0, most || 1]).nice().range([height - 28, 8]);
  const svg = svgOf(view, width, height, label).attr("class", "chart");
  svg.append("g").attr("class", "axis").attr("transform", "translate(0," + y(0) + ")")
    .call(d3.axisBottom(x).ticks(width < 500 ? 4 : 8).tickFormat(axisX));
  svg.append("g").attr("class", "axis").attr("transform", "translate(70,0)")
    .call(d3.axisLeft(y).ticks(5).tickFormat(bytes));
  return {svg, x, y};
}

// --- Compare --------------------------------------------------------------------------

function drawComparison(view) {
  const {before, rows} = data.comparison;
  view.append(make("p", {class: "count"}, rows.length
    ? "What differs from " + before + ":" : "Nothing differs from " + before + "."));
  const list = make("div", {class: "list"}, make("div", {class: "row head"},
    make("span", {class: "number"}, "bytes"),
    make("span", {class: "number blocks"}, "blocks"), make("span", {}, "what")));
  view.append(list);
  const signed = (n, show) => (n > 0 ? "+" : "") + show(n);
  drawList(list, rows.length, i => {
    const [what, state, name, size, blocks] = rows[i];
    return make("div", {class: "row"},
      make("span", {class: "number"}, signed(size, bytes)),
      make("span", {class: "number blocks"}, signed(blocks, number)),
      make("span", {class: "name"}, make("span", {class: "badge " + state}, state),
        (what === "owner" ? "owner " : "") + name));
  });
}

// --- The page -------------------------------------------------------------------------

const VIEWS = [["suspects", "Suspects", drawSuspects], ["leaks", "Leaks", drawLeaks],
  ["owners", "Owners", drawOwners], ["flame", "Flame graph", drawFlame],
  ["tables", "Types and lines", drawTables], ["course", "Course", drawCourse]];
if (data.comparison) VIEWS.push(["compare", "Compare", drawComparison]);

const tabs = [], panels = [], drawn = new Set();

function select(k, takesFocus) {
  tabs.forEach((tab, i) => {
    tab.setAttribute("aria-selected", i === k);
    tab.tabIndex = i === k ? 0 : -1;
    panels[i].hidden = i !== k;
  });
  if (!drawn.has(k)) {
    drawn.add(k);
    VIEWS[k][2](panels[k]);
  }
  if (takesFocus) tabs[k].focus();
  history.replaceState(null, "", "#" + VIEWS[k][0]);
}

function pressTab(event) {
  const k = tabs.indexOf(event.currentTarget), n = tabs.length;
  const to = {ArrowRight: (k + 1) % n, ArrowLeft: (k + n - 1) % n, Home: 0,
    End: n - 1}[event.key];
  if (to === undefined) return;
  event.preventDefault();
  select(to, true);
}

function buildTabs() {
  VIEWS.forEach(([id, label], k) => {
    tabs.push(make("button", {type: "button", role: "tab", id: "tab-" + id,
      "aria-controls": "view-" + id, onclick: () => select(k), onkeydown: pressTab},
    label));
    panels.push(make("section", {role: "tabpanel", id: "view-" + id,
      "aria-labelledby": "tab-" + id, hidden: true}));
  });
  document.getElementById("tabs").append(...tabs);
  document.getElementById("views").append(...panels);
}

function fillHead() {
  const t = data.totals, sum = (...kinds) => kinds.reduce((n, k) => n + (t[k] || 0), 0);
  const blocks = (...kinds) => sum(...kinds.map(kind => kind + " blocks"));
  document.getElementById("command").textContent = data.command;
  const lost = ["definite", "indirect", "possible"];
  for (const [label, ...kinds] of [["lost", ...lost],
    ["waits for the collector", "cycles"], ["in use", "reachable"],
    ["suppressed", "suppressed"]])
    if (blocks(...kinds) || label === "lost")
      document.getElementById("totals").append(make("div", {},
        make("dt", {}, label), make("dd", {}, bytes(sum(...kinds)), " ",
          make("small", {}, count(blocks(...kinds), "block")))));
  document.getElementById("footer").textContent = data.file + " · process " + data.pid +
    " · " + data.versions + (data.finished ? "" : " · the run did not end regularly");
}

function setTheme(dark) {
  document.documentElement.classList.toggle("dark", dark);
}

function begin() {
  const system = matchMedia("(prefers-color-scheme: dark)");
  setTheme(system.matches);
  system.addEventListener("change", event => setTheme(event.matches));
  document.getElementById("theme").addEventListener("click", () =>
    setTheme(!document.documentElement.classList.contains("dark")));
  addEventListener("keydown", event => {
    if (event.key !== "/" || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    event.preventDefault();
    select(1);
    document.getElementById("search").focus();
  });
  fillHead();
  buildTabs();
  const wanted = VIEWS.findIndex(([id]) => "#" + id === location.hash);
  select(Math.max(0, wanted));
}

begin();
