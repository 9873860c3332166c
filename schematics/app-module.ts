import ts from 'typescript';
import { Refusal } from './refusal.js';

/** `app.module.ts` with a module imported and listed, before the demo where that stands last. Edits what the file has, however it is written. */
export function withModule(text: string, module: string, from: string): string {
  const file = ts.createSourceFile('app.module.ts', text, ts.ScriptTarget.Latest, true);
  const modules = modulesOf(file);
  if (modules.elements.some((element) => element.getText() === module)) {
    throw new Refusal(`src/app.module.ts lists ${module} already.`);
  }
  const demo = modules.elements.find((element) => element.getText() === 'DemoModule');
  const edits = [
    demo
      ? { at: demo.getStart(), insert: `${module}, ` }
      : {
          at: modules.elements.end,
          insert: `${modules.elements.length > 0 && !modules.elements.hasTrailingComma ? ', ' : ''}${module}`,
        },
    { at: placeOfImport(file, from), insert: `import { ${module} } from '${from}';\n` },
  ];
  return edits
    .sort((a, b) => b.at - a.at)
    .reduce((edited, { at, insert }) => edited.slice(0, at) + insert + edited.slice(at), text);
}

/** `app.module.ts` without a module: neither imported nor listed. */
export function withoutModule(text: string, module: string): string {
  const file = ts.createSourceFile('app.module.ts', text, ts.ScriptTarget.Latest, true);
  const { elements } = modulesOf(file);
  const index = elements.findIndex((element) => element.getText() === module);
  const element = elements[index];
  const imported = file.statements.find(
    (one) => ts.isImportDeclaration(one) && one.getText().includes(`{ ${module} }`),
  );
  if (!element || !imported) throw new Refusal(`src/app.module.ts does not list ${module}, or imports it otherwise.`);
  const next = elements[index + 1];
  const [start, end] = next
    ? [element.getStart(), next.getStart()]
    : [elements[index - 1]?.getEnd() ?? element.getStart(), element.getEnd()];
  const withoutElement = text.slice(0, start) + text.slice(end);
  // the imports stand before the list
  return withoutElement.slice(0, imported.getStart()) + withoutElement.slice(imported.getEnd()).replace(/^\r?\n/, '');
}

/** The `imports` of the class that is decorated as a module. */
function modulesOf(file: ts.SourceFile): ts.ArrayLiteralExpression {
  for (const statement of file.statements) {
    if (!ts.isClassDeclaration(statement)) continue;
    for (const { expression } of ts.getDecorators(statement) ?? []) {
      if (!ts.isCallExpression(expression) || expression.expression.getText() !== 'Module') continue;
      const [options] = expression.arguments;
      if (!options || !ts.isObjectLiteralExpression(options)) continue;
      for (const property of options.properties) {
        if (
          ts.isPropertyAssignment(property) &&
          property.name.getText() === 'imports' &&
          ts.isArrayLiteralExpression(property.initializer)
        ) {
          return property.initializer;
        }
      }
    }
  }
  throw new Refusal('src/app.module.ts has no @Module({ imports: […] }) to put the feature into.');
}

/** Before the first import of a module that comes after it by name, or behind all imports. */
function placeOfImport(file: ts.SourceFile, from: string): number {
  const imports = file.statements.filter(ts.isImportDeclaration);
  const later = imports.find(({ moduleSpecifier }) => {
    const other = ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : '';
    return other.startsWith('.') && other > from;
  });
  if (later) return later.getStart();
  return (imports.at(-1)?.end ?? -1) + 1;
}
