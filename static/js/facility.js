/* The facility's page: copy its address, print its sheet. Without this script both links still lead there. */

(function () {
    "use strict";

    /** Copy a text; the promise is rejected where the browser does not allow it. */
    function copy(text) {
        if (navigator.clipboard && window.isSecureContext) {
            return navigator.clipboard.writeText(text);
        }
        return new Promise((resolve, reject) => {
            const field = document.createElement("textarea");
            field.value = text;
            field.setAttribute("readonly", "");
            field.className = "visually-hidden";
            document.body.append(field);
            field.select();
            const done = document.execCommand("copy");
            field.remove();
            if (done) {
                resolve();
            } else {
                reject(new Error("not copied"));
            }
        });
    }

    /** Make the link to this page copy it; where that fails the link is followed as it is. */
    function offerCopy(link, status) {
        const label = link.querySelector("span");
        const words = label.textContent;
        link.addEventListener("click", (event) => {
            event.preventDefault();
            copy(link.dataset.share).then(
                () => {
                    label.textContent = link.dataset.done;
                    status.textContent = link.dataset.done;
                    window.setTimeout(() => {
                        label.textContent = words;
                        status.textContent = "";
                    }, 4000);
                },
                () => window.location.assign(link.href),
            );
        });
    }

    /** Show the button that prints, and hide the hint that stands in for it. */
    function offerPrint(button, hint) {
        button.hidden = false;
        if (hint) {
            hint.hidden = true;
        }
        button.addEventListener("click", () => window.print());
    }

    const link = document.querySelector("a.share[data-share]");
    if (link) {
        offerCopy(link, document.querySelector(".share-done"));
    }
    const button = document.querySelector(".print-now");
    if (button) {
        offerPrint(button, document.querySelector(".print-hint"));
    }
})();
