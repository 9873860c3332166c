const DATABASE = new Set(['Repository', 'DataSource', 'EntityManager', 'QueryRunner', 'TreeRepository']);
const INJECTORS = new Set(['InjectRepository', 'InjectDataSource', 'InjectEntityManager']);

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'Controllers touch no repository.' },
    schema: [],
    messages: {
      touched: 'A controller touches no database ({{name}}): give the service a method that does it, and call that.',
    },
  },
  create(context) {
    if (!context.filename.endsWith('.controller.ts')) return {};
    const report = (node, name) => {
      context.report({ node, messageId: 'touched', data: { name } });
    };
    return {
      TSTypeReference(node) {
        if (node.typeName.type === 'Identifier' && DATABASE.has(node.typeName.name)) report(node, node.typeName.name);
      },
      Decorator({ expression }) {
        const name = expression.type === 'CallExpression' ? expression.callee.name : undefined;
        if (INJECTORS.has(name)) report(expression, `@${name}`);
      },
    };
  },
};
