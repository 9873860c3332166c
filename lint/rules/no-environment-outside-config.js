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
    return {
      'MemberExpression[object.name="process"][property.name="env"]': report,
      'MemberExpression[object.name="process"][property.value="env"]': report,
      'VariableDeclarator[init.name="process"] > ObjectPattern > Property[key.name="env"]': report,
      'ImportDeclaration[source.value=/^(node:)?process$/] > ImportSpecifier[imported.name="env"]': report,
    };
  },
};
