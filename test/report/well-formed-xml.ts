/** An element of a document that holds nothing but elements with attributes. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
}

const references: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
/** Char of XML 1.0, 2.2. */
const legal = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;

function attributesOf(text: string): Record<string, string> {
  const attributes: Record<string, string> = {};
  const pair = /\s+([A-Za-z]+)="([^<"]*)"/y;
  while (pair.lastIndex < text.length) {
    const at = pair.lastIndex;
    const [, name, value] = pair.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new Error(`no attribute: ${JSON.stringify(text.slice(at))}`);
    if (Object.hasOwn(attributes, name)) throw new Error(`the attribute ${name} twice`);
    if (/&(?!(lt|gt|amp|quot|apos);)/.test(value)) throw new Error(`a bare ampersand: ${JSON.stringify(value)}`);
    attributes[name] = value.replace(/&([a-z]+);/g, (_, reference: string) => references[reference] ?? '');
  }
  return attributes;
}

/**
 * Reads XML 1.0 of the kind that JUnit reports are: elements with attributes, without text.
 * Throws for everything that is not well-formed.
 */
export function readXml(text: string): XmlElement {
  if (!legal.test(text)) throw new Error('a character that XML 1.0 cannot carry');
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  if (!text.startsWith(declaration)) throw new Error('no declaration');
  const root: XmlElement = { name: '', attributes: {}, children: [] };
  const open = [root];
  const tag = /\s*<(\/?)([A-Za-z]+)((?:[^<>"]|"[^<"]*")*?)(\/?)>/y;
  tag.lastIndex = declaration.length;
  while (text.slice(tag.lastIndex).trim() !== '') {
    const at = tag.lastIndex;
    const [, closes, name, inside = '', isEmpty] = tag.exec(text) ?? [];
    if (name === undefined) throw new Error(`no element: ${JSON.stringify(text.slice(at, at + 80))}`);
    if (closes === '/') {
      if (open.pop()?.name !== name || inside !== '') throw new Error(`${name} ends what it did not begin`);
      continue;
    }
    const element: XmlElement = { name, attributes: attributesOf(inside.trimEnd()), children: [] };
    open.at(-1)?.children.push(element);
    if (isEmpty !== '/') open.push(element);
  }
  const [document, second] = root.children;
  if (open.length !== 1 || document === undefined || second !== undefined) throw new Error('not one whole element');
  return document;
}

/** All values of all attributes in a document. */
export function attributeValues(element: XmlElement): string[] {
  return [...Object.values(element.attributes), ...element.children.flatMap(attributeValues)];
}
