/** The decorators of a class, method, property or parameter: the names of those that are called, `@Get()` as `Get`. */
export const decoratorsOf = (node) =>
  (node.decorators ?? []).flatMap(({ expression }) => {
    const callee = expression.type === 'CallExpression' ? expression.callee : expression;
    return callee.type === 'Identifier' ? [callee.name] : [];
  });

/** Whether a node has one of the decorators. */
export const isDecorated = (node, names) => decoratorsOf(node).some((name) => names.has(name));
