// A job's page: what is done is looked up and shown without loading the page again.
"use strict";
(function (root) {
    const LOOK_MS = 1_000;
    const LOST_MS = 5_000;

    /** Whether it is time to speak: at the start, at the half and at the end, not at each step. */
    function isTold(before, now) {
        return before === null || (before < 50 && now >= 50);
    }

    /** What an answer about a job means: it is done, it is told of, or nothing came. */
    function meaning(answer) {
        if (answer.type === "opaqueredirect") {
            return "done";
        }
        return answer.ok ? "told" : "lost";
    }

    class JobPage {
        constructor(node, told) {
            Object.assign(this, { node, told, percent: null, title: document.title });
            node.querySelector("p a[href='']")?.remove(); // no need to ask by hand
            this.show(node);
            this.wait(LOOK_MS);
        }

        wait(ms) {
            root.setTimeout(() => this.look(), ms);
        }

        async look() {
            let answer = null;
            try {
                answer = await root.fetch(this.node.dataset.part, { redirect: "manual", cache: "no-store" });
            } catch {
                // said below
            }
            const what = answer ? meaning(answer) : "lost";
            if (what === "done") {
                this.tell(this.node.dataset.done);
                root.location.replace(this.node.dataset.back);
                return;
            }
            if (what === "lost") {
                this.say(this.node.dataset.lost);
                this.wait(LOST_MS);
                return;
            }
            const part = new root.DOMParser().parseFromString(await answer.text(), "text/html").body;
            if (part.querySelector("progress")) {
                this.show(part);
                this.wait(LOOK_MS);
            } else {
                this.end(part);
            }
        }

        /** Only words and bar change: the button keeps its focus, and a press on it is never lost. */
        show(part) {
            const percent = Number(part.querySelector("progress").getAttribute("value"));
            const said = part.querySelector("#job-said").textContent.trim();
            const bar = this.node.querySelector("progress");
            bar.value = percent;
            bar.textContent = `${percent}%`;
            document.title = `${percent}% · ${this.title}`;
            this.say(said);
            if (isTold(this.percent, percent)) {
                this.tell(said);
            }
            this.percent = percent;
        }

        say(text) {
            const node = this.node.querySelector("#job-said");
            if (node.textContent !== text) {
                node.textContent = text;
            }
        }

        tell(text) {
            this.told.textContent = text;
        }

        /** It ended without an answer: say how, where the reader is. */
        end(part) {
            this.node.replaceChildren(...part.childNodes);
            document.title = this.title;
            this.node.querySelector("h1").focus();
            this.tell(this.node.querySelector("p").textContent.trim());
        }
    }

    root.geomapJob = { isTold, meaning };
    if (root.document?.querySelector("#job")) {
        new JobPage(document.querySelector("#job"), document.querySelector("#job-told"));
    }
})(globalThis);
