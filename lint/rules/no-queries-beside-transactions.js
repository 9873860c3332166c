const OWN_CONNECTIONS = new Set(['createQueryRunner', 'startTransaction', 'transaction', 'createEntityManager']);
const INJECTORS = new Set(['InjectDataSource', 'InjectEntityManager']);
const BESIDE = new Set(['DataSource', 'QueryRunner']);
const DRIVERS = new Set(['pg', 'pg-pool', 'postgres', '@electric-sql/pglite']);
/** What leads from a repository or its manager to connections that are in no transaction. */
const WAYS_OUT = new Set(['dataSource', 'connection', 'driver']);

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'Nothing is queried beside an open transaction.' },
    schema: [],
    messages: {
      beside:
        '{{name}} runs on a connection of its own, beside the transaction that is open: inject the repository (@InjectRepository), whose statements join it, and give its manager to run() or queryShared().',
      own: '{{name}}() begins a transaction of its own: put what belongs together into Transactions.run(…), whose transaction every call inside joins.',
      unawaited: 'What is done in a transaction is awaited, or it may come after the commit: await or return this.',
    },
  },
  create(context) {
    const report = (node, messageId, name) => {
      context.report({ node, messageId, data: { name } });
    };
    return {
      TSTypeReference(node) {
        if (node.typeName.type === 'Identifier' && BESIDE.has(node.typeName.name))
          report(node, 'beside', node.typeName.name);
      },
      Decorator({ expression }) {
        const name = expression.type === 'CallExpression' ? expression.callee.name : undefined;
        if (INJECTORS.has(name)) report(expression, 'beside', `@${name}`);
      },
      ':matches(ImportDeclaration, ImportExpression)'({ source, importKind }) {
        if (importKind !== 'type' && DRIVERS.has(source.value)) report(source, 'beside', source.value);
      },
      'MemberExpression[object.type="MemberExpression"]'({ object, property }) {
        // this.notes.manager.dataSource, this.notes.manager.connection
        if (object.property.name === 'manager' && WAYS_OUT.has(property.name))
          report(property, 'beside', property.name);
      },
      'ObjectPattern > Property'({ key, parent }) {
        // const { dataSource } = this.notes.manager
        const from = parent.parent.type === 'VariableDeclarator' ? parent.parent.init : undefined;
        if (from?.type === 'MemberExpression' && from.property.name === 'manager' && WAYS_OUT.has(key.name))
          report(key, 'beside', key.name);
      },
      'CallExpression > MemberExpression.callee'({ property }) {
        if (property.type === 'Identifier' && OWN_CONNECTIONS.has(property.name))
          report(property, 'own', property.name);
      },
      'UnaryExpression[operator="void"] > CallExpression'(node) {
        if (isInTransaction(node)) report(node, 'unawaited');
      },
    };
  },
};

/** Whether a node stands in what is given to `….run(…)` of something called transactions. */
function isInTransaction(node) {
  for (let child = node, parent = node.parent; parent; child = parent, parent = parent.parent) {
    if (parent.type !== 'CallExpression' || !parent.arguments.includes(child)) continue;
    const { callee } = parent;
    if (callee.type !== 'MemberExpression' || callee.property.name !== 'run') continue;
    const owner = callee.object.type === 'MemberExpression' ? callee.object.property : callee.object;
    if (owner.name === 'transactions') return true;
  }
  return false;
}
