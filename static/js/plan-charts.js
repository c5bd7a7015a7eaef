// Charts of the planner's page, each drawn from the table that stands beside it.
"use strict";
(function (root) {
    const BAR = "#0B5C80";

    /** What a table says: the name of each row and its number. */
    function rowsOf(table) {
        return [...table.tBodies[0].rows].map((row) => ({
            name: row.cells[0].textContent,
            at: Number(row.cells[0].dataset.value),
            value: Number(row.cells[1].dataset.value),
            text: row.cells[1].textContent,
        }));
    }

    function colours() {
        const style = root.getComputedStyle(document.documentElement);
        const of = (name) => style.getPropertyValue(name).trim();
        return { text: of("--text"), second: of("--text-second"), hairline: of("--hairline"), line: of("--link") };
    }

    function common(rows, look) {
        return {
            animation: false,
            textStyle: { color: look.text, fontFamily: root.getComputedStyle(document.body).fontFamily },
            grid: { left: 8, right: 24, top: 16, bottom: 8, containLabel: true },
            tooltip: {
                trigger: "axis",
                renderMode: "richText",
                formatter: ([{ dataIndex }]) => `${rows[dataIndex].name}: ${rows[dataIndex].text}`,
            },
        };
    }

    function barOptions(rows, look) {
        const axis = { axisLabel: { color: look.second, fontSize: 14 }, splitLine: { lineStyle: { color: look.hairline } } };
        return {
            ...common(rows, look),
            xAxis: { type: "value", ...axis },
            yAxis: { type: "category", inverse: true, data: rows.map((row) => row.name), ...axis, splitLine: { show: false } },
            series: [{
                type: "bar",
                data: rows.map((row) => row.value),
                itemStyle: { color: look.line || BAR },
                label: { show: true, position: "right", color: look.text, formatter: ({ dataIndex }) => rows[dataIndex].text },
            }],
        };
    }

    /** A curve of shares, beside the line on which all would have the same. */
    function lineOptions(rows, look) {
        const axis = { axisLabel: { color: look.second, fontSize: 14, formatter: "{value}%" }, splitLine: { lineStyle: { color: look.hairline } } };
        const at = (i) => (100 * i) / Math.max(1, rows.length - 1);
        return {
            ...common(rows, look),
            xAxis: { type: "value", max: 100, ...axis },
            yAxis: { type: "value", max: 100, ...axis },
            series: [
                { type: "line", data: rows.map((row, i) => [at(i), row.value]), lineStyle: { color: look.line, width: 3 }, itemStyle: { color: look.line } },
                { type: "line", data: [[0, 0], [100, 100]], symbol: "none", lineStyle: { color: look.second, type: "dashed" }, silent: true },
            ],
        };
    }

    /** What so many of something give: numbers against numbers, each point where its row says. */
    function stepsOptions(rows, look, name) {
        const label = { color: look.second, fontSize: 14 };
        const lines = { splitLine: { lineStyle: { color: look.hairline } } };
        const data = rows.map((row) => [row.at, row.value]);
        return {
            ...common(rows, look),
            tooltip: undefined,
            grid: { left: 8, right: 32, top: 16, bottom: 28, containLabel: true },
            xAxis: { type: "value", min: "dataMin", max: "dataMax", minInterval: data.every(([at]) => Number.isInteger(at)) ? 1 : 0, name, nameLocation: "middle", nameGap: 30, nameTextStyle: label, axisLabel: label, splitLine: { show: false } },
            yAxis: { type: "value", scale: true, axisLabel: label, ...lines },
            series: [{ type: "line", data, symbolSize: 9, lineStyle: { color: look.line, width: 3 }, itemStyle: { color: look.line } }],
        };
    }

    function draw(node) {
        const rows = rowsOf(document.getElementById(node.dataset.table));
        const look = colours();
        const make = { bar: barOptions, line: lineOptions, steps: stepsOptions }[node.dataset.kind];
        node.hidden = false;
        node.setAttribute("aria-hidden", "true"); // its table says the same
        if (node.dataset.kind === "bar") {
            node.style.height = `${Math.max(160, rows.length * 32 + 40)}px`;
        }
        const chart = root.echarts.init(node, null, { renderer: "canvas" });
        chart.setOption(make(rows, look, node.dataset.x));
        root.addEventListener("resize", () => chart.resize());
        root.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => chart.setOption(make(rows, colours(), node.dataset.x)));
    }

    if (root.document && root.echarts) {
        document.querySelectorAll(".chart[data-kind]").forEach(draw);
    }
    root.geomapCharts = { barOptions, lineOptions, stepsOptions, rowsOf };
})(globalThis);
