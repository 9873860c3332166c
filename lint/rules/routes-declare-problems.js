import ts from 'typescript';
import { isDecorated } from '../decorators.js';
import { ROUTES } from '../routes.js';

/** @type {import('eslint').Rule.RuleModule} */
export default {
  meta: {
    type: 'problem',
    docs: { description: 'A route declares each problem of a feature that it can answer. Needs types.' },
    schema: [],
    messages: {
      undeclared:
        '{{name}}() can answer the problem {{problem}} (thrown in {{place}}) and does not declare it: put @Problems({{problem}}) on it, so that the document and its clients know.',
    },
  },
  create(context) {
    const { parserServices } = context.sourceCode;
    if (!context.filename.endsWith('.controller.ts') || !parserServices?.program) return {};
    const checker = parserServices.program.getTypeChecker();
    return {
      MethodDefinition(method) {
        if (!isDecorated(method, ROUTES)) return;
        const declared = declaredBy(method, parserServices, checker);
        const thrown = problemsOf(parserServices.esTreeNodeToTSNodeMap.get(method), checker);
        for (const [kind, node] of thrown) {
          if (declared.has(kind)) continue;
          const file = node.getSourceFile();
          const { line } = file.getLineAndCharacterOfPosition(node.getStart());
          context.report({
            node: method.key,
            messageId: 'undeclared',
            data: {
              name: context.sourceCode.getText(method.key),
              problem: kind.name,
              place: `${file.fileName.replace(/^.*\/src\//, 'src/')}:${String(line + 1)}`,
            },
          });
        }
      },
    };
  },
};

/** The kinds of problem that `@Problems(…)` of a route names. */
function declaredBy(method, { esTreeNodeToTSNodeMap }, checker) {
  const decorators = (method.decorators ?? []).filter(
    ({ expression }) => expression.type === 'CallExpression' && expression.callee.name === 'Problems',
  );
  const named = decorators.flatMap(({ expression }) => expression.arguments);
  return new Set(named.flatMap((argument) => kindOf(esTreeNodeToTSNodeMap.get(argument), checker) ?? []));
}

/**
 * The problems that a function can throw, by itself or by what it calls of this project, with the place of each. Only
 * those that features define: the others are known by the mechanism that throws them.
 */
function problemsOf(start, checker) {
  const found = new Map();
  const visited = new Set();
  const left = [start];
  const follow = (symbol) => {
    for (const declaration of resolved(symbol, checker)?.declarations ?? []) {
      if (!visited.has(declaration) && isOwn(declaration)) {
        visited.add(declaration);
        left.push(declaration);
      }
    }
  };
  const visit = (node) => {
    if (ts.isDecorator(node) || ts.isTypeNode(node)) return;
    if (ts.isNewExpression(node) && node.arguments?.[0] && node.expression.getText() === 'AppError') {
      const kind = kindOf(node.arguments[0], checker);
      if (kind) found.set(kind, found.get(kind) ?? node);
    }
    if (ts.isIdentifier(node) && isUsed(node)) follow(checker.getSymbolAtLocation(node));
    ts.forEachChild(node, visit);
  };
  for (let next = left.pop(); next; next = left.pop()) visit(next);
  return found;
}

/** Whether an identifier is the use of a function or a constant, and not the name of a declaration. */
const isUsed = ({ parent, text }) =>
  !(ts.isBindingElement(parent) || ts.isParameter(parent) || ts.isImportSpecifier(parent)) && text !== 'undefined';

/** Functions, methods and constants of a feature; common/ throws what every route declares by itself. */
function isOwn(declaration) {
  const file = declaration.getSourceFile().fileName;
  if (!/\/src\/(?!common\/|migrations\/)/.test(file) || /\.(dto|entity|spec)\.ts$/.test(file)) return false;
  return (
    ts.isFunctionLike(declaration) ||
    (ts.isVariableDeclaration(declaration) && ts.isSourceFile(declaration.parent.parent.parent)) ||
    ts.isPropertyAssignment(declaration)
  );
}

/** The constant that `defineError(…)` of a feature gave; undefined of the problems of common/. */
function kindOf(node, checker) {
  const symbol = ts.isIdentifier(node) ? resolved(checker.getSymbolAtLocation(node), checker) : undefined;
  const declaration = symbol?.valueDeclaration;
  if (!declaration || !ts.isVariableDeclaration(declaration)) return undefined;
  const { initializer } = declaration;
  if (!initializer || !ts.isCallExpression(initializer) || initializer.expression.getText() !== 'defineError')
    return undefined;
  return /\/src\/common\//.test(declaration.getSourceFile().fileName) ? undefined : symbol;
}

const resolved = (symbol, checker) =>
  symbol && symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
