// Reads policies as a JSON list, writes what csp_evaluator finds in each: [severity, directive, text].
"use strict";
const { CspEvaluator } = require("csp_evaluator");
const { Severity } = require("csp_evaluator/dist/finding.js");
const { CspParser } = require("csp_evaluator/dist/parser.js");

const policies = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
const found = policies.map((policy) =>
    new CspEvaluator(new CspParser(policy).csp)
        .evaluate()
        .map(({ severity, directive, description }) => [Severity[severity], directive, description]));
console.log(JSON.stringify(found));
