/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'What happens is written to the log, as JSON, without secrets.' },
    schema: [],
    messages: {
      written:
        "{{name}} writes past the log, without its level, request id and redaction: use Nest's Logger (private readonly logger = new Logger(NotesService.name)).",
    },
  },
  create(context) {
    const report = (node, name) => {
      context.report({ node, messageId: 'written', data: { name } });
    };
    return {
      MemberExpression({ object, property, parent }) {
        if (isNamed(object, 'console')) report(parent, `console.${String(property.name ?? property.value)}`);
        else if (isNamed(object, 'process') && /^(stdout|stderr)$/.test(property.name))
          report(parent, `process.${property.name}`);
      },
      'VariableDeclarator[init.name="console"]'({ init }) {
        report(init, 'console');
      },
      'ImportDeclaration[source.value=/^(node:)?console$/]'(node) {
        report(node, 'console');
      },
    };
  },
};

/** Whether an expression is this global, by itself or as a member of `globalThis`. */
const isNamed = (node, name) =>
  (node.type === 'Identifier' && node.name === name) ||
  (node.type === 'MemberExpression' && (node.property.name === name || node.property.value === name));
