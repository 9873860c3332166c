/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'Time comes from one clock, which a test can set.' },
    schema: [],
    messages: {
      read: '{{name}} reads the time of the machine, which a test can not set: inject Clock (common/time/clock.ts) and use clock.now().',
    },
  },
  create(context) {
    const report = (node, name) => {
      context.report({ node, messageId: 'read', data: { name } });
    };
    return {
      NewExpression(node) {
        if (isDate(node.callee) && node.arguments.length === 0) report(node, 'new Date()');
      },
      CallExpression(node) {
        const { callee } = node;
        if (isDate(callee)) report(node, 'Date()');
        else if (callee.type === 'MemberExpression' && isDate(callee.object) && callee.property.name === 'now')
          report(node, 'Date.now()');
      },
    };
  },
};

/** `Date`, or `globalThis.Date`. */
const isDate = (node) =>
  (node.type === 'Identifier' && node.name === 'Date') ||
  (node.type === 'MemberExpression' && node.object.name === 'globalThis' && node.property.name === 'Date');
