const MESSAGE =
  'The environment is read in src/common/config/ alone: give Config a member, with its rules and its line in .env.example, and inject Config.';

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'The environment is read once, validated, in common/config.' },
    schema: [],
    messages: { read: MESSAGE },
  },
  create(context) {
    const report = (node) => {
      context.report({ node, messageId: 'read' });
    };
    /** Whether an expression is the process: `process`, `globalThis.process`, or one of those in brackets. */
    const isProcess = (node) =>
      (node.type === 'Identifier' && node.name === 'process') ||
      (node.type === 'MemberExpression' && propertyOf(node) === 'process');
    return {
      MemberExpression(node) {
        if (propertyOf(node) === 'env' && isProcess(node.object)) report(node);
      },
      VariableDeclarator({ id, init }) {
        if (!init || !isProcess(init)) return;
        // under another name it would not be recognized: what is taken from it is named here
        if (id.type !== 'ObjectPattern') report(id);
        else for (const part of id.properties) if (part.type !== 'Property' || part.key.name === 'env') report(part);
      },
      'ImportDeclaration[source.value=/^(node:)?process$/]'({ specifiers }) {
        for (const part of specifiers) {
          const isEnvironment = part.type === 'ImportSpecifier' && part.imported.name === 'env';
          const isRenamed = part.type !== 'ImportSpecifier' && part.local.name !== 'process';
          if (isEnvironment || isRenamed) report(part);
        }
      },
    };
  },
};

/** The name of the property that is read, however it is spelled; undefined of one that is computed. */
const propertyOf = ({ property, computed }) => (computed ? property.value : property.name);
