import { SaxesParser } from 'saxes';

interface Open {
  type: string | undefined;
  text: string;
  /** The members of an object, or the items of an array, as far as they are read. */
  children: [string, unknown][];
}

/** Reads XML as `src/common/http/syntax/xml.ts` writes it back into what the JSON would be. Throws for what is not well-formed. */
export function fromXml(xml: string): { root: string; namespace: string | undefined; value: unknown } {
  const parser = new SaxesParser();
  const open: Open[] = [];
  let found: ReturnType<typeof fromXml> | undefined;
  let namespace: string | undefined;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ attributes }) => {
    namespace ??= attributes.xmlns;
    open.push({ type: attributes.type, text: '', children: [] });
    names.push(attributes.name);
  });
  const names: (string | undefined)[] = [];
  parser.on('text', (text) => {
    const inner = open.at(-1);
    if (inner) inner.text += text;
  });
  parser.on('closetag', ({ name: element }) => {
    const closed = open.pop();
    const attribute = names.pop();
    if (!closed) return;
    const name = attribute === undefined ? element : String(JSON.parse(`"${attribute}"`));
    const outer = open.at(-1);
    if (outer) outer.children.push([name, valueOf(closed)]);
    else found = { root: name, namespace, value: valueOf(closed) };
  });
  parser.write(xml).close();
  if (!found) throw new Error('there is no element');
  const { root, value } = found;
  // `status` of a problem alone is a number that doesn't say so.
  if (root === 'problem' && typeof value === 'object' && value !== null && 'status' in value) {
    value.status = Number(value.status);
  }
  return found;
}

function valueOf({ type, text, children }: Open): unknown {
  switch (type) {
    case 'array':
      return children.map(([, item]) => item);
    case 'object':
      return {};
    case 'null':
      return null;
    case 'json':
    case 'number':
    case 'boolean':
      return JSON.parse(text);
    default:
      return children.length > 0 ? Object.fromEntries(children) : text;
  }
}
