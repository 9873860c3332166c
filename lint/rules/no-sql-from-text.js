/** Methods of TypeORM that take SQL as text. */
const TAKES_SQL = new Set([
  'query',
  'select',
  'addSelect',
  'where',
  'andWhere',
  'orWhere',
  'having',
  'andHaving',
  'orHaving',
  'orderBy',
  'addOrderBy',
  'groupBy',
  'addGroupBy',
  'leftJoin',
  'innerJoin',
]);

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'Values reach SQL as parameters, never as text.' },
    schema: [],
    messages: {
      built:
        '{{name}}() gets SQL that is put together from text, so a value in it could be SQL too (injection): write sql`… ${value}`, which sends values as parameters; take names (columns, directions) from a constant list.',
    },
  },
  create(context) {
    /** What `raw` and `Sql` of sql-template-tag are called in this file. */
    const raws = new Set();
    const report = (node, name) => {
      context.report({ node, messageId: 'built', data: { name } });
    };
    return {
      'ImportDeclaration[source.value="sql-template-tag"] > ImportSpecifier'({ imported, local }) {
        if (imported.name === 'raw' || imported.name === 'Sql') raws.add(local.name);
      },
      ':matches(CallExpression, NewExpression)'({ callee, arguments: [sql] }) {
        if (!sql) return;
        if (callee.type === 'Identifier' && raws.has(callee.name)) {
          if (!isConstant(sql, context.sourceCode.getScope(sql))) report(sql, callee.name);
          return;
        }
        const method = callee.type === 'MemberExpression' ? callee.property.name : undefined;
        if (TAKES_SQL.has(method) && isBuilt(sql, context.sourceCode.getScope(sql))) report(sql, method);
      },
    };
  },
};

/** Whether an expression is text that stands in the source: a literal, literals joined, or a constant that is one. */
function isConstant(node, scope) {
  if (node.type === 'Literal') return true;
  if (node.type === 'TemplateLiteral') return node.expressions.every((part) => isConstant(part, scope));
  if (node.type === 'ArrayExpression') return node.elements.every((part) => isConstant(part, scope));
  if (node.type === 'BinaryExpression') return isConstant(node.left, scope) && isConstant(node.right, scope);
  if (node.type === 'ConditionalExpression')
    return isConstant(node.consequent, scope) && isConstant(node.alternate, scope);
  if (node.type === 'Identifier') {
    const value = valueOf(node, scope);
    return value !== undefined && isConstant(value, scope);
  }
  return false;
}

/** Whether an expression is text with something in it that is not constant. */
function isBuilt(node, scope) {
  if (node.type === 'TemplateLiteral' || node.type === 'BinaryExpression') return !isConstant(node, scope);
  if (node.type === 'Identifier') {
    const value = valueOf(node, scope);
    return value !== undefined && isBuilt(value, scope);
  }
  return false;
}

/** What a variable that never changes was given; undefined of others. */
function valueOf({ name }, scope) {
  for (let current = scope; current; current = current.upper) {
    const variable = current.set.get(name);
    if (!variable) continue;
    const [definition] = variable.defs;
    return definition?.type === 'Variable' && definition.parent.kind === 'const'
      ? (definition.node.init ?? undefined)
      : undefined;
  }
  return undefined;
}
