const PLAIN_ERRORS = new Set(['Error', 'TypeError', 'RangeError', 'SyntaxError', 'AggregateError']);
const LAYERS = /\.(service|controller|repository|guard|pipe|search)\.ts$/;

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'What a client can meet is a problem of the registry.' },
    schema: [],
    messages: {
      plain:
        'A {{name}} becomes a 500 that says nothing: throw an AppError that says what to do (new AppError(NotFound, …), or one of the feature by defineError(…) in <feature>.errors.ts).',
      nest: '{{name}} of Nest has no code, no page and no entry in the document: throw an AppError (new AppError(NotFound, …), or one of the feature by defineError(…) in <feature>.errors.ts).',
    },
  },
  create(context) {
    if (!LAYERS.test(context.filename)) return {};
    const ofNest = new Set();
    return {
      'ImportDeclaration[source.value="@nestjs/common"] > ImportSpecifier'({ imported, local }) {
        if (imported.name.endsWith('Exception')) ofNest.add(local.name);
      },
      // also where it is made to be thrown later: () => new NotFoundException()
      ':matches(NewExpression, CallExpression)'({ callee, parent }) {
        if (callee.type !== 'Identifier') return;
        const { name } = callee;
        if (ofNest.has(name)) context.report({ node: callee, messageId: 'nest', data: { name } });
        else if (PLAIN_ERRORS.has(name) && parent.type === 'ThrowStatement')
          context.report({ node: callee, messageId: 'plain', data: { name } });
      },
      'ClassDeclaration[superClass.type="Identifier"]'({ superClass }) {
        if (ofNest.has(superClass.name))
          context.report({ node: superClass, messageId: 'nest', data: { name: superClass.name } });
      },
    };
  },
};
