/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'An entity never leaves its feature as an answer.' },
    schema: [],
    messages: {
      entity:
        'The entity {{name}} would leave as an answer, with every column that it ever gets: answer with a DTO, made by its to…Dto() function in dto/.',
      column: 'A DTO shows no entity ({{name}}): name the members that are shown, and map the row to them in to…Dto().',
    },
  },
  create(context) {
    const isController = context.filename.endsWith('.controller.ts');
    const isDto = context.filename.endsWith('.dto.ts');
    if (!isController && !isDto) return {};
    const entities = new Set();
    const report = (node, messageId) => {
      if (node.typeName.type !== 'Identifier' || !entities.has(node.typeName.name)) return;
      context.report({ node, messageId, data: { name: node.typeName.name } });
    };
    return {
      ImportDeclaration({ source, specifiers }) {
        if (!/\.entity(\.js)?$/.test(source.value)) return;
        for (const { type, imported, local } of specifiers) {
          // entities/ has types of columns besides: what begins with a capital and is a class is for TypeScript to know
          if (type === 'ImportSpecifier' && isEntityName(imported.name, source.value)) entities.add(local.name);
        }
      },
      ...(isController
        ? {
            'MethodDefinition > FunctionExpression > TSTypeAnnotation.returnType TSTypeReference': (node) =>
              report(node, 'entity'),
          }
        : { 'PropertyDefinition > TSTypeAnnotation TSTypeReference': (node) => report(node, 'column') }),
    };
  },
};

/** Whether a file of this name declares that entity: `stock-movement.entity.js` has `StockMovement`. */
function isEntityName(name, source) {
  const [, stem = ''] = /([\w-]+)\.entity(\.js)?$/.exec(source) ?? [];
  return stem.replaceAll('-', '').toLowerCase() === name.toLowerCase();
}
