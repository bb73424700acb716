// SPDX-License-Identifier: Apache-2.0

// Elements. Every text on the page passes through `shown`.

import { shown } from "./shown.js";

export const byId = id => document.getElementById(id);

export const make = (name, className, text) => {
  const element = document.createElement(name);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = shown(text);
  return element;
};

/** Writes a text where it is another one than before. */
export const write = (element, text) => {
  const plain = shown(text);
  if (element.textContent !== plain) element.textContent = plain;
};

/** Writes what appears when an element is pointed at. */
export const hint = (element, text) => { element.title = shown(text); };

/** Adds an element to a drawing. */
export const draw = (drawing, name, className, attributes, text) => {
  const element = document.createElementNS(drawing.namespaceURI, name);
  if (className) element.setAttribute("class", className);
  for (const key in attributes) element.setAttribute(key, attributes[key]);
  if (text !== undefined) element.textContent = shown(text);
  drawing.appendChild(element);
  return element;
};
