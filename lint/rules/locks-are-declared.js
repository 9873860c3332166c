const LOCKING =
  /\bFOR (NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)\b(?! SKIP LOCKED)|\bpg_advisory_(xact_)?lock\b|\bLOCK TABLE\b/i;

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'Rows are locked in one order.' },
    schema: [],
    messages: {
      undeclared:
        '{{name}}() locks rows, and two units of work that lock in different orders wait for each other: let it say declareLock(…) of common/database/locks.ts first, which knows the order.',
    },
  },
  create(context) {
    const check = (node) => {
      const method = enclosing(node);
      const name = method?.key?.name ?? method?.id?.name ?? 'this';
      if (!method || !/\bdeclareLock\(/.test(context.sourceCode.getText(method)))
        context.report({ node, messageId: 'undeclared', data: { name } });
    };
    return {
      TemplateLiteral(node) {
        if (LOCKING.test(node.quasis.map(({ value }) => value.raw).join('?'))) check(node);
      },
      'Property[key.name="lock"] > ObjectExpression'(node) {
        if (node.properties.some(({ key }) => key?.name === 'mode')) check(node);
      },
      'CallExpression > MemberExpression.callee[property.name="setLock"]': check,
    };
  },
};

/** The method, function or variable in which a node stands. */
function enclosing(node) {
  for (let around = node.parent; around; around = around.parent)
    if (['MethodDefinition', 'FunctionDeclaration', 'VariableDeclarator'].includes(around.type)) {
      if (around.type !== 'VariableDeclarator' || around.parent.parent.type === 'Program') return around;
    }
  return undefined;
}
