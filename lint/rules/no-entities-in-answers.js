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
      base: 'A DTO does not extend an entity ({{name}}), or every new column leaves with it: name the members that are shown.',
    },
  },
  create(context) {
    const isController = context.filename.endsWith('.controller.ts');
    const isDto = context.filename.endsWith('.dto.ts');
    if (!isController && !isDto) return {};
    const entities = new Set();
    const report = (node, name, messageId) => {
      if (entities.has(name)) context.report({ node, messageId, data: { name } });
    };
    const reportType = (messageId) => (node) => {
      report(node, node.typeName.name, messageId);
    };
    const reportBase = (node) => {
      report(node, node.name, 'base');
    };
    return {
      ImportDeclaration({ source, specifiers }) {
        if (!/\.entity(\.js)?$/.test(source.value)) return;
        for (const { type, imported, local } of specifiers) {
          // a file of an entity exports types of columns too: only the class has the name of the file
          if (type === 'ImportSpecifier' && isEntityName(imported.name, source.value)) entities.add(local.name);
        }
      },
      ...(isController
        ? {
            'MethodDefinition > FunctionExpression > TSTypeAnnotation.returnType TSTypeReference': reportType('entity'),
          }
        : {
            'PropertyDefinition > TSTypeAnnotation TSTypeReference': reportType('column'),
            'ClassDeclaration > Identifier.superClass': reportBase,
            // mapped types too: PickType(Note, …), IntersectionType(NoteDto, PartialType(Note))
            'ClassDeclaration > CallExpression.superClass Identifier': reportBase,
          }),
    };
  },
};

/** Whether a file of this name declares that entity: `stock-movement.entity.js` has `StockMovement`. */
function isEntityName(name, source) {
  const [, stem = ''] = /([\w-]+)\.entity(\.js)?$/.exec(source) ?? [];
  return stem.replaceAll('-', '').toLowerCase() === name.toLowerCase();
}
