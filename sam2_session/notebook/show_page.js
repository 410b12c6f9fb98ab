/**
 * Show the page in the output of a notebook's cell, or say how it can be shown.
 *
 * A frame is made only where the server lets this notebook have one: elsewhere the browser would show its own error in it. Browsers keep the
 * page's cookie from frames of other sites, and localhost and 127.0.0.1 are two: the frame takes the name that the notebook was opened by.
 * @param {string} id of the element to fill
 * @param {{url: string, origins: string[], height: string, near: boolean}} facts origins: of notebooks that may show it; near: the server is on the browser's machine
 */
(id, { url, origins, height, near }) => {
  const box = document.getElementById(id);
  if (!box || box.querySelector("iframe, .note")) return;
  const add = (kind, facts) => box.appendChild(Object.assign(document.createElement(kind), facts));
  if (origins.includes(location.origin)) {
    const address = new URL(url);
    if (near) address.hostname = location.hostname;
    box.querySelector("a").href = address.href;
    const frame = add("iframe", { title: "sam2-session", allow: "clipboard-read; clipboard-write; fullscreen" });
    Object.assign(frame.style, { display: "block", width: "100%", height, border: "0", borderRadius: "4px" });
    frame.src = address.href;
    return;
  }
  const jupyter = document.getElementById("jupyter-config-data");
  if (!jupyter) {
    add("p", { className: "note", textContent: "This program shows no page of another server in a cell: open it in a tab." });
    return;
  }
  const base = location.origin + (JSON.parse(jupyter.textContent).baseUrl ?? "/");
  const why = `The page cannot be shown here: its server runs beside the kernel and does not know the address ${location.origin}. `;
  const how = "Install jupyter-server-proxy where Jupyter runs, close this one with app.close(), and write:";
  add("p", { className: "note", textContent: why + how });
  add("pre", { textContent: `annotate(…, public_url="${base}proxy/{port}")` });
}
