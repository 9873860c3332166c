import { featureOf, foundationsOf, tablesOf } from '../tables.js';

/** SQL keywords in front of the name of a table that is written, or read. */
const WRITES =
  /\b(?:INSERT\s+INTO|MERGE\s+INTO|UPDATE(?:\s+ONLY)?|DELETE\s+FROM|TRUNCATE(?:\s+TABLE)?|LOCK(?:\s+TABLE)?)\s+"?(\w+)/gi;
const READS =
  /(?<!\bDELETE\s+)\b(?:FROM|JOIN|USING)\s+(?:ONLY\s+|LATERAL\s+)?"?(\w+)|,\s*"?(\w+)"?\s+(?:AS\s+)?\w+\s+WHERE\b/gi;

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'A feature writes its own tables only, and reads those of the features that it builds on.' },
    schema: [],
    messages: {
      written:
        "The table {{table}} is {{owner}}'s, and only {{owner}} writes it: call a method of its service (exported by its module).",
      read: "The table {{table}} is {{owner}}'s: call a method of its service, or import its module in {{feature}}.module.ts if {{feature}} builds on {{owner}}.",
    },
  },
  create(context) {
    const feature = featureOf(context.filename);
    if (feature === undefined || feature === 'common' || feature === 'migrations') return {};
    const root = context.cwd;
    const owners = tablesOf(root);
    const foundations = foundationsOf(feature, root);
    const check = (node, text) => {
      const reported = new Set();
      const report = (table, messageId) => {
        const owner = owners.get(table?.toLowerCase());
        if (owner === undefined || owner === feature || reported.has(table)) return;
        if (messageId === 'read' && foundations.has(owner)) return;
        reported.add(table);
        context.report({ node, messageId, data: { table, owner, feature } });
      };
      for (const [, table] of text.matchAll(WRITES)) report(table, 'written');
      for (const [, one, other] of text.matchAll(READS)) report(one ?? other, 'read');
    };
    return {
      TemplateLiteral(node) {
        check(node, node.quasis.map(({ value }) => value.raw).join(' ? '));
      },
      Literal(node) {
        if (typeof node.value === 'string') check(node, node.value);
      },
    };
  },
};
