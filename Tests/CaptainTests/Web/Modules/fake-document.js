// SPDX-License-Identifier: Apache-2.0

// As much of a browser's document as the page's modules use, made from the page itself.

import { readFileSync } from "node:fs";

const page = new URL("../../../../Services/Captain/Web/Assets/index.html", import.meta.url);
const empty = new Set(["meta", "link", "circle", "rect", "path"]);

export class FakeElement {
  constructor(name) {
    Object.assign(this, { name, attributes: {}, children: [], listeners: {}, style: {}, dataset: {}, parent: null,
      title: "", scrollTop: 0, clientWidth: 0, namespaceURI: "svg", ownText: "" });
  }

  get className() { return this.attributes.class ?? ""; }
  set className(value) { this.attributes.class = value; }
  get hidden() { return "hidden" in this.attributes; }
  set hidden(value) { if (value) this.attributes.hidden = ""; else delete this.attributes.hidden; }
  get textContent() { return this.ownText + this.children.map(child => child.textContent).join(""); }
  set textContent(value) { this.children = []; this.ownText = value; }

  get classList() {
    const names = () => this.className.split(" ").filter(name => name);
    const without = name => names().filter(one => one !== name);
    return {
      contains: name => names().includes(name),
      remove: name => { this.className = without(name).join(" "); },
      toggle: (name, on) => { this.className = (on ? [...without(name), name] : without(name)).join(" "); },
    };
  }

  setAttribute(name, value) { this.attributes[name] = String(value); }
  getAttribute(name) { return this.attributes[name] ?? null; }
  addEventListener(name, listener) { this.listeners[name] = listener; }
  focus() { document.activeElement = this; }

  appendChild(child) {
    if (child.parent) child.parent.children = child.parent.children.filter(one => one !== child);
    child.parent = this;
    this.children.push(child);
    return child;
  }
  append(...children) { children.forEach(child => this.appendChild(child)); }
  replaceChildren(...children) {
    this.children.forEach(child => { child.parent = null; });
    this.children = [];
    this.ownText = "";
    // Without anything in it, it cannot be scrolled; a browser forgets how far it was.
    this.scrollTop = 0;
    this.append(...children);
  }

  /** This element and all below it. */
  get all() { return [this, ...this.children.flatMap(child => child.all)]; }
  querySelectorAll(name) { return this.all.filter(one => one !== this && one.name === name); }
  /** All below it that have a class. */
  having(className) { return this.all.filter(one => one.classList.contains(className)); }
}

const parse = html => {
  const root = new FakeElement("document");
  let current = root;
  for (const [, comment, name, attributes, text] of html.matchAll(/(<!.*?>)|<(\/?[a-z0-9]+)([^>]*)>|([^<]+)/gs)) {
    if (comment) continue;
    if (text !== undefined) {
      if (text.trim()) current.ownText += text.replace(/\s+/g, " ").replaceAll("&ndash;", "–");
    } else if (name.startsWith("/")) current = current.parent;
    else {
      const element = current.appendChild(new FakeElement(name));
      for (const [, key, value] of attributes.matchAll(/([a-zA-Z-]+)(?:="([^"]*)")?/g)) {
        element.attributes[key] = value ?? "";
        if (key.startsWith("data-")) element.dataset[key.slice(5)] = value;
      }
      if (!empty.has(name) && !attributes.endsWith("/")) current = element;
    }
  }
  return root;
};

/** A new page, as it stands before any module has run; it becomes the global document. */
export const newPage = () => {
  const root = parse(readFileSync(page, "utf8"));
  const byId = Object.fromEntries(root.all.filter(one => one.attributes.id).map(one => [one.attributes.id, one]));
  globalThis.document = {
    root, body: root.querySelectorAll("body")[0], activeElement: null,
    getElementById: id => byId[id] ?? null,
    createElement: name => new FakeElement(name),
    createElementNS: (_, name) => new FakeElement(name),
  };
  globalThis.location = { origin: "http://captain" };
  return { ...byId, root, body: document.body };
};
